"""When to ask again: chosen from how long jobs of the same kind took before.

With checks `g(t)` seconds apart, a job that ends at age `t` is noticed `g(t)/2` late on
average, and a check of age `t` is only paid by the jobs that live so long. The least mean
delay for a given number of checks has a gap that goes with one over the square root of the
hazard, which is the chance that a job of this age ends now. So the hazard is estimated, and
its root is scaled until the expected number of checks is the one asked for.

Nothing is remembered here but the latest plans: the caller keeps the durations with its jobs.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SHORTEST_GAP: Final = 0.2
"""Seconds. However sure the end is, a provider is not asked more often."""
LONGEST_GAP: Final = 30.0
"""Seconds. However unlikely the end is, the known durations may be wrong."""
CHECKS: Final = 24.0
"""Status requests that a job may cost on average, the last included. Renders of 75 s are
then noticed about 1.1 s after their end; with half the checks, twice as late."""

_PRIOR: Final = ((0.92, 75.0, 0.35), (0.05, 150.0, 1.0), (0.03, 5.0, 1.0))
"""The assumption about an unknown kind, as (share, median in seconds, sigma) of lognormals:
most renders take a minute or two, some take much longer, some are refused at once."""
_PRIOR_JOBS: Final = 8.0
"""How many known durations weigh as much as that assumption."""
_PRIOR_SPREAD: Final = 0.35
_LEAST_BANDWIDTH: Final = 0.05
"""Of the logarithm: equal durations in the past promise the next one within a few percent."""

_FIRST_EDGE: Final = 0.5
_LAST_EDGE: Final = 3600.0
_STEP: Final = 0.06
_BINS: Final = math.ceil(math.log(_LAST_EDGE / _FIRST_EDGE) / _STEP) + 1
_EDGES: Final = (0.0, *(_FIRST_EDGE * math.exp(n * _STEP) for n in range(_BINS)))
"""Ages in seconds that bound the bins; within a bin the hazard is taken as constant."""
_WIDTHS: Final = tuple(end - start for start, end in pairwise(_EDGES))


@dataclass(frozen=True, slots=True)
class Pace:
    """The checks of one kind of job, planned over its age. Made by `plan`.

    Attributes:
        rates: Checks a second within each bin of age.
        phases: Checks made until the start of each bin, and the end of the last.
    """

    rates: tuple[float, ...]
    phases: tuple[float, ...]

    def gap(self, elapsed: float, retry_after: float | None = None) -> float:
        """Seconds from now to the next check of a job `elapsed` seconds old.

        Between `SHORTEST_GAP` and `LONGEST_GAP`, unless the provider asks for
        longer (`retry_after`, seconds), which is never undercut. An older job is
        never checked before a younger one would be. An age that is not a number counts
        as 0, an endless `retry_after` as none.
        """
        # Not one over the rate at this age: the bins in which most jobs end could be slept through.
        age = 0.0 if math.isnan(elapsed) else max(0.0, elapsed)
        own = LONGEST_GAP if age >= _EDGES[-1] else self._age_at(self._phase(age) + 1) - age
        asked = retry_after if retry_after is not None and math.isfinite(retry_after) else 0.0
        return max(asked, min(LONGEST_GAP, max(SHORTEST_GAP, own)))

    def _phase(self, age: float) -> float:
        place = bisect_right(_EDGES, age) - 1
        return self.phases[place] + (age - _EDGES[place]) * self.rates[place]

    def _age_at(self, phase: float) -> float:
        if phase >= self.phases[-1]:
            return _EDGES[-1] + (phase - self.phases[-1]) * LONGEST_GAP
        place = bisect_right(self.phases, phase) - 1
        return _EDGES[place] + (phase - self.phases[place]) / self.rates[place]


def plan(known: Iterable[float], checks: float = CHECKS) -> Pace:
    """Plan the checks of a kind of job (model, resolution, length) from its history.

    Takes about half a millisecond for 200 durations. Keep the plan until another job ends.

    Args:
        known: Seconds from submit to end of jobs that ended, in any order; of failed jobs
            too, if their end is to be noticed as soon. The latest hundred or so suffice.
            Numbers that are not positive and finite are left out. Where there are few or
            none, an assumption about renders in general fills in.
        checks: Status requests that a job may cost on average. Kept as far as the bounds
            of a gap allow, if the next jobs are like the known ones.

    Raises:
        ValueError: `checks` is less than 1 or not finite.
    """
    if not 1 <= checks < math.inf:
        raise ValueError(f"a job needs at least one check, and not {checks}")
    survival = _survival(sorted(seconds for seconds in known if 0 < seconds < math.inf))
    bins = [(*ends, width) for ends, width in zip(pairwise(survival), _WIDTHS, strict=True)]
    roots = [math.sqrt(math.log(start / end) / width) for start, end, width in bins]
    alive = [(start + end) / 2 * width for start, end, width in bins]
    rates = _rates(roots, alive, checks)
    made = (rate * width for rate, width in zip(rates, _WIDTHS, strict=True))
    return Pace(tuple(rates), tuple(accumulate(made, initial=0.0)))


def next_gap(
    elapsed: float,
    retry_after: float | None = None,
    *,
    known: Sequence[float] = (),
    checks: float = CHECKS,
) -> float:
    """Seconds to wait before checking a job that is `elapsed` seconds old.

    `plan(known, checks).gap(elapsed, retry_after)`, with the latest plans remembered.
    """
    return _remembered(tuple(known), checks).gap(elapsed, retry_after)


# A plan takes half a millisecond, and the same one is used for every check of a kind of job.
_remembered: Final = lru_cache(maxsize=32)(plan)


def _survival(known: Sequence[float]) -> list[float]:
    """The share of jobs that live to each edge: falling, and never 0. `known` is sorted."""
    jobs = len(known) + _PRIOR_JOBS
    learnt = _density([_log(seconds) for seconds in known])
    # The assumption has jobs that outlive the last edge, so no share is 0: its logarithm is taken.
    ends = [
        (count + _PRIOR_JOBS * share) / jobs
        for count, share in zip(learnt, _PRIOR_SHARES, strict=True)
    ]
    return list(accumulate(reversed(ends)))[::-1]


def _density(logs: list[float]) -> list[float]:
    """Spread each known duration over the bins around its own; the last entry is all later ones.

    A Gaussian kernel on the logarithm, by the usual rule of thumb for its width.
    """
    density = [0.0] * (_BINS + 1)
    if not logs:
        return density
    width = max(_LEAST_BANDWIDTH, 0.9 * _spread(logs) * len(logs) ** -0.2)
    reach = math.ceil(3 * width / _STEP)
    weights = [math.exp(-0.5 * (n * _STEP / width) ** 2) for n in range(-reach, reach + 1)]
    total = sum(weights)
    for place, count in Counter(math.ceil(log / _STEP) for log in logs).items():
        # What the kernel spreads over either end counts in the last bin there: no share is lost.
        for near, weight in enumerate(weights, place - reach):
            density[min(max(near, 0), _BINS)] += count * weight / total
    return density


def _spread(logs: list[float]) -> float:
    """Estimate sigma from the quartiles, which stragglers do not move, and the assumption."""
    count = len(logs)
    seen = (logs[3 * count // 4] - logs[count // 4]) / 1.349
    weight = count / (count + _PRIOR_JOBS)
    return math.sqrt(weight * seen**2 + (1 - weight) * _PRIOR_SPREAD**2)


def _log(seconds: float) -> float:
    # Bounded: beyond the last edge all is one bin, and a later end would only widen the kernel.
    return math.log(min(max(seconds, _FIRST_EDGE), 2 * _LAST_EDGE) / _FIRST_EDGE)


def _rates(roots: Sequence[float], alive: Sequence[float], checks: float) -> list[float]:
    """Scale the roots of the hazard to a rate of checks that costs `checks` a job."""
    least, most = 1 / LONGEST_GAP, 1 / SHORTEST_GAP
    low, high = 1e-2, 1e4
    # Sixteen halvings of six decades are right to 0.02 %, far closer than the hazard is known.
    for _ in range(16):
        scale = math.sqrt(low * high)
        spent = 0.5  # the check that notices comes half a gap late
        for root, seconds in zip(roots, alive, strict=True):
            spent += min(most, max(least, root * scale)) * seconds
        low, high = (low, scale) if spent > checks else (scale, high)
    return [min(most, max(least, root * low)) for root in roots]


def _prior_share(start: float, end: float) -> float:
    def lived(age: float, median: float, sigma: float) -> float:
        if age == 0:
            return 1.0
        return 0.5 * math.erfc(math.log(age / median) / sigma / math.sqrt(2))

    return sum(
        share * (lived(start, median, sigma) - lived(end, median, sigma))
        for share, median, sigma in _PRIOR
    )


_PRIOR_SHARES: Final = tuple(
    _prior_share(start, end) for start, end in pairwise((*_EDGES, math.inf))
)
