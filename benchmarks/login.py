"""Logins per second: POST /api/v1/session over mTLS."""

from benchmarks.bare_verification import bare_verification
from benchmarks.client import Connection
from benchmarks.installation import Installation
from benchmarks.measuring import Contender, Effort, Operation, race
from benchmarks.table import Row, rate_row
from benchmarks.visitors import Visitor, expect

_CLERKS = 4


def measure(installation: Installation, effort: Effort) -> list[Row]:
    """Return the rows of the subject."""
    visitors = [installation.pick_up(installation.register_unit()) for _ in range(_CLERKS)]
    for visitor in visitors:
        visitor.enter()
    verify = bare_verification(installation)
    connections = [visitor.connect() for visitor in visitors]
    try:
        logins = [_login(*pair) for pair in zip(visitors, connections, strict=True)]
        rates = race(
            [
                Contender("one", logins[:1]),
                Contender("bare", [verify]),
                Contender("several", logins),
                Contender("bare, several", [verify] * _CLERKS),
            ],
            effort,
        )
    finally:
        for connection in connections:
            connection.close()
    return [
        rate_row("log in, 1 connection", rates["one"], "bare Argon2id verification", rates["bare"]),
        rate_row(
            f"log in, {_CLERKS} connections", rates["several"],
            f"bare Argon2id verification, {_CLERKS} threads", rates["bare, several"],
        ),
    ]  # fmt: skip


def _login(visitor: Visitor, connection: Connection) -> Operation:
    request = visitor.login_request()
    return lambda: expect(201, connection.exchange(request))
