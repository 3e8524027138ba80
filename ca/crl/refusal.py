"""Telling of a CRL that could not be published: in the log at once, and in the audit log."""

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from ca.crl.scopes import Scope, crl_name
from ca.models import AuthorityName
from foundation.audit import Actor, AuditLog
from foundation.errors import Failure

_LOG = structlog.get_logger(__name__)


def tell_refusal(
    session: Session,
    audit: AuditLog,
    issuer: AuthorityName,
    scopes: Sequence[Scope],
    failure: Exception,
    by: Actor,
) -> None:
    """Record that these CRLs stay as they are, and why."""
    problem = failure.code if isinstance(failure, Failure) else str(failure)
    _LOG.error("crl_not_published", issuer=issuer, problem=problem)
    audit.record(
        session,
        "crl.refused",
        by=by,
        subject=f"crl:{issuer}",
        outcome="refused",
        crls=[crl_name(issuer, scope) for scope in scopes],
        problem=problem,
    )
