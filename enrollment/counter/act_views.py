"""One page for each act on a unit: what it does, a confirmation, the act."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from enrollment.counter.acts import ACTS, REISSUE_REASONS, Act, resource_of
from enrollment.counter.slip_views import slip_page
from enrollment.services import EnrollmentServices
from enrollment.slips.issuing import IssuedSlip
from enrollment.subscribers.units import UnitView
from foundation.audit import Actor
from foundation.errors import Conflict, FieldError, Invalid, NotFound
from foundation.web.pages import Pages
from foundation.web.requests import actor_of
from policies.access import AccessPolicy
from policies.principal import principal_of


class ActForm(BaseModel):
    """The confirmation of an act; each act reads only its own fields."""

    confirm_name: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=100)
    note: str = Field(default="", max_length=500)
    assessed: bool = False


def add_act_routes(
    router: APIRouter, services: EnrollmentServices, pages: Pages, access: AccessPolicy
) -> None:
    """Add ``/officer/units/{username}/{act}`` to `router`."""

    @router.get("/officer/units/{username}/{act_name}")
    def ask(request: Request, username: str, act_name: str) -> Response:
        act, unit = _allowed(request, username, act_name)
        return _page(request, act, unit, ActForm())

    @router.post("/officer/units/{username}/{act_name}")
    def do(
        request: Request, username: str, act_name: str, form: Annotated[ActForm, Form()]
    ) -> Response:
        act, unit = _allowed(request, username, act_name)
        try:
            _check(act, unit, form)
            with services.database.writing() as session:
                slip = _do(services, session, act, unit, form, actor_of(request))
        except Invalid as refused:
            return _page(request, act, unit, form, refused.fields)
        except Conflict as refused:
            field = "confirm_name" if act.names_unit else "assessed"
            return _page(
                request, act, unit, form, [FieldError(field, refused.code, refused.params)]
            )
        back = f"/officer/units/{unit.username}"
        if slip is not None:
            return slip_page(pages, request, slip, back=back)
        return RedirectResponse(f"{back}?done={act.name}", 303)

    def _allowed(request: Request, username: str, act_name: str) -> tuple[Act, UnitView]:
        act = ACTS.get(act_name)
        if act is None:
            raise NotFound("not-found")
        principal = principal_of(request)
        with services.database.reading() as session:
            unit = services.units.get(session, username)
        access.require(principal, act.action, resource_of(unit))
        return act, unit

    def _page(
        request: Request,
        act: Act,
        unit: UnitView,
        form: ActForm,
        errors: Sequence[FieldError] = (),
    ) -> Response:
        t = pages.translator(request)
        return pages.render(
            request,
            "enrollment/unit_act.html",
            status_code=422 if errors else 200,
            act=act,
            unit=unit,
            form=form,
            errors=errors,
            reason_choices=[(name, t(f"enrollment.reason.{name}")) for name in REISSUE_REASONS],
        )


def _check(act: Act, unit: UnitView, form: ActForm) -> None:
    if act.names_unit and form.confirm_name.strip() != unit.username:
        raise Invalid("confirmation-mismatch", field="confirm_name", expected=unit.username)
    if act.name == "promote" and not form.assessed:
        raise Invalid("assessment-missing", field="assessed")


def _do(
    services: EnrollmentServices,
    session: Session,
    act: Act,
    unit: UnitView,
    form: ActForm,
    by: Actor,
) -> IssuedSlip | None:
    """Carry out `act`; only a reissue makes a slip (AMB-05)."""
    match act.name:
        case "reissue":
            return services.reissue.reissue(session, unit.username, form.reason, by)
        case "promote":
            services.standing.promote(session, unit.username, by)
        case "demote":
            services.standing.demote(session, unit.username, by)
        case "suspend":
            services.standing.suspend(session, unit.username, by, note=form.note.strip())
        case "resume":
            services.standing.resume(session, unit.username, by)
    return None
