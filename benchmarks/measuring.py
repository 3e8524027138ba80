"""Measuring contenders beside each other: A B A B, medians, ratios.

Other work on the machine hits every contender of a round alike, so the ratio
of one round says more than the figures themselves. Nothing here judges: a
benchmark has no limits that it could break.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

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
    operations of one round where they use something up. `elsewhere` returns the
    seconds of processor time that other processes have worked for it so far.
    """

    name: str
    operations: Sequence[Operation]
    weight: int = 1
    most: int | None = None
    elsewhere: Callable[[], float] = lambda: 0.0


@dataclass(frozen=True)
class Rates:
    """Units of work per second, one figure a round; by the clock, and by processor time."""

    per_round: tuple[float, ...]
    per_processor_second: tuple[float, ...] = ()

    @property
    def by_processor(self) -> "Rates":
        """The same by the processor time of this process and of those that work for it."""
        return Rates(self.per_processor_second)

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
    rounds: dict[str, list[tuple[float, float]]] = {one.name: [] for one in contenders}
    for _ in range(effort.rounds):
        for contender in contenders:
            rounds[contender.name].append(_rate(contender, effort))
    return {name: Rates(*zip(*rates, strict=True)) for name, rates in rounds.items()}


def ratio(ours: Rates, theirs: Rates) -> float:
    """Return the median over the rounds of our rate to theirs in the same round."""
    pairs = zip(ours.per_round, theirs.per_round, strict=True)
    return median(one / other for one, other in pairs)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that `share` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * round(share * 100) // 100))
    return ordered[rank - 1]


def _rate(contender: Contender, effort: Effort) -> tuple[float, float]:
    most = min(effort.most, contender.most or effort.most)
    worked = process_time() + contender.elsewhere()
    started = perf_counter()
    deadline = started + effort.seconds
    if len(contender.operations) == 1:
        done = _repeat(contender.operations[0], deadline, most)
    else:
        with ThreadPoolExecutor(len(contender.operations)) as pool:
            done = sum(pool.map(lambda one: _repeat(one, deadline, most), contender.operations))
    seconds = perf_counter() - started
    units = done * contender.weight
    # The clock of another process's time may tick in hundredths.
    return units / seconds, units / max(process_time() + contender.elsewhere() - worked, 1e-9)


def _repeat(operation: Operation, deadline: float, most: int) -> int:
    for done in range(1, most + 1):
        operation()
        if perf_counter() >= deadline:
            return done
    return most
