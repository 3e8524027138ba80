"""All services of one process, put together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.orm import Session

from ca.journal.settlement import Settlement
from ca.serial_numbers import read_serial_number
from enrollment.authenticators.service import Authenticators
from enrollment.events import (
    CertificateSuperseded,
    CredentialEnded,
    CredentialReissued,
    SubscriberSuspended,
    Subscriptions,
    UnitRegistered,
)
from enrollment.services import EnrollmentServices
from enrollment.services import assemble as assemble_enrollment
from foundation.audit import Actor
from foundation.database import Database, after_commit
from foundation.database.schema import schema_is_current
from gateway.admission import Admission
from gateway.audit_keeping import AuditKeeping
from gateway.composition.certification import Certification, certify
from gateway.composition.checkpoints import audit_keeping_of
from gateway.composition.edge_registry import known_edges
from gateway.composition.enrollment_settings import enrollment_settings
from gateway.composition.ground import Ground
from gateway.composition.officer_acts import OfficerActs, assemble_officer_acts
from gateway.composition.openid import openid_provider
from gateway.composition.settlement import settlement_of
from gateway.composition.tokens import TokenSigning, edge_tokens, routes_reader, token_signing
from gateway.consoles.credential_search import CredentialSearch
from gateway.edge.registry import KnownEdges
from gateway.edge.routes import Routes
from gateway.edge.tokens.service import EdgeTokens
from gateway.listeners.draining import Drain
from gateway.login import Login
from gateway.logout import Logout
from gateway.navigation import Navigation
from gateway.openid.services import OpenIdServices
from gateway.password_reset import PasswordReset
from gateway.portal.services import PortalServices
from gateway.portal.session_cookie import SessionCookies
from gateway.refusals import RefusalRecord
from gateway.revocation import CredentialRevocation
from gateway.sessions import LiveSession, SessionLimits, Sessions
from policies.passwords import PasswordPolicy, common_passwords
from workflow_core.registry import UnitFacts
from workflow_core.services import WorkflowServices
from workflow_core.services import assemble as assemble_workflow

REVIEW_JOB = "automatic_review"
BULK_REVOCATION_JOB = "bulk_revocation"
LOGOUT_JOB = "openid_logout"


class Enqueue(Protocol):
    """How a durable job is recorded; see `foundation.jobs.Jobs.enqueue`."""

    def __call__(self, name: str, key: str, *, delay: timedelta = ...) -> None:
        """Record job `name` for `key`, to run after `delay`."""
        ...


class _Signals:
    """What happens outside the database after an act; set by the process that serves.

    A command has neither jobs nor connections. The serving process finds both
    by itself: the sweep takes lost reviews, the standing watch sees the epoch.
    """

    def __init__(self) -> None:
        self.enqueue: Enqueue | None = None
        self.revocations: list[Callable[[], None]] = []
        self.sessions: list[Callable[[Session, LiveSession], None]] = []

    def revocation_happened(self) -> None:
        for told in self.revocations:
            told()

    def session_started(self, session: Session, live: LiveSession) -> None:
        for told in self.sessions:
            told(session, live)

    def sessions_ended(self, at: datetime) -> None:
        """Let applications hear of it; what ends in the same second is one job."""
        if self.enqueue is not None:
            self.enqueue(LOGOUT_JOB, at.strftime("%Y%m%dT%H%M%S"), delay=timedelta(seconds=1))

    def bulk_revocation_goes_on(self, key: str) -> None:
        if self.enqueue is not None:
            self.enqueue(BULK_REVOCATION_JOB, key)


@dataclass(frozen=True)
class House:
    """Everything a door or a command needs."""

    ground: Ground
    certification: Certification
    enrollment: EnrollmentServices
    workflow: WorkflowServices
    sessions: Sessions
    admission: Admission
    portal: PortalServices
    revocation: CredentialRevocation
    credentials: CredentialSearch
    officer_acts: OfficerActs
    edges: KnownEdges
    settlement: Settlement
    audit_keeping: AuditKeeping
    refusals: RefusalRecord
    openid: OpenIdServices
    drain: Drain
    token_signing: TokenSigning
    edge_tokens: EdgeTokens | None
    read_routes: Callable[[], Routes]
    _signals: _Signals

    @property
    def database(self) -> Database:
        """The database that everything is kept in."""
        return self.ground.database

    def is_ready(self) -> bool:
        """Say whether this node takes requests; raises what the database raises."""
        return not self.drain.is_draining and schema_is_current(self.database)

    def serial_number(self, unverified_text: str) -> str:
        """Return a typed serial number as it is stored; raises `NotFound` when it cannot be one."""
        return read_serial_number(unverified_text)

    def listen_for_revocations(self, told: Callable[[], None]) -> None:
        """Call `told` after each committed revocation, hold or release of this process."""
        self._signals.revocations.append(told)

    def enqueue_with(self, enqueue: Enqueue) -> None:
        """From now on, hand jobs to `enqueue`."""
        self._signals.enqueue = enqueue


def build_house(ground: Ground) -> House:
    """Put the house together on an initialised database.

    Raises `Failure` when the hierarchy or a key is missing, or when no
    contribution parameters hold today (AMB-15).
    """
    ground.parameters.contribution_on(ground.clock.now().astimezone(ground.zone).date())
    signals = _Signals()
    certification = certify(ground)
    workflow = _workflow(ground, signals)
    sessions = Sessions(
        ground.clock,
        ground.randomness,
        SessionLimits(ground.parameters.sessions.idle, ground.parameters.sessions.absolute),
        on_start=signals.session_started,
        on_end=lambda: signals.sessions_ended(ground.clock.now()),
    )
    refusals = RefusalRecord(ground.database, ground.audit, ground.clock)
    enrollment = assemble_enrollment(
        database=ground.database,
        clock=ground.clock,
        randomness=ground.randomness,
        audit=ground.audit,
        issuance=certification.issuance,
        revocation=certification.revocation,
        password_policy=PasswordPolicy(ground.parameters.passwords, common_passwords()),
        settings=enrollment_settings(ground),
        root=certification.hierarchy.root.certificate,
        issuers=certification.issuer_certificates,
        subscribers=_subscriptions(workflow, sessions, signals),
    )
    authenticators, principals = enrollment.authenticators, enrollment.principals
    common = (ground.database, ground.audit)
    signing, routes = token_signing(ground), routes_reader(ground.settings)
    tokens = edge_tokens(ground, signing, sessions, enrollment, routes)
    revocation = CredentialRevocation(
        certification.revocation,
        authenticators,
        sessions,
        signals.revocation_happened,
        ground.observation.observer,
    )
    credentials = CredentialSearch(certification.inventory, enrollment)
    edges = known_edges(ground)
    openid = openid_provider(
        ground, certification, sessions, principals, refusals, signing.keys, routes
    )
    if tokens is not None:
        signals.sessions.append(openid.join_edge_applications)
    officer_acts = assemble_officer_acts(
        ground, credentials, revocation, principals, signals.bulk_revocation_goes_on, edges
    )
    return House(
        ground=ground,
        certification=certification,
        enrollment=enrollment,
        workflow=workflow,
        sessions=sessions,
        admission=Admission(
            ground.database, certification.verifier, sessions, principals, authenticators
        ),
        portal=PortalServices(
            database=ground.database,
            audit=ground.audit,
            authenticators=authenticators,
            login=Login(*common, authenticators, principals, sessions, ground.observation.observer),
            logout=Logout(*common, sessions),
            password_reset=PasswordReset(*common, authenticators, sessions),
            navigation=Navigation(ground.access, officer_acts.count_waiting),
            passwords=ground.parameters.passwords,
            cookies=SessionCookies(tokens),
        ),
        revocation=revocation,
        credentials=credentials,
        officer_acts=officer_acts,
        edges=edges,
        audit_keeping=audit_keeping_of(ground),
        refusals=refusals,
        drain=Drain(ground.settings.resolved_drain_seconds),
        openid=openid,
        token_signing=signing,
        edge_tokens=tokens,
        read_routes=routes,
        settlement=settlement_of(certification, _end_credential(authenticators, sessions)),
        _signals=signals,
    )


def _end_credential(
    authenticators: Authenticators, sessions: Sessions
) -> Callable[[Session, str, Actor], None]:
    def end(session: Session, serial_number: str, by: Actor) -> None:
        authenticators.certificate_revoked(session, serial_number, by)
        sessions.end_all_of_certificate(session, serial_number, "revoked")

    return end


def _workflow(ground: Ground, signals: _Signals) -> WorkflowServices:
    def schedule_review(key: str, due_at: datetime) -> None:
        if signals.enqueue is not None:
            delay = max(due_at - ground.clock.now(), timedelta(0))
            signals.enqueue(REVIEW_JOB, key, delay=delay)

    return assemble_workflow(
        database=ground.database,
        clock=ground.clock,
        audit=ground.audit,
        access=ground.access,
        review_policy=ground.review,
        parameters=ground.parameters,
        zone=ground.zone,
        review_delay=timedelta(seconds=ground.settings.review_delay_seconds),
        schedule_review=schedule_review,
    )


def _subscriptions(
    workflow: WorkflowServices, sessions: Sessions, signals: _Signals
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
