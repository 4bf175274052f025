"""The knobs of the stand-in: how its jobs go, what they cost and what comes out."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Result: TypeAlias = Literal["rendered", "canned", "garbage", "empty", "huge"]
"""What a completed job's URL serves; `Behaviour` says what each is."""

BillingState: TypeAlias = Literal["pending", "settled", "unavailable"]
"""Whether the charge of a completed job is known."""

OutputShape: TypeAlias = Literal["video_url", "videos", "missing"]
"""Where a completed job tells its video: `video.url`, `videos[0].url`, or nowhere."""

ProxyKeys: TypeAlias = Literal["ignored", "replayed", "consumed"]
"""What comfy-proxy does with a known idempotency key: pays again, replays, or refuses."""


@dataclass(slots=True)
class Behaviour:
    """Set its attributes at any time, also while jobs run; a wire ignores what it cannot do.

    Read whenever a job is looked at: `queue_seconds` and `render_seconds` (minimum stays in
    `queued` and `running`; `math.inf` holds the jobs there, 0 releases them; real rendering may
    take longer), `billing_state`, `content_via_files` (the content URL is one of ours that
    redirects), `expire_outputs` (no video can be downloaded any more), `expire_results` (the result
    document is gone: comfy), `queue_ahead` (other people's jobs before ours: fal, comfy),
    `cancel_stops_running` (a running job can be cancelled too), `late_cancel_status` (with which
    comfy answers a cancel that comes too late: 409, or 400), `status_tells_error` (whether fal's
    status of a failed job says so, or only its result), `replays_in_flight` (a known idempotency
    key is answered as still in flight: comfy, comfy-proxy) and `failures_show` (a failed job of
    comfy-proxy ends in an undocumented `failed`, else it stays in `started` for ever).

    Read when a job is submitted: `outcome` ("completed" or an error code that the job ends
    with: one of Pika's own, or of the wire), `refuse_at_submit` (an error code, answered at
    once), `moderate_words` (lower case; a prompt that contains one ends in
    `content_moderation`), `charge_micro_usd` (None for the wire's price), `proxy_keys`,
    `output_shape` and `result`: "rendered" is a real video, "canned" a small one of the right
    aspect and length that costs next to nothing, "garbage" undecodable bytes, "empty" none,
    "huge" an endless stream.
    """

    queue_seconds: float = 0.2
    render_seconds: float = 0.5
    outcome: str = "completed"
    refuse_at_submit: str | None = None
    result: Result = "rendered"
    billing_state: BillingState = "settled"
    charge_micro_usd: int | None = None
    output_shape: OutputShape = "video_url"
    content_via_files: bool = False
    expire_outputs: bool = False
    expire_results: bool = False
    queue_ahead: int = 0
    cancel_stops_running: bool = False
    late_cancel_status: Literal[400, 409] = 409
    status_tells_error: bool = True
    replays_in_flight: bool = False
    failures_show: bool = True
    proxy_keys: ProxyKeys = "ignored"
    moderate_words: frozenset[str] = field(default_factory=lambda: frozenset({"forbidden"}))
