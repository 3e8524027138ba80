"""The services of renewal, put together."""

from dataclasses import replace

from sqlalchemy.orm import Session

from enrollment.certification import CertificateIssuer
from enrollment.events import CredentialReissued, SubscriberSuspended, Subscriptions
from enrollment.issuer_chains import IssuerChains
from enrollment.renewal.eligibility import Eligibility
from enrollment.renewal.expiry import RenewalExpiry
from enrollment.renewal.files import RenewalFiles
from enrollment.renewal.renewals import Renewals
from enrollment.renewal.service import RenewalServices
from enrollment.renewal.status import RenewalStatuses
from enrollment.renewal.successors import Successors
from enrollment.settings import EnrollmentSettings
from enrollment.slips.secrets import SlipSecret
from foundation.audit import AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.randomness import Randomness


def assemble_renewal(
    *,
    database: Database,
    issuance: CertificateIssuer,
    chains: IssuerChains,
    successors: Successors,
    secret: SlipSecret,
    settings: EnrollmentSettings,
    audit: AuditLog,
    clock: Clock,
    randomness: Randomness,
) -> RenewalServices:
    """Return the services; `secret` is the kind of password that opens a file."""
    eligibility = Eligibility(settings.renewal_window, clock)
    renewals = Renewals(
        database=database,
        issuance=issuance,
        chains=chains,
        eligibility=eligibility,
        successors=successors,
        unused_for=settings.renewal_unused,
        audit=audit,
        clock=clock,
    )
    return RenewalServices(
        renewals=renewals,
        files=RenewalFiles(
            database=database,
            renewals=renewals,
            secret=secret,
            key_algorithm=settings.key_algorithm,
            audit=audit,
            randomness=randomness,
        ),
        statuses=RenewalStatuses(eligibility, clock),
        expiry=RenewalExpiry(database=database, successors=successors, audit=audit, clock=clock),
    )


def with_successors(subscriptions: Subscriptions, successors: Successors) -> Subscriptions:
    """Let what ends a subscriber's credential end the successor first."""

    def end_of_suspended(session: Session, event: SubscriberSuspended) -> None:
        successors.end_of(session, event.username, "suspended", event.by)

    def end_of_reissued(session: Session, event: CredentialReissued) -> None:
        successors.end_of(session, event.username, "reissued", event.by)

    return replace(
        subscriptions,
        subscriber_suspended=(end_of_suspended, *subscriptions.subscriber_suspended),
        credential_reissued=(end_of_reissued, *subscriptions.credential_reissued),
    )
