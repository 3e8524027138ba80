"""What a transaction knows of the chain while nobody else can write to it.

It is known of the innermost savepoint only: what was locked or written in one
that was undone is not locked or written, so that nothing is taken over from one
to another.
"""

from dataclasses import dataclass

from sqlalchemy.orm import Session, SessionTransaction

_KEY = "certgate_audit_chain"

Newest = tuple[int, str]


@dataclass
class HeldChain:
    """Whether `transaction` has locked the chain, and the newest entry when it wrote that."""

    transaction: SessionTransaction | None
    is_locked: bool = False
    newest: Newest | None = None


def held_chain(session: Session) -> HeldChain:
    """Return what is known in the innermost transaction of `session`, to be added to."""
    innermost = session.get_nested_transaction() or session.get_transaction()
    if innermost is None:
        # With a connection there is a transaction.
        session.connection()
        innermost = session.get_transaction()
    held = session.info.get(_KEY)
    if not isinstance(held, HeldChain) or held.transaction is not innermost:
        held = session.info[_KEY] = HeldChain(innermost)
    return held
