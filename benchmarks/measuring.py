"""Measuring contenders beside each other: A B A B, medians, ratios.

Other work on the machine hits every contender of a round alike, so the ratio
of one round says more than the figures themselves. Nothing here judges: a
benchmark has no limits that it could break.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from time import perf_counter

Operation = Callable[[], object]

_WARM_UP = 3


@dataclass(frozen=True)
class Effort:
    """How long to measure: rounds, and in each the seconds and most operations of a contender."""

    rounds: int = 7
    seconds: float = 0.6
    most: int = 2_000


@dataclass(frozen=True)
class Contender:
    """One way to do the work. Each of `operations` runs in a thread of its own.

    `weight` is how many units of work one operation does; `most` bounds the
    operations of one round where they use something up.
    """

    name: str
    operations: Sequence[Operation]
    weight: int = 1
    most: int | None = None


@dataclass(frozen=True)
class Rates:
    """Units of work per second, one figure a round."""

    per_round: tuple[float, ...]

    @property
    def median(self) -> float:
        """The figure to quote."""
        return median(self.per_round)


def race(contenders: Sequence[Contender], effort: Effort) -> dict[str, Rates]:
    """Run the contenders in turn, round by round, and return their rates by name."""
    for contender in contenders:
        for operation in contender.operations:
            for _ in range(1 if contender.most is not None else _WARM_UP):
                operation()
    rounds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for _ in range(effort.rounds):
        for contender in contenders:
            rounds[contender.name].append(_rate(contender, effort))
    return {name: Rates(tuple(rates)) for name, rates in rounds.items()}


def ratio(ours: Rates, theirs: Rates) -> float:
    """Return the median over the rounds of our rate to theirs in the same round."""
    pairs = zip(ours.per_round, theirs.per_round, strict=True)
    return median(one / other for one, other in pairs)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * round(share * 100) // 100))
    return ordered[rank - 1]


def _rate(contender: Contender, effort: Effort) -> float:
    most = min(effort.most, contender.most or effort.most)
    started = perf_counter()
    deadline = started + effort.seconds
    if len(contender.operations) == 1:
        done = _repeat(contender.operations[0], deadline, most)
    else:
        with ThreadPoolExecutor(len(contender.operations)) as pool:
            done = sum(pool.map(lambda one: _repeat(one, deadline, most), contender.operations))
    return done * contender.weight / (perf_counter() - started)


def _repeat(operation: Operation, deadline: float, most: int) -> int:
    for done in range(1, most + 1):
        operation()
        if perf_counter() >= deadline:
            return done
    return most
