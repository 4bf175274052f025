"""The knobs of the stand-in: how its jobs go, what they cost and what comes out."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Result: TypeAlias = Literal["rendered", "canned", "garbage", "empty", "huge"]
"""What a completed job's URL serves; `Behaviour` says what each is."""

BillingState: TypeAlias = Literal["pending", "settled", "unavailable"]
"""Whether the charge of a completed job is known."""

OutputShape: TypeAlias = Literal["video_url", "videos", "missing"]
"""Where a completed job tells its video: `video.url`, `videos[0].url`, or nowhere."""


@dataclass(slots=True)
class Behaviour:
    """Set its attributes at any time, also while jobs run.

    Read whenever a job is looked at: `queue_seconds` and `render_seconds` (minimum stays in
    `queued` and `running`; `math.inf` holds the jobs there, 0 releases them; real rendering may
    take longer), `billing_state`, `content_via_files` (the content URL is one of ours that
    redirects) and `expire_outputs` (no video can be downloaded any more).

    Read when a job is submitted: `outcome` ("completed" or an error code that the job ends
    with), `refuse_at_submit` (an error code, answered at once), `moderate_words` (lower case; a
    prompt that contains one ends in `content_moderation`), `charge_micro_usd` (None for the
    catalogue's price), `output_shape` and `result`: "rendered" is a real video, "canned" a small
    one of the right aspect and length that costs next to nothing, "garbage" undecodable bytes,
    "empty" none, "huge" an endless stream.
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
    moderate_words: frozenset[str] = field(default_factory=lambda: frozenset({"forbidden"}))
