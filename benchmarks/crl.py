"""CRLs however many certificates there are: the full one, its memory, and one revocation.

Every certificate in the database is revoked when the full CRL is made; in another
one in twenty is, as after years in a bureau. The baseline of the full CRL
is the library's own builder, given the same list by its constructor.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from sqlalchemy import update

from benchmarks.crl_processes import Made, full_crl_by_library, full_crl_by_us, in_a_process
from benchmarks.crl_rows import fill
from benchmarks.databases import empty_database
from benchmarks.measuring import Effort
from benchmarks.table import Row, time_row
from ca.crl.models import CrlScopeRecord
from policies.parameters import load_parameters
from tests.support.revocation import RULES, RevocableCa, make_revocable

_SIZES = (1_000, 100_000, 1_000_000)
_ACTS = 20
_SHARDS = load_parameters().certificates.crl_shards
_LIBRARY = "`cryptography`'s builder, same list"


@dataclass(frozen=True)
class _Acts:
    """Seconds of single revocations, by how many certificates there are."""

    name: str
    by_size: dict[int, list[float]]

    def rows(self, shown: str) -> Iterator[Row]:
        first, *_ = self.by_size
        for size, seconds in self.by_size.items():
            yield time_row(
                f"revoke among {size:,} certificates, {shown}, {self.name}",
                seconds,
                f"among {first:,}",
                self.by_size[first],
            )


def measure(folder: Path, effort: Effort) -> list[Row]:
    """Return the rows of both databases; few rounds leave out the large sizes."""
    sizes = _SIZES[: 1 if effort.rounds < 3 else 2 if effort.rounds < 7 else 3]
    rows: list[Row] = []
    for name in ("SQLite", "PostgreSQL"):
        few, every = _Acts(name, {}), _Acts(name, {})
        for size in sizes:
            with _filled(folder / f"{name}-{size}-few", name, size, revoked_one_in=20) as ca:
                if ca is None:
                    return rows
                few.by_size[size] = _time_acts(ca, effort)
            with _filled(folder / f"{name}-{size}-all", name, size, revoked_one_in=1) as ca:
                if ca is None:
                    return rows
                rows += _full_rows(ca, f"{size:,} entries, {name}")
                every.by_size[size] = _time_acts(ca, effort)
        rows += few.rows("one in 20 revoked")
        rows += every.rows("all of them revoked")
    return rows


def _full_rows(ca: RevocableCa, shown: str) -> Sequence[Row]:
    ours, theirs = _full_crl(ca), full_crl_by_library(ca.database.url)
    return [
        time_row(f"full CRL of {shown}", [ours.seconds], _LIBRARY, [theirs.seconds]),
        Row(
            f"memory for it, {shown}",
            ours.megabytes,
            _LIBRARY,
            theirs.megabytes,
            ours.megabytes / theirs.megabytes,
            "MB",
        ),
    ]


def _full_crl(ca: RevocableCa) -> Made:
    # The first one has none before it to be compared with; the second one does.
    full_crl_by_us(ca)
    return full_crl_by_us(ca)


def _time_acts(ca: RevocableCa, effort: Effort) -> list[float]:
    seconds = []
    for _ in range(min(_ACTS, effort.most)):
        serial_number = ca.issue().serial_number
        started = perf_counter()
        ca.revoke(serial_number)
        seconds.append(perf_counter() - started)
    return seconds


@contextmanager
def _filled(
    folder: Path, name: str, size: int, *, revoked_one_in: int
) -> Iterator[RevocableCa | None]:
    """Yield a CA with `size` certificates, or None where the database is not installed."""
    with empty_database(folder, name) as database:
        if database is None:
            yield None
            return
        ca = make_revocable(database, folder, rules=replace(RULES, shards=_SHARDS))
        now = ca.ca.clock.now()

        def prepare() -> None:
            # A connection must not be shared with the process that this one comes from.
            database.engine.dispose(close=False)
            fill(database, now, size, shards=_SHARDS, revoked_one_in=revoked_one_in)
            with database.writing() as session:
                # What was filled in has not been published: nothing is compared with it.
                session.execute(update(CrlScopeRecord).values(crl_number=0))
            ca.crls.refresh_due(database)

        # Elsewhere: this process stays small, so that the memory of the next shows.
        in_a_process(prepare)
        yield ca
