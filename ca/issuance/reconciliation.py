"""At start: what a crash left between intent and certificate is brought to an end.

The audit log says of every prepared certificate that it was going to be issued,
with the digest of its content, and nobody can have it: it is handed out only
after it was stored. So it is completed with the same content. Whoever asks for
it later, a pickup with the same slip say, gets it; what nobody asks for stands
in the inventory like any other, and ends with its slip (`enrollment.slips.expiry`).
What may not be signed any more, because a rule, a profile or the row itself has
changed since, is abandoned with the rule's name; its number is never used again.
A signer that does not answer leaves the rest for the next time.

Numbers that are only reserved are no crash: slips wait with them for weeks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cryptography import x509
from sqlalchemy.orm import Session

from ca.errors import CertificateStateConflict, LintRefused, SigningFault
from ca.models import AuthorityName, CertificateRecord
from foundation.audit import Actor
from foundation.database import Database
from foundation.errors import Unavailable


class Finisher(Protocol):
    """What the reconciliation asks of the issuance."""

    def unfinished(self, session: Session) -> Sequence[CertificateRecord]:
        """Return what is prepared and not issued, oldest first."""
        ...

    def complete(self, database: Database, serial_number: str, by: Actor) -> x509.Certificate:
        """Sign, store and return; safe to repeat and to run in two places at once."""
        ...

    def abandon_refused(self, session: Session, serial_number: str, rule: str, by: Actor) -> None:
        """Give up what breaks `rule`."""
        ...


@dataclass(frozen=True)
class Reconciled:
    """Serial numbers by what became of them; `waiting` when a signer did not answer."""

    completed: list[str] = field(default_factory=list)
    abandoned: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)


def reconcile(issuance: Finisher, database: Database, by: Actor) -> Reconciled:
    """Bring every prepared certificate to its end and say what became of each.

    Opens its own transactions. Safe on several nodes at once, beside running
    pickups, and to be interrupted anywhere. Not for a database of which it is
    in doubt whether it is the newest (`ca.journal`): it could sign anew what an
    issued certificate has the number of.
    """
    done, silent = Reconciled(), set[AuthorityName]()
    with database.reading() as session:
        unfinished = [(row.serial_number, row.issuer) for row in issuance.unfinished(session)]
    for serial_number, issuer in unfinished:
        if issuer in silent:
            done.waiting.append(serial_number)
            continue
        try:
            _finish(issuance, database, serial_number, by, done)
        except (Unavailable, SigningFault):
            # Nothing is lost: the content stays prepared.
            silent.add(issuer)
            done.waiting.append(serial_number)
    return done


def _finish(
    issuance: Finisher, database: Database, serial_number: str, by: Actor, done: Reconciled
) -> None:
    try:
        issuance.complete(database, serial_number, by)
        done.completed.append(serial_number)
    except LintRefused as refused:
        with database.writing() as session:
            issuance.abandon_refused(session, serial_number, str(refused.params["rule"]), by)
        done.abandoned.append(serial_number)
    except CertificateStateConflict:
        # Somebody else abandoned it between the list and now.
        done.abandoned.append(serial_number)
