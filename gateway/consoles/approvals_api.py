"""Acts that take two officers, as JSON."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from foundation.database import Database
from foundation.web.requests import actor_of
from gateway.approvals import Approvals
from gateway.approvals.ceremony import ceremony_content
from policies.principal import principal_of

ProposalId = Annotated[int, Path(ge=1, le=2**53)]


class CeremonyProposal(BaseModel):
    """A document of a key ceremony, by its SHA-256, for a second officer to approve."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["issuing_rollover", "root_crl_import"]
    document_sha256: Annotated[str, Field(max_length=200)]
    note: Annotated[str, Field(max_length=500)] = ""


class Approval(BaseModel):
    """What is approved: the digest that the proposal shows."""

    model_config = ConfigDict(extra="forbid")

    digest: Annotated[str, Field(min_length=64, max_length=64)]


class Refusal(BaseModel):
    """Why not; the proposer reads it."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(max_length=500)]


def approvals_api_router(approvals: Approvals, database: Database) -> APIRouter:
    """Return ``/api/v1/approvals``."""
    router = APIRouter(prefix="/api/v1/approvals", tags=["approvals"])

    @router.get("")
    def find(
        request: Request,
        list: Literal["open", "closed", "all"] = "open",
        before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    ) -> dict[str, Any]:
        is_open = None if list == "all" else list == "open"
        with database.reading() as session:
            page = approvals.find(session, principal_of(request), is_open=is_open, before=before)
        return {"items": [each.as_document() for each in page.items], "next": page.next}

    @router.post("", status_code=201)
    def propose(request: Request, proposal: CeremonyProposal) -> dict[str, Any]:
        """Propose an act of a key ceremony; other acts are proposed where they are asked for."""
        principal, by = principal_of(request), actor_of(request)
        content = ceremony_content(proposal.document_sha256)
        with database.writing() as session:
            made = approvals.propose(session, principal, proposal.kind, content, by, proposal.note)
        return made.as_document()

    @router.get("/{proposal_id}")
    def show(request: Request, proposal_id: ProposalId) -> dict[str, Any]:
        with database.reading() as session:
            return approvals.get(session, principal_of(request), proposal_id).as_document()

    @router.post("/{proposal_id}/approve")
    def approve(request: Request, proposal_id: ProposalId, approval: Approval) -> dict[str, Any]:
        """Approve exactly this content; it is done when the answer comes."""
        principal, by = principal_of(request), actor_of(request)
        return approvals.approve(principal, proposal_id, approval.digest, by).as_document()

    @router.post("/{proposal_id}/refuse")
    def refuse(request: Request, proposal_id: ProposalId, refusal: Refusal) -> dict[str, Any]:
        principal, by = principal_of(request), actor_of(request)
        with database.writing() as session:
            done = approvals.refuse(session, principal, proposal_id, refusal.reason, by)
        return done.as_document()

    @router.post("/{proposal_id}/withdraw")
    def withdraw(request: Request, proposal_id: ProposalId) -> dict[str, Any]:
        principal, by = principal_of(request), actor_of(request)
        with database.writing() as session:
            return approvals.withdraw(session, principal, proposal_id, by).as_document()

    return router
