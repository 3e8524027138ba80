"""Acts that take two officers, put together."""

from collections.abc import Callable
from dataclasses import dataclass

from enrollment.subscribers.principals import Principals
from foundation.database import Database
from gateway.approvals import Approvals
from gateway.approvals.ceremony import CeremonyAct
from gateway.approvals.release import ReleaseAct
from gateway.bulk_revocation import BulkExecution, BulkRevocationAct, Selections
from gateway.bulk_revocation.continuation import Continuation
from gateway.composition.ground import Ground
from gateway.consoles.bulk_acts import BulkActs
from gateway.consoles.credential_acts import CredentialActs
from gateway.credentials import CredentialSearch
from gateway.edge.registry import KnownEdges
from gateway.revocation import CredentialRevocation
from policies.principal import Principal


@dataclass(frozen=True)
class OfficerActs:
    """What security officers do, and the jobs that finish it."""

    approvals: Approvals
    continuation: Continuation
    database: Database
    selections: Selections
    execution: BulkExecution
    credentials: CredentialActs
    bulk: BulkActs

    def sweep(self) -> None:
        """Write down what expired and go on with what is under way; a repeated job."""
        self.approvals.expire_due()
        self.continuation.run_all()

    def count_waiting(self, principal: Principal) -> int:
        """Return how many proposals wait for this officer, for the menu."""
        with self.database.reading() as session:
            return self.approvals.count_waiting(session, principal)


def assemble_officer_acts(
    ground: Ground,
    search: CredentialSearch,
    revocation: CredentialRevocation,
    principals: Principals,
    on_more: Callable[[str], None],
    edges: KnownEdges,
) -> OfficerActs:
    """Return the acts; `on_more` is told after a commit that leaves something to be done."""
    rules, audit, clock = ground.parameters.approvals, ground.audit, ground.clock
    execution = BulkExecution(revocation, audit)
    selections = Selections(search, audit, clock)
    approvals = Approvals(
        database=ground.database,
        access=ground.access,
        principals=principals,
        acts=(
            ReleaseAct(search.get, revocation),
            BulkRevocationAct(execution, on_more),
            CeremonyAct("issuing_rollover"),
            CeremonyAct("root_crl_import"),
        ),
        validity=rules.validity,
        audit=audit,
        clock=clock,
    )
    credentials = CredentialActs(
        database=ground.database,
        access=ground.access,
        search=search,
        revocation=revocation,
        approvals=approvals,
        officers_for_release=rules.release,
        audit=audit,
        clock=clock,
        zone=ground.zone,
        edges=edges,
    )
    return OfficerActs(
        approvals=approvals,
        continuation=Continuation(ground.database, execution, audit, clock),
        database=ground.database,
        selections=selections,
        execution=execution,
        credentials=credentials,
        bulk=BulkActs(
            database=ground.database,
            access=ground.access,
            credentials=credentials,
            selections=selections,
            execution=execution,
            approvals=approvals,
            officers=rules.bulk_revocation,
            validity=rules.validity,
            audit=audit,
            clock=clock,
        ),
    )
