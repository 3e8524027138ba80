"""Finding units however many there are, beside a scan over every name.

The scan is what a page would ask without an index of terms: `LIKE` over names,
usernames and credit codes, and the first fifty by username.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from random import Random

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from benchmarks.databases import empty_database
from benchmarks.inventory_rows import credit_code_of, fill_with_units, name_of
from benchmarks.measuring import Contender, Effort, Operation, race
from benchmarks.table import Row, rate_row
from enrollment.models import Subscriber, Unit
from enrollment.subscribers.search import Sought, find_page
from foundation.database import Database

_SIZES = (1_000, 100_000, 1_000_000)
_PAGE = 50
_NOW = datetime(2027, 1, 4, tzinfo=UTC)
_SCAN = "`LIKE` over every name"


@dataclass(frozen=True)
class _Kind:
    """A kind of text that officers type, and some of it."""

    what: str
    texts: tuple[str, ...]


def measure(folder: Path, effort: Effort) -> list[Row]:
    """Return the rows of both databases; few rounds leave out the large sizes."""
    sizes = _SIZES[: 1 if effort.rounds < 3 else 2 if effort.rounds < 7 else 3]
    rows: list[Row] = []
    for name in ("SQLite", "PostgreSQL"):
        for size in sizes:
            with _filled(folder / f"{name}-{size}", name, size) as database:
                if database is None:
                    return rows
                rows += _rows(database, effort, f"{size:,}, {name}")
    return rows


def _rows(database: Database, effort: Effort, shown: str) -> Iterator[Row]:
    for kind in _kinds():
        ours, theirs = (
            Contender(who, [_each(database, kind.texts, search)])
            for who, search in (("ours", _page), ("scan", _scan))
        )
        rates = race([ours, theirs], effort)
        yield rate_row(f"find units by {kind.what}, {shown}", rates["ours"], _SCAN, rates["scan"])


def _kinds() -> Iterator[_Kind]:
    random = Random(7)  # noqa: S311 - the same texts each time
    names = [name_of(random) for _ in range(20)]
    # Behind the place: characters of the brand and of the trade.
    yield _Kind("four characters of a name", tuple(name[-9:-5] for name in names))
    yield _Kind("two rare characters", ("梅霞", "莲岩", "杏火", "柏锦", "枫木"))
    yield _Kind("a frequent word", ("公司", "武汉", "科技", "有限公司"))
    codes = [credit_code_of(random.randrange(1, 1_000))[:14] for _ in range(20)]
    yield _Kind("the beginning of a credit code", tuple(codes))


def _each(
    database: Database, texts: tuple[str, ...], search: Callable[[Session, str], object]
) -> Operation:
    following = cycle(texts)

    def operation() -> object:
        with database.reading() as session:
            return search(session, next(following))

    return operation


def _page(session: Session, text: str) -> object:
    return find_page(session, Sought(text, units_only=True), limit=_PAGE)


def _scan(session: Session, text: str) -> object:
    statement = (
        select(Subscriber.username)
        .join(Unit, Unit.subscriber_id == Subscriber.id)
        .where(
            or_(
                Subscriber.display_name.contains(text, autoescape=True),
                Subscriber.username.contains(text, autoescape=True),
                Unit.credit_code.contains(text, autoescape=True),
            )
        )
        .order_by(Subscriber.username)
        .limit(_PAGE + 1)
    )
    return session.scalars(statement).all()


@contextmanager
def _filled(folder: Path, name: str, size: int) -> Iterator[Database | None]:
    """Yield a database with `size` units, or None where it is not installed."""
    with empty_database(folder, name) as database:
        if database is not None:
            fill_with_units(database, _NOW, size)
        yield database
