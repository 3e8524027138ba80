"""The one act of revocation, and its repetition after a restore, put together."""

from sqlalchemy.orm import Session

from ca.journal.reconciliation import Reconciliation
from ca.journal.settlement import Settlement
from ca.revocation.acts import Acts
from enrollment.authenticators.service import Authenticators
from foundation.audit import Actor
from gateway.composition.certification import Certification
from gateway.composition.signals import Signals
from gateway.revocation import CredentialRevocation
from gateway.sessions import Sessions


def credential_revocation(
    certification: Certification,
    authenticators: Authenticators,
    sessions: Sessions,
    signals: Signals,
) -> CredentialRevocation:
    """Return what ends a credential with everything that it opened."""
    return CredentialRevocation(
        certification.revocation,
        authenticators,
        sessions,
        signals.revocation_happened,
        certification.ground.observation.observer,
    )


def settlement_of(
    certification: Certification, authenticators: Authenticators, sessions: Sessions
) -> Settlement:
    """Return what brings the database up to the revocation journal, sessions included."""
    ground = certification.ground

    def end_credential(session: Session, serial_number: str, by: Actor) -> None:
        authenticators.certificate_revoked(session, serial_number, by)
        sessions.end_all_of_certificate(session, serial_number, "revoked")

    return Settlement(
        database=ground.database,
        journal=certification.journal,
        is_elsewhere=ground.settings.revocation_journal is not None,
        reconciliation=Reconciliation(
            acts=Acts(certification.crls, ground.audit, certification.journal),
            audit=ground.audit,
            crl_shards=ground.parameters.certificates.crl_shards,
            on_ended=end_credential,
        ),
        audit=ground.audit,
        clock=ground.clock,
    )
