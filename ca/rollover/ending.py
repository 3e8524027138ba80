"""Ending an issuing CA before its time: everything below it is refused from then on.

The root's CRL says so (RFC 5280 section 6.3: every certificate on a path is
looked up). It is made here when the root's key is here, and otherwise in a
ceremony, whose CRL is imported (`ca.crl`).
"""

from sqlalchemy.orm import Session

from ca.authorities.records import read_authorities
from ca.errors import CertificateAlreadyRevoked
from ca.models import AuthorityName
from ca.names.authority_names import ROOT
from ca.records import change_state, get_record
from ca.revocation.acts import Acts, Change
from ca.rollover.errors import AuthorityNotRetired, AuthorityUnknown, RolloverRefused
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock

# RFC 5280 section 5.3.1, those that can be said of an authority.
AUTHORITY_REASONS = (
    "cACompromise",
    "superseded",
    "cessationOfOperation",
    "affiliationChanged",
    "unspecified",
)


def require_authority_reason(unverified_reason: str) -> str:
    """Return the reason; raises `RolloverRefused` for one that is not in `AUTHORITY_REASONS`."""
    if unverified_reason not in AUTHORITY_REASONS:
        raise RolloverRefused
    return unverified_reason


class IssuingCaEnding:
    """Revokes the certificates of issuing CAs."""

    def __init__(self, acts: Acts, audit: AuditLog, clock: Clock) -> None:
        self._acts = acts
        self._audit = audit
        self._clock = clock

    def revoke(self, session: Session, name: AuthorityName, reason: str, by: Actor) -> None:
        """Revoke a retired issuing CA and publish the root's CRL, in the caller's transaction.

        Raises `RolloverRefused` for the reason, `AuthorityUnknown`,
        `AuthorityNotRetired` for the one that issues,
        `CertificateAlreadyRevoked`, and `RootKeyOffline`. Does not ask whether
        `by` may do this: from the command line it is the operator's act.
        """
        require_authority_reason(reason)
        self._audit.lock_chain(session)
        record = read_authorities(session).get(name)
        if record is None or name == ROOT:
            raise AuthorityUnknown(name)
        if record.state != "retired":
            raise AuthorityNotRetired(name)
        certificate = get_record(session, record.serial_number)
        if certificate.state == "revoked":
            raise CertificateAlreadyRevoked(record.serial_number)
        at = self._clock.now()
        change_state(
            session, record.serial_number, ("good",), "revoked", revoked_at=at, reason=reason
        )
        self._acts.conclude(session, [Change(certificate, "revoked", at, reason)], by)
