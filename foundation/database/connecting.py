"""How a PostgreSQL server is reached, so that no caller waits for it without end.

What the operator writes into the URL wins over what stands here.
"""

from collections.abc import Mapping

from sqlalchemy import URL, make_url, text
from sqlalchemy.orm import Session

from foundation.database.answering import STATEMENT_SECONDS, wait_for_answers

# libpq, 34.1.2 (parameter key words). A server that has gone without a word
# (power, network) is noticed after some ten seconds, in use or idle.
_REACHING: Mapping[str, str | int] = {
    "connect_timeout": 3,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    # Of several hosts in the URL the primary is meant, also after a failover.
    "target_session_attrs": "read-write",
}
# Milliseconds that the server gives a statement, a lock, a silent transaction:
# a node that is frozen with the lock of the audit chain must not stop the others.
_PATIENCE = {
    "statement_timeout": 30_000,
    "lock_timeout": 15_000,
    "idle_in_transaction_session_timeout": 60_000,
}
POOL = {"pool_size": 10, "max_overflow": 20, "pool_timeout": 5}


def reaching(url: str | URL) -> dict[str, str | int]:
    """Return libpq's parameters for a server that may be away."""
    named = make_url(url).query
    return {name: value for name, value in _REACHING.items() if name not in named}


def patience(url: str | URL) -> dict[str, str]:
    """Return the parameter that bounds what a statement may wait for."""
    if "options" in make_url(url).query:
        return {}
    return {"options": " ".join(f"-c {name}={value}" for name, value in _PATIENCE.items())}


def answered_within(url: str | URL) -> float | None:
    """Return the seconds after which a silent server is given up; None when the URL says more."""
    return STATEMENT_SECONDS if patience(url) else None


def take_time(session: Session) -> None:
    """Let this transaction of `session` run as long as it needs; it should lock nothing."""
    if session.get_bind().dialect.name != "sqlite":
        for name in _PATIENCE:
            session.execute(text(f"SET LOCAL {name} = 0"))
        wait_for_answers(session)
