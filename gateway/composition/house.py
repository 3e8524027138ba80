"""All services of one process, put together: the table of contents of this folder."""

from collections.abc import Callable
from dataclasses import dataclass

from ca.journal.settlement import Settlement
from ca.serial_numbers import read_serial_number
from enrollment.services import EnrollmentServices
from foundation.database import Database
from foundation.database.schema import schema_is_current
from gateway.admission import Admission
from gateway.admission.refusals import RefusalRecord
from gateway.audit_keeping import AuditKeeping
from gateway.composition.certification import Certification, certify
from gateway.composition.checkpoints import audit_keeping_of
from gateway.composition.edge_registry import known_edges
from gateway.composition.enrollment import enrollment_services
from gateway.composition.ground import Ground
from gateway.composition.officer_acts import OfficerActs, assemble_officer_acts
from gateway.composition.openid import openid_provider
from gateway.composition.portal import admission_of, live_sessions, portal_services
from gateway.composition.revocation import credential_revocation, settlement_of
from gateway.composition.signals import Enqueue, Signals
from gateway.composition.subscriptions import subscriptions
from gateway.composition.tokens import TokenSigning, edge_tokens, routes_reader, token_signing
from gateway.composition.workflow import workflow_services
from gateway.credentials import CredentialSearch
from gateway.edge.registry import KnownEdges
from gateway.edge.routes import Routes
from gateway.edge.tokens.service import EdgeTokens
from gateway.listeners.draining import Drain
from gateway.openid.services import OpenIdServices
from gateway.portal.services import PortalServices
from gateway.revocation import CredentialRevocation
from gateway.sessions import Sessions
from workflow_core.services import WorkflowServices


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
    _signals: Signals

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
    signals = Signals()
    refusals = RefusalRecord(ground.database, ground.audit, ground.clock)

    # The CA, the business tasks, and who may hold a credential.
    certification = certify(ground)
    workflow = workflow_services(ground, signals)
    sessions = live_sessions(ground, signals)
    enrollment = enrollment_services(
        ground, certification, subscriptions(workflow, sessions, signals)
    )
    authenticators, principals = enrollment.authenticators, enrollment.principals

    # What ends a credential, and the officers who do.
    revocation = credential_revocation(certification, authenticators, sessions, signals)
    credentials = CredentialSearch(certification.inventory)
    edges = known_edges(ground)
    officer_acts = assemble_officer_acts(
        ground, credentials, revocation, principals, signals.bulk_revocation_goes_on, edges
    )

    # Other applications, behind an edge or by OpenID Connect.
    signing, routes = token_signing(ground), routes_reader(ground.settings)
    tokens = edge_tokens(ground, signing, sessions, enrollment, routes)
    openid = openid_provider(
        ground, certification, sessions, principals, refusals, signing.keys, routes
    )
    if tokens is not None:
        signals.sessions.append(openid.join_edge_applications)

    return House(
        ground=ground,
        certification=certification,
        enrollment=enrollment,
        workflow=workflow,
        sessions=sessions,
        admission=admission_of(certification, sessions),
        portal=portal_services(ground, enrollment, sessions, tokens, officer_acts.count_waiting),
        revocation=revocation,
        credentials=credentials,
        officer_acts=officer_acts,
        edges=edges,
        settlement=settlement_of(certification, authenticators, sessions),
        audit_keeping=audit_keeping_of(ground),
        refusals=refusals,
        openid=openid,
        drain=Drain(ground.settings.resolved_drain_seconds),
        token_signing=signing,
        edge_tokens=tokens,
        read_routes=routes,
        _signals=signals,
    )
