"""Acts that take two officers, as pages: the list, one proposal, the answers to it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import RedirectResponse

from foundation.database import Database
from foundation.errors import Conflict, FieldError, Invalid
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from gateway.approvals import Approvals, Kind
from gateway.approvals.ceremony import ceremony_content
from policies.principal import principal_of

ProposalId = Annotated[int, Path(ge=1, le=2**53)]
Text = Annotated[str, Form(max_length=2000)]
HOME = "/security/approvals"
CEREMONIES: Mapping[str, Kind] = {kind: kind for kind in ("issuing_rollover", "root_crl_import")}


def approvals_router(approvals: Approvals, database: Database, pages: Pages) -> APIRouter:
    """Return the pages under ``/security/approvals``."""
    router = APIRouter(include_in_schema=False, prefix=HOME)

    @router.get("")
    def find(
        request: Request,
        list: Literal["open", "closed"] = "open",
        before: Annotated[int | None, Query(ge=1, le=2**53)] = None,
    ) -> Response:
        principal = principal_of(request)
        with database.reading() as session:
            page = approvals.find(session, principal, is_open=list == "open", before=before)
        return pages.render(
            request,
            "gateway/approvals.html",
            page=page,
            list=list,
            before=before,
            may_propose_ceremony=approvals.may_propose_ceremony(principal),
        )

    @router.get("/new")
    def form(request: Request) -> Response:
        approvals.require_ceremony(principal_of(request))
        return _form(request)

    @router.post("/new")
    def propose(
        request: Request, kind: Text = "", document_sha256: Text = "", note: Text = ""
    ) -> Response:
        """Propose an act of a key ceremony by the digest of its document."""
        principal = principal_of(request)
        approvals.require_ceremony(principal)
        typed = {"kind": kind, "document_sha256": document_sha256, "note": note}
        try:
            if kind not in CEREMONIES:
                raise Invalid("field-required", field="kind")
            content = ceremony_content(document_sha256)
            with database.writing() as session:
                made = approvals.propose(
                    session, principal, CEREMONIES[kind], content, actor_of(request), note
                )
        except (Invalid, Conflict) as wrong:
            whole = (FieldError("document_sha256", wrong.code, wrong.params),)
            return _form(request, wrong.fields or whole, typed)
        return RedirectResponse(f"{HOME}/{made.id}", 303)

    @router.get("/{proposal_id}")
    def show(request: Request, proposal_id: ProposalId) -> Response:
        return _detail(request, proposal_id)

    @router.post("/{proposal_id}/approve")
    def approve(request: Request, proposal_id: ProposalId, digest: Text = "") -> Response:
        try:
            approvals.approve(principal_of(request), proposal_id, digest, actor_of(request))
        except Conflict as conflict:
            return _detail(request, proposal_id, conflict=conflict)
        return RedirectResponse(f"{HOME}/{proposal_id}", 303)

    @router.post("/{proposal_id}/refuse")
    def refuse(request: Request, proposal_id: ProposalId, reason: Text = "") -> Response:
        principal, by = principal_of(request), actor_of(request)
        try:
            with database.writing() as session:
                approvals.refuse(session, principal, proposal_id, reason, by)
        except Invalid as wrong:
            return _detail(request, proposal_id, wrong.fields, reason=reason)
        except Conflict as conflict:
            return _detail(request, proposal_id, conflict=conflict)
        return RedirectResponse(f"{HOME}/{proposal_id}", 303)

    @router.post("/{proposal_id}/withdraw")
    def withdraw(request: Request, proposal_id: ProposalId) -> Response:
        principal, by = principal_of(request), actor_of(request)
        try:
            with database.writing() as session:
                approvals.withdraw(session, principal, proposal_id, by)
        except Conflict as conflict:
            return _detail(request, proposal_id, conflict=conflict)
        return RedirectResponse(f"{HOME}/{proposal_id}", 303)

    def _form(
        request: Request,
        errors: Sequence[FieldError] = (),
        typed: dict[str, str] | None = None,
    ) -> Response:
        return pages.render(
            request,
            "gateway/approval_new.html",
            422 if errors else 200,
            kinds=tuple(CEREMONIES),
            errors=errors,
            typed=typed or {},
        )

    def _detail(
        request: Request,
        proposal_id: int,
        errors: Sequence[FieldError] = (),
        *,
        conflict: Conflict | None = None,
        reason: str = "",
    ) -> Response:
        principal = principal_of(request)
        with database.reading() as session:
            proposal = approvals.get(session, principal, proposal_id)
            may_approve = approvals.may_approve(session, principal, proposal)
        return pages.render(
            request,
            "gateway/approval.html",
            409 if conflict else 422 if errors else 200,
            proposal=proposal,
            may_approve=may_approve,
            is_own=proposal.proposed_by == principal.username,
            errors=errors,
            conflict=conflict,
            reason=reason,
        )

    return router
