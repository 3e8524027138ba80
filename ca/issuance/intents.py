"""What was prepared and may be signed once its transaction is committed."""

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from ca.issuance.drafting import Drafted, Wanted
from ca.linting import LintedTbs
from foundation.database import after_commit


@dataclass
class Intent:
    """Content whose row and audit entry stand in a transaction of the caller's.

    Whoever has it spares `Issuance.complete` reading and linting the same octets
    again. Good for one signature.
    """

    wanted: Wanted
    drafted: Drafted = field(repr=False)
    _is_durable: bool = False

    @classmethod
    def in_transaction(cls, session: Session, wanted: Wanted, drafted: Drafted) -> "Intent":
        """Return the intent of what was just written to `session`."""
        intent = cls(wanted, drafted)
        after_commit(session, intent._settle)
        return intent

    def take(self) -> LintedTbs:
        """Return the token for the signer; raises `ValueError` before the commit.

        Nothing is signed whose serial number a crash could still take back.
        """
        if not self._is_durable:
            raise ValueError("the intent is not committed")
        return self.drafted.linted

    def _settle(self) -> None:
        self._is_durable = True
