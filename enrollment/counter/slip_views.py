"""The print page of a fresh slip and its PDF.

Secrets exist only in the answer that issued the slip. The page carries them in
hidden fields; asking for the PDF posts them back over the same connection, the
sheet is drawn from what was posted, and nothing is kept on the way.
"""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import AwareDatetime, BaseModel, Field

from enrollment.paper.slip_pdf import SlipPdf
from enrollment.public.downloads import PDF, attachment
from enrollment.slips.issuing import IssuedSlip
from foundation.paper.qr import QrCode
from foundation.web.pages import Pages
from policies.access import AccessPolicy, Resource, ResourceKind
from policies.principal import principal_of

_RESOURCE: dict[str, ResourceKind] = {"unit": "Unit", "person": "Person", "officer": "Officer"}


class PostedSlip(BaseModel):
    """The values of a slip, coming back from the page that showed them."""

    username: str = Field(min_length=1, max_length=64)
    initial_password: str = Field(min_length=1, max_length=64)
    serial_number: str = Field(pattern="^[0-9A-F]{1,40}$")
    download_password: str = Field(min_length=1, max_length=64)
    pickup_url: str = Field(pattern="^https?://", max_length=400)
    root_fingerprint_sha256: str = Field(pattern="^[0-9A-F]{64}$")
    expires_at: AwareDatetime
    issued_at: AwareDatetime
    display_name: str = Field(min_length=1, max_length=200)
    kind: Literal["unit", "person", "officer"]

    def slip(self) -> IssuedSlip:
        """Return the slip to draw."""
        return IssuedSlip(**self.model_dump())


def slip_page(pages: Pages, request: Request, slip: IssuedSlip, *, back: str) -> HTMLResponse:
    """Return the page that shows `slip` this once; `back` is where work goes on."""
    return pages.render(
        request,
        "enrollment/slip.html",
        headers={"cache-control": "no-store"},
        slip=slip,
        qr=QrCode.of(slip.pickup_url).data_uri(),
        posted=_fields(slip),
        back=back,
    )


def slip_pdf_router(access: AccessPolicy, slip_pdf: SlipPdf) -> APIRouter:
    """Return the route that turns a slip on the screen into a PDF."""
    router = APIRouter(prefix="/officer/slips", include_in_schema=False)

    @router.post("/pdf")
    def pdf(request: Request, posted: Annotated[PostedSlip, Form()]) -> Response:
        principal = principal_of(request)
        resource = Resource(_RESOURCE[posted.kind], posted.username, district=principal.district)
        access.require(principal, "issue_slip", resource)
        return attachment(
            slip_pdf.render(posted.slip()),
            PDF,
            file_name=f"slip-{posted.serial_number[:8]}.pdf",
            display_name=f"密码条-{posted.username}.pdf",
        )

    return router


def _fields(slip: IssuedSlip) -> dict[str, str]:
    values = {name: getattr(slip, name) for name in PostedSlip.model_fields}
    return {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in values.items()
    }
