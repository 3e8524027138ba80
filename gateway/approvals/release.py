"""Releasing a hold, which takes two officers."""

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from ca.errors import CertificateAlreadyRevoked, CertificateNotOnHold
from ca.inventory import CertificateSummary
from foundation.audit import Actor
from foundation.errors import Conflict
from gateway.approvals.acts import Content, Done
from gateway.approvals.kinds import Kind
from gateway.credentials import Credential
from gateway.revocation import CredentialRevocation
from policies.access import OfficerAction, Resource

FindCredential = Callable[[Session, str], Credential]


def release_content(credential: Credential) -> Content:
    """Return what a release is about: this certificate, and this hold of it.

    The moment of the hold is part of it: a later hold of the same certificate,
    for another suspicion, is not lifted by an approval of the first. Raises
    `Conflict` unless the certificate is on hold.
    """
    certificate = credential.certificate
    return {
        "serial_number": certificate.serial_number,
        "username": certificate.subscriber,
        "display_name": credential.display_name,
        "held_at": _held_at(certificate),
    }


class ReleaseAct:
    """Lifts a hold when the second officer approves."""

    kind: Kind = "release"
    propose_action: OfficerAction = "propose_release"
    approve_action: OfficerAction = "approve_release"

    def __init__(self, find: FindCredential, revocation: CredentialRevocation) -> None:
        self._find = find
        self._revocation = revocation

    def subject(self, content: Content) -> str:
        """Return the certificate as the audit log names it."""
        return f"certificate:{content['serial_number']}"

    def resource(self, session: Session, content: Content) -> Resource:
        """Return the certificate with the district it belongs to now."""
        credential = self._find(session, str(content["serial_number"]))
        number = credential.certificate.serial_number
        return Resource("Certificate", number, district=credential.district)

    def execute(self, session: Session, content: Content, by: Actor) -> Done:
        """Lift exactly this hold; raises `Conflict` when it is no longer there."""
        serial_number = str(content["serial_number"])
        present = self._find(session, serial_number).certificate
        if _held_at(present) != content["held_at"]:
            raise Conflict("hold-differs")
        receipt = self._revocation.release(session, serial_number, by)
        return Done(receipt.as_document())


def _held_at(certificate: CertificateSummary) -> str:
    if certificate.state == "revoked":
        raise CertificateAlreadyRevoked(certificate.serial_number)
    if certificate.state != "on_hold" or certificate.revoked_at is None:
        raise CertificateNotOnHold(certificate.serial_number, certificate.state)
    return _exactly(certificate.revoked_at)


def _exactly(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
