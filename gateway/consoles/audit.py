"""The auditor's console: the audit log, newest first, and whether its chain holds."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from foundation.audit import AuditEntry, BrokenChain
from foundation.audit.verification import Verified
from foundation.database import Database
from foundation.errors import Unavailable
from foundation.web.pages import Pages
from gateway.audit_keeping import AuditKeeping
from gateway.navigation import AUDIT_LOG
from policies.access import AccessPolicy
from policies.principal import principal_of

_PAGE = 50


def audit_router(
    database: Database, pages: Pages, access: AccessPolicy, keeping: AuditKeeping
) -> APIRouter:
    """Return the pages under ``/officer/audit``."""
    router = APIRouter(include_in_schema=False, prefix="/officer/audit")

    @router.get("")
    def show(
        request: Request,
        subject: Annotated[str, Query(max_length=128)] = "",
        actor: Annotated[str, Query(max_length=64)] = "",
        before: Annotated[int | None, Query(ge=1)] = None,
    ) -> Response:
        access.require(principal_of(request), "read_audit", AUDIT_LOG)
        with database.reading() as session:
            entries = _read(session, subject.strip(), actor.strip(), before)
        following = entries[_PAGE - 1].sequence if len(entries) > _PAGE else None
        return pages.render(
            request,
            "gateway/audit.html",
            entries=entries[:_PAGE],
            facts_of=_facts_of,
            following=following,
            subject=subject,
            actor=actor,
            before=before,
        )

    @router.get("/verification")
    def verify(request: Request) -> Response:
        """Walk the whole log now: chain, checkpoints, and those that were kept outside."""
        access.require(principal_of(request), "read_audit", AUDIT_LOG)
        broken: BrokenChain | None = None
        verified: Verified | None = None
        try:
            verified = keeping.verify(keeping.anchored())
        except BrokenChain as found:
            broken = found
        except OSError as failed:
            raise Unavailable("audit-anchor-unreadable") from failed
        return pages.render(
            request, "gateway/audit_verification.html", verified=verified, broken=broken
        )

    return router


def _facts_of(entry: AuditEntry) -> dict[str, Any]:
    """Return what the entry tells, by name, without what is empty."""
    facts: dict[str, Any] = json.loads(entry.facts)
    shown = {name: value for name, value in facts.items() if value is not None}
    return {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in shown.items()
    }


def _read(session: Session, subject: str, actor: str, before: int | None) -> list[AuditEntry]:
    query = select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(_PAGE + 1)
    if before is not None:
        query = query.where(AuditEntry.sequence < before)
    if subject:
        query = query.where(AuditEntry.subject == subject)
    if actor:
        query = query.where(AuditEntry.actor == actor)
    return list(session.scalars(query))
