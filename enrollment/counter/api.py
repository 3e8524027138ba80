"""The JSON twin of the enrollment counter (contract: ``/api/v1/units``)."""

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from enrollment.counter.acts import ACTS, resource_of
from enrollment.counter.papers import missing_papers
from enrollment.counter.registration import register_unit
from enrollment.services import EnrollmentServices
from enrollment.subscribers.units import INSURANCE_TYPES, Contact, UnitApplication
from foundation.audit import Actor
from foundation.web.requests import actor_of
from policies.access import AccessPolicy, Resource
from policies.principal import principal_of

Document = dict[str, Any]


class ContactDocument(BaseModel):
    """Whom to call at the unit."""

    name: str = Field(default="", max_length=200)
    phone: str = Field(default="", max_length=100)
    email: str = Field(default="", max_length=400)
    address: str = Field(default="", max_length=400)


class UnitDocument(BaseModel):
    """A unit to enrol. `papers` left out means: the officer has seen what AMB-01 asks for."""

    name: str = Field(max_length=400)
    credit_code: str = Field(max_length=100)
    district: str = Field(max_length=100)
    insurance: list[str] = Field(default=list(INSURANCE_TYPES), max_length=20)
    contact: ContactDocument = ContactDocument()
    new_unit: bool = False
    papers: list[str] | None = Field(default=None, max_length=20)

    def application(self) -> UnitApplication:
        """Return what the domain is asked to register."""
        return UnitApplication(
            name=self.name,
            credit_code=self.credit_code,
            district=self.district,
            insurance=tuple(self.insurance),
            contact=Contact(**self.contact.model_dump()),
        )


class ReissueDocument(BaseModel):
    """Why the old credential ends (RFC 5280, section 5.3.1)."""

    reason: str = Field(max_length=100)


class SuspendDocument(BaseModel):
    """Why the unit is suspended, for the record (ENR-20)."""

    note: str = Field(default="", max_length=500)


def officer_api_router(services: EnrollmentServices, access: AccessPolicy) -> APIRouter:
    """Return the JSON calls of the enrollment officer."""
    router = APIRouter(prefix="/api/v1/units", tags=["units"])

    @router.get("")
    def find(
        request: Request,
        q: Annotated[str, Query(max_length=200)] = "",
        district: Annotated[str | None, Query(max_length=100)] = None,
        after: Annotated[str | None, Query(max_length=100)] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> Document:
        principal = principal_of(request)
        within = district or principal.district
        access.require(principal, "list_units", Resource("Unit", "*", district=within))
        with services.database.reading() as session:
            page = services.units.find(
                session, q.strip(), district=within, after=after, limit=limit
            )
        return {"items": [unit.as_document() for unit in page.items], "next": page.next}

    @router.post("", status_code=201)
    def register(request: Request, response: Response, wanted: UnitDocument) -> Document:
        """Enrol a unit; the answer is its slip, given this once."""
        principal = principal_of(request)
        access.require(
            principal, "register_unit", Resource("Unit", "new", district=wanted.district)
        )
        missing = (
            [] if wanted.papers is None else missing_papers(wanted.papers, new_unit=wanted.new_unit)
        )
        with services.database.writing() as session:
            slip = register_unit(
                session, services.units, wanted.application(), missing, actor_of(request)
            )
        response.headers["cache-control"] = "no-store"
        return slip.as_document()

    @router.get("/{username}")
    def show(request: Request, username: str) -> Document:
        with services.database.reading() as session:
            unit = services.units.get(session, username)
        access.require(principal_of(request), "find_units", resource_of(unit))
        return unit.as_document()

    @router.post("/{username}/reissue", status_code=201)
    def reissue(
        request: Request, response: Response, username: str, wanted: ReissueDocument
    ) -> Document:
        """Revoke the old certificate and return a new slip; the username stays (AMB-05)."""
        with services.database.writing() as session:
            _require(request, session, username, "reissue")
            slip = services.reissue.reissue(session, username, wanted.reason, actor_of(request))
        response.headers["cache-control"] = "no-store"
        return slip.as_document()

    @router.post("/{username}/promote")
    def promote(request: Request, username: str) -> Document:
        return _act(request, username, "promote", services.standing.promote)

    @router.post("/{username}/demote")
    def demote(request: Request, username: str) -> Document:
        return _act(request, username, "demote", services.standing.demote)

    @router.post("/{username}/suspend")
    def suspend(request: Request, username: str, wanted: SuspendDocument | None = None) -> Document:
        note = wanted.note if wanted else ""
        return _act(request, username, "suspend", partial(services.standing.suspend, note=note))

    @router.post("/{username}/resume")
    def resume(request: Request, username: str) -> Document:
        return _act(request, username, "resume", services.standing.resume)

    def _act(
        request: Request, username: str, act: str, do: Callable[[Session, str, Actor], object]
    ) -> Document:
        with services.database.writing() as session:
            _require(request, session, username, act)
            do(session, username, actor_of(request))
            return services.units.get(session, username).as_document()

    def _require(request: Request, session: Session, username: str, act: str) -> None:
        unit = services.units.get(session, username)
        access.require(principal_of(request), ACTS[act].action, resource_of(unit))

    return router
