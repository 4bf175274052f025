"""The knobs of the stand-in: how its jobs go, what they cost and what comes out."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Result: TypeAlias = Literal["rendered", "canned", "garbage", "empty", "huge"]
"""What a completed job's URL serves.

"rendered" is a real video, "canned" a small one of the right aspect and length that costs next to
nothing, "garbage" undecodable bytes, "empty" none, "huge" an endless stream.
"""

BillingState: TypeAlias = Literal["pending", "settled", "unavailable"]
"""Whether the charge of a completed job is known."""

OutputShape: TypeAlias = Literal["video_url", "videos", "missing"]
"""Where a completed job tells its video: `video.url`, `videos[0].url`, or nowhere."""

ProxyKeys: TypeAlias = Literal["ignored", "replayed", "consumed"]
"""What comfy-proxy does with a known idempotency key: pays again, replays, or refuses."""


@dataclass(slots=True)
class Behaviour:
    """Set its attributes at any time; a wire ignores those that it has no use for.

    Those from `outcome` to `moderate_words` are read when a job is submitted, the others
    whenever it is looked at, so that they change running jobs too.
    """

    queue_seconds: float = 0.2
    """The least stay in the queue; `math.inf` holds the jobs there, 0 lets them go."""

    render_seconds: float = 0.5
    """The least stay in work, as `queue_seconds`; real rendering may take longer."""

    outcome: str = "completed"
    """Or the error code that a job ends with: one of Pika's own, or one of the wire."""

    refuse_at_submit: str | None = None
    """An error code that a submit is answered with at once."""

    result: Result = "rendered"
    """What comes out of a completed job."""

    charge_micro_usd: int | None = None
    """What a job costs; None for the wire's price."""

    output_shape: OutputShape = "video_url"
    """Where the result names its video."""

    moderate_words: frozenset[str] = field(default_factory=lambda: frozenset({"forbidden"}))
    """A prompt that contains one of them, in lower case, ends in `content_moderation`."""

    proxy_keys: ProxyKeys = "ignored"
    """Whether comfy-proxy heeds idempotency keys."""

    billing_state: BillingState = "settled"
    """What pika tells of the charge of a completed job."""

    content_via_files: bool = False
    """Whether pika's content URL is one of its own that redirects to the other origin."""

    expire_outputs: bool = False
    """No video can be downloaded any more."""

    expire_results: bool = False
    """Comfy keeps no result any more."""

    queue_ahead: int = 0
    """Other people's jobs before ours, as fal and comfy tell."""

    cancel_stops_running: bool = False
    """Whether a cancel stops a running job too; else it goes on and is charged."""

    late_cancel_status: Literal[400, 409] = 409
    """With what comfy answers a cancel that comes too late; its document names both."""

    status_tells_error: bool = True
    """Whether fal's status of a failed job says so, or its result alone."""

    replays_in_flight: bool = False
    """A known idempotency key is answered as still in flight, on comfy and comfy-proxy."""

    failures_show: bool = True
    """A failed job of comfy-proxy ends in an undocumented `failed`, or stays `started` for ever."""
