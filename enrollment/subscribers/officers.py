"""Officers of the agency and their roles (ACT-05, ACT-06)."""

from dataclasses import dataclass

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session

from enrollment.models import Officer, OfficerRole, Subscriber
from enrollment.pages import Page
from enrollment.slips.issuing import IssuedSlip, Slips
from enrollment.subscribers.finding import get_subscriber, subject_of
from enrollment.subscribers.officer_records import OfficerView, find_officers, get_officer
from enrollment.subscribers.search import make_findable
from enrollment.subscribers.usernames import Usernames
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import insert_or_conflict
from foundation.errors import Conflict, FieldError, Invalid, NotFound

__all__ = ["ROLES", "OfficerApplication", "OfficerView", "Officers"]

ROLES = (
    "administrator",
    "enrollment_officer",
    "review_officer",
    "community_officer",
    "security_officer",
    "auditor",
)

_LONGEST_NAME = 64
_LONGEST_DISTRICT = 32


@dataclass(frozen=True)
class OfficerApplication:
    """A new officer; without a name the username is shown, without a district the whole city."""

    username: str
    roles: tuple[str, ...]
    display_name: str | None = None
    district: str | None = None


class Officers:
    """The agency's officers."""

    def __init__(
        self, *, slips: Slips, usernames: Usernames, audit: AuditLog, clock: Clock
    ) -> None:
        self._slips = slips
        self._usernames = usernames
        self._audit = audit
        self._clock = clock

    def add(self, session: Session, application: OfficerApplication, by: Actor) -> IssuedSlip:
        """Enrol an officer and return the slip.

        Raises `Invalid` with everything that is wrong, and `Conflict` ("username-taken").
        """
        name = " ".join((application.display_name or application.username).split())
        district = (application.district or "").strip() or None
        self._verify(application, name, district)
        now = self._clock.now()
        self._audit.lock_chain(session)
        subscriber = Subscriber(
            username=application.username, kind="officer", display_name=name, created_at=now
        )
        insert_or_conflict(session, subscriber, Conflict("username-taken"))
        make_findable(session, subscriber)
        session.add(Officer(subscriber_id=subscriber.id, district=district))
        session.flush()
        roles = sorted(set(application.roles))
        session.add_all(
            OfficerRole(subscriber_id=subscriber.id, role=role, granted_at=now) for role in roles
        )
        session.flush()
        self._audit.record(
            session,
            "officer.added",
            by=by,
            subject=subject_of(subscriber),
            roles=roles,
            district=district,
        )
        return self._slips.issue(session, subscriber, by)

    def grant_role(self, session: Session, username: str, role: str, by: Actor) -> None:
        """Give an officer a role, which counts from the next request on.

        Raises `NotFound` ("officer-not-found"), `Invalid` ("role-unknown") and
        `Conflict` ("role-already-granted").
        """
        officer = self._lock(session, username, role)
        row = OfficerRole(subscriber_id=officer.id, role=role, granted_at=self._clock.now())
        insert_or_conflict(session, row, Conflict("role-already-granted"))
        self._record(session, "role.granted", officer, role, by)

    def revoke_role(self, session: Session, username: str, role: str, by: Actor) -> None:
        """Take a role away, which counts from the next request on.

        Raises as `grant_role`, with `Conflict` ("role-not-granted", and
        "last-administrator": nobody could put that right from within).
        """
        officer = self._lock(session, username, role)
        result = session.execute(
            delete(OfficerRole)
            .where(OfficerRole.subscriber_id == officer.id, OfficerRole.role == role)
            .execution_options(synchronize_session=False)
        )
        assert isinstance(result, CursorResult)
        if result.rowcount != 1:
            raise Conflict("role-not-granted")
        if role == "administrator" and not _administrators(session):
            raise Conflict("last-administrator")
        self._record(session, "role.revoked", officer, role, by)

    def find(
        self, session: Session, query: str = "", *, after: str | None = None, limit: int = 20
    ) -> Page[OfficerView]:
        """Return officers whose name or username contains `query`, by username."""
        return find_officers(session, query, after=after, limit=limit, now=self._clock.now())

    def get(self, session: Session, username: str) -> OfficerView:
        """Return one officer; raises `NotFound` ("officer-not-found")."""
        return get_officer(session, username, now=self._clock.now())

    def _verify(self, application: OfficerApplication, name: str, district: str | None) -> None:
        errors = self._usernames.chosen_errors(application.username)
        if not application.roles:
            errors.append(FieldError("roles", "field-required"))
        elif not set(application.roles) <= set(ROLES):
            errors.append(FieldError("roles", "role-unknown"))
        if len(name) > _LONGEST_NAME:
            errors.append(FieldError("display_name", "field-too-long", {"maximum": _LONGEST_NAME}))
        elif not name.isprintable():
            errors.append(FieldError("display_name", "field-unprintable"))
        if district is not None and (
            len(district) > _LONGEST_DISTRICT or not district.isprintable()
        ):
            errors.append(FieldError("district", "district-unknown"))
        if errors:
            raise Invalid("officer-invalid", fields=errors)

    def _lock(self, session: Session, username: str, role: str) -> Subscriber:
        if role not in ROLES:
            raise Invalid("role-unknown", field="role")
        self._audit.lock_chain(session)
        if role == "administrator":
            # Two administrators who dismiss each other must not both succeed.
            session.execute(
                select(OfficerRole.subscriber_id)
                .where(OfficerRole.role == role)
                .order_by(OfficerRole.subscriber_id)
                .with_for_update()
            )
        try:
            subscriber = get_subscriber(session, username, lock=True)
        except NotFound as missing:
            raise NotFound("officer-not-found") from missing
        if subscriber.kind != "officer":
            raise NotFound("officer-not-found")
        return subscriber

    def _record(
        self, session: Session, action: str, officer: Subscriber, role: str, by: Actor
    ) -> None:
        self._audit.record(session, action, by=by, subject=subject_of(officer), role=role)


def _administrators(session: Session) -> int:
    statement = select(func.count()).where(OfficerRole.role == "administrator")
    return session.scalar(statement) or 0
