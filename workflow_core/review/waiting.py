"""What waits for officers, the longest waiting first, however much waits.

An index lists it in this order; district, module and words are asked of each
filing on the way, of a few thousand for a page at most. What somebody types
whole, a sequence number or a credit code, is looked up.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, exists, literal, or_, select, true, tuple_
from sqlalchemy.orm import Session

from foundation.database import Picked, pick
from workflow_core.registry.models import InsuredUnit
from workflow_core.tasks.models import WAITING_FOR_OFFICER, Task

_ORDER: Final = (Task.submitted_at, Task.id)


def find_waiting(
    session: Session,
    *,
    district: str | None,
    module: str | None,
    words: str,
    after: int | None,
    limit: int,
) -> Picked[int]:
    """Return the keys of a page of filings, `limit` at most; `last` is what to pass as `after`.

    A page may be short, even empty, and have a next one. An `after` that is
    no filing begins anew.
    """
    asked: list[ColumnElement[bool]] = []
    whole = _typed_whole(session, words) if words else None
    if whole is not None:
        # Asked, so that no index is looked at but the one of what was typed.
        asked += [Task.state == "in_review", Task.route == "officer"]
    elif words:
        asked.append(_has(words))
    listed = WAITING_FOR_OFFICER if whole is None else whole
    found = select(*_ORDER).where(listed).order_by(*_ORDER)
    if district is not None:
        asked.append(InsuredUnit.district == district)
    if module:
        asked.append(Task.module == module)
    found = found.join(InsuredUnit, InsuredUnit.credit_code == Task.owner)
    found = found.add_columns(and_(true(), *asked).label("fits"))

    def window(last: Any, length: int) -> Sequence[Row[*tuple[Any, ...]]]:
        behind = () if last is None else (_behind(last),)
        return session.execute(found.where(*behind).limit(length)).all()

    first = None if after is None else session.get(Task, after)
    if first is not None and first.submitted_at is None:
        first = None
    picked: Picked[Any] = pick([window], lambda row: bool(row.fits), most=limit, after=first)
    last = None if picked.last is None else picked.last.id
    return Picked(tuple(row.id for row in picked.rows), last)


def _behind(last: Any) -> ColumnElement[bool]:
    there = (literal(getattr(last, column.key), column.type) for column in _ORDER)
    return tuple_(*_ORDER) > tuple_(*there)


def _typed_whole(session: Session, words: str) -> ColumnElement[bool] | None:
    code = words.upper()
    for column, value, condition in (
        (Task.sequence_number, words, Task.sequence_number == words),
        (InsuredUnit.credit_code, code, Task.owner == code),
    ):
        if session.scalar(select(exists().where(column == value))):
            return condition
    return None


def _has(words: str) -> ColumnElement[bool]:
    return or_(
        InsuredUnit.name.contains(words, autoescape=True),
        Task.subject_name.contains(words, autoescape=True),
    )
