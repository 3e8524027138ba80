"""Admission asks the database anew, once for each request."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import event, update

from enrollment.models import OfficerRole, PasswordAuthenticator, Subscriber
from gateway.sessions import SessionRecord
from tests.support.bureau import Bureau, Visitor


@contextmanager
def statements(bureau: Bureau) -> Iterator[list[str]]:
    """Collect the statements of the block."""
    engine, seen = bureau.house.database.engine, list[str]()

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def status(visitor: Visitor) -> int:
    return int(visitor.get("/api/v1/session").status_code)


def test_a_request_is_admitted_by_one_statement(bureau: Bureau) -> None:
    """Certificate, session, standing and roles are of one moment."""
    unit = bureau.arrive(bureau.register_unit())
    officer = bureau.arrive(bureau.register_officer("wang.fang", "security_officer", "auditor"))
    for visitor, roles in ((unit, []), (officer, ["auditor", "security_officer"])):
        assert status(visitor) == 200
        with statements(bureau) as seen:
            answer = visitor.get("/api/v1/session")
        assert (answer.status_code, answer.json()["roles"]) == (200, roles)
        assert [one.split()[0] for one in seen] == ["SELECT"]


def test_every_fact_is_asked_again_by_the_next_request(bureau: Bureau) -> None:
    """AMB-21: whoever changed it, and without telling this process."""
    slip = bureau.register_officer("wang.fang", "auditor")
    visitor = bureau.arrive(slip)
    database = bureau.house.database

    def change(statement: object) -> None:
        with database.writing() as session:
            session.execute(statement)  # type: ignore[call-overload]

    change(update(OfficerRole).values(role="administrator"))
    assert visitor.get("/api/v1/session").json()["roles"] == ["administrator"]

    change(update(PasswordAuthenticator).values(must_change=True))
    assert visitor.get("/api/v1/session").json()["must_change_password"] is True
    assert visitor.get("/api/v1/tasks").status_code == 403
    change(update(PasswordAuthenticator).values(must_change=False))

    change(update(Subscriber).values(standing="suspended"))
    assert status(visitor) == 403
    change(update(Subscriber).values(standing="active"))
    assert status(visitor) == 200

    change(update(SessionRecord).values(certificate_digest="0" * 64))
    assert status(visitor) == 403


def test_use_is_noted_once_a_minute(bureau: Bureau) -> None:
    """The write that keeps a session alive is not the price of every request."""
    visitor = bureau.arrive(bureau.register_unit())
    for seconds, writes in ((59, 0), (1, 1), (1, 0)):
        bureau.clock.advance(timedelta(seconds=seconds))
        with statements(bureau) as seen:
            assert status(visitor) == 200
        assert sum(one.startswith("UPDATE sessions") for one in seen) == writes
