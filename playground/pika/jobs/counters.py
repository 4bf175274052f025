"""What the stand-in counts."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counters:
    """What the stand-in has seen and charged since it began; money in micro-USD.

    `paid_submits` counts jobs newly accepted (each may be charged), `refused` those refused at
    submit, `replays` submits answered with an earlier job; `requests` is by operation.
    """

    paid_submits: int = 0
    replays: int = 0
    refused: int = 0
    completed: int = 0
    charged_micro_usd: int = 0
    requests: Counter[str] = field(default_factory=Counter)
