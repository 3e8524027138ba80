"""What a program is told when its act waits for a second officer."""

from fastapi.responses import JSONResponse

from foundation.i18n import Translator
from gateway.approvals import ProposalView


def awaited(proposal: ProposalView, t: Translator) -> JSONResponse:
    """Return 202 (RFC 9110, section 15.3.3): taken, not done, and what to do next."""
    page = f"/security/approvals/{proposal.id}"
    document = {
        **proposal.as_document(),
        "detail": t("approval.waits_detail", page=page),
        "page": page,
    }
    where = {"location": f"/api/v1/approvals/{proposal.id}"}
    return JSONResponse(document, 202, headers=where)
