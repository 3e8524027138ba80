"""Keeping the terms of subscribers as their names are."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from enrollment.models import Subscriber, SubscriberTerm, Unit
from enrollment.subscribers.search.folding import fold
from enrollment.subscribers.search.terms import terms_of
from foundation.database import Database, execute_for_each

_BATCH = 500
_BATCHES_AT_ONCE = 100


def make_findable(session: Session, subscriber: Subscriber, credit_code: str | None = None) -> None:
    """Write what the subscriber is found by; after entering one, and after every new name.

    `credit_code` is a unit's. The subscriber has its id already.
    """
    name = fold(subscriber.display_name)
    terms = terms_of(name, subscriber.username, credit_code)
    before = set[str]()
    if subscriber.searched_name is not None:
        before = terms_of(subscriber.searched_name, subscriber.username, credit_code)
    gone = delete(SubscriberTerm).where(
        SubscriberTerm.subscriber_id == subscriber.id, SubscriberTerm.term.in_(before - terms)
    )
    if before - terms:
        session.execute(gone.execution_options(synchronize_session=False))
    _insert(session, ((term, subscriber.id) for term in terms - before))
    subscriber.searched_name = name
    session.flush()


class TermFilling:
    """The periodic job for subscribers that a program without terms has entered."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def fill(self, batches: int = _BATCHES_AT_ONCE) -> int:
        """Write the terms of those who have none, and return of how many.

        Opens its own transactions, one for each few hundred, and stops after
        `batches` of them. Safe to run on several nodes and to be interrupted
        anywhere.
        """
        done = 0
        for _ in range(batches):
            with self._database.writing() as session:
                rows = _without_terms(session)
                _write_terms(session, rows)
            done += len(rows)
            if len(rows) < _BATCH:
                break
        return done


def _without_terms(session: Session) -> Sequence[Row[int, str, str, str | None]]:
    query = (
        select(Subscriber.id, Subscriber.username, Subscriber.display_name, Unit.credit_code)
        .outerjoin(Unit, Unit.subscriber_id == Subscriber.id)
        .where(Subscriber.searched_name.is_(None))
        .order_by(Subscriber.id)
        .limit(_BATCH)
        # What another node is at is not waited for.
        .with_for_update(of=Subscriber, skip_locked=True)
    )
    return session.execute(query).all()


def _write_terms(session: Session, rows: Sequence[Row[int, str, str, str | None]]) -> None:
    if not rows:
        return
    names = {row.id: fold(row.display_name) for row in rows}
    _insert(
        session,
        (
            (term, row.id)
            for row in rows
            for term in terms_of(names[row.id], row.username, row.credit_code)
        ),
    )
    statement = (
        update(Subscriber)
        .where(Subscriber.id == bindparam("of_id"))
        .values(searched_name=bindparam("name"))
    )
    execute_for_each(
        session, statement, [{"of_id": key, "name": name} for key, name in names.items()]
    )


def _insert(session: Session, terms: Iterable[tuple[str, int]]) -> None:
    # In the order of the key, which is kinder to an index; and two transactions
    # that write the same terms meet in the same order.
    rows = [{"term": term, "subscriber_id": key} for term, key in sorted(terms)]
    if rows:
        execute_for_each(session, insert(SubscriberTerm), rows)
