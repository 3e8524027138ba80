"""What the other rooms do when enrollment says that something has happened."""

from sqlalchemy.orm import Session

from enrollment.events import (
    CertificateSuperseded,
    CredentialEnded,
    CredentialReissued,
    SubscriberSuspended,
    Subscriptions,
    UnitRegistered,
)
from foundation.database import after_commit
from gateway.composition.signals import Signals
from gateway.sessions import Sessions
from workflow_core.registry import UnitFacts
from workflow_core.services import WorkflowServices


def subscriptions(
    workflow: WorkflowServices, sessions: Sessions, signals: Signals
) -> Subscriptions:
    """Let the rooms hear of each other; every handler runs in the event's transaction."""

    def enter_unit(session: Session, event: UnitRegistered) -> None:
        contact = event.contact
        facts = UnitFacts(
            event.credit_code,
            event.name,
            event.district,
            event.insurance,
            contact.name,
            contact.phone,
            contact.email,
            contact.address,
        )
        workflow.registry.units.register(session, facts, event.by)

    def end_sessions_of_reissued(session: Session, event: CredentialReissued) -> None:
        sessions.end_all_of_subscriber(session, event.username, "reissued")
        after_commit(session, signals.revocation_happened)

    def end_sessions_of_ended(session: Session, event: CredentialEnded) -> None:
        sessions.end_all_of_certificate(session, event.serial_number, "revoked")
        after_commit(session, signals.revocation_happened)

    def end_sessions_of_suspended(session: Session, event: SubscriberSuspended) -> None:
        sessions.end_all_of_subscriber(session, event.username, "suspended")

    def end_sessions_of_superseded(session: Session, event: CertificateSuperseded) -> None:
        sessions.end_all_of_certificate(session, event.old_serial_number, "superseded")
        after_commit(session, signals.revocation_happened)

    return Subscriptions(
        unit_registered=(enter_unit,),
        credential_reissued=(end_sessions_of_reissued,),
        credential_ended=(end_sessions_of_ended,),
        subscriber_suspended=(end_sessions_of_suspended,),
        certificate_superseded=(end_sessions_of_superseded,),
    )
