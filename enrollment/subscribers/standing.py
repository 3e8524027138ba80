"""Class and standing of subscribers: VIP or ordinary, active or suspended."""

from typing import Literal

from sqlalchemy import update
from sqlalchemy.orm import Session

from enrollment.conditional_updates import changed_one
from enrollment.events import (
    SubscriberResumed,
    SubscriberSuspended,
    Subscriptions,
    UnitClassChanged,
    publish,
)
from enrollment.models import Subscriber, Unit
from enrollment.subscribers.finding import find_subscriber, get_subscriber, subject_of
from foundation.audit import Actor, AuditLog
from foundation.errors import Conflict, NotFound
from policies.principal import UnitClass

_LONGEST_NOTE = 500


class Standing:
    """Changes class and standing; the next request of the subscriber meets the change."""

    def __init__(self, *, subscriptions: Subscriptions, audit: AuditLog) -> None:
        self._subscriptions = subscriptions
        self._audit = audit

    def promote(self, session: Session, username: str, by: Actor) -> None:
        """Make an ordinary unit VIP (ENR-12, ENR-13).

        Raises `NotFound` ("unit-not-found") and `Conflict` ("already-vip").
        """
        self._change_class(session, username, "ordinary", "vip", by)

    def demote(self, session: Session, username: str, by: Actor) -> None:
        """Make a VIP unit ordinary (AMB-21); what it submitted keeps its routing.

        Raises `NotFound` ("unit-not-found") and `Conflict` ("already-ordinary").
        """
        self._change_class(session, username, "vip", "ordinary", by)

    def suspend(self, session: Session, username: str, by: Actor, note: str = "") -> None:
        """Bar a subscriber from logging in (ENR-20, AMB-21).

        The certificate stays as it is; a successor that waits for its first
        login ends, through the subscriptions (`enrollment.renewal.assembly`).

        `note` is kept in the audit log. Raises `NotFound`
        ("subscriber-not-found") and `Conflict` ("already-suspended").
        """
        subscriber = self._change_standing(session, username, "active", "suspended")
        self._audit.record(
            session,
            "subscriber.suspended",
            by=by,
            subject=subject_of(subscriber),
            note=note[:_LONGEST_NOTE],
        )
        suspended = SubscriberSuspended(subscriber.username, by)
        publish(session, suspended, self._subscriptions.subscriber_suspended)

    def resume(self, session: Session, username: str, by: Actor) -> None:
        """Let a suspended subscriber log in again.

        Raises `NotFound` ("subscriber-not-found") and `Conflict` ("not-suspended").
        """
        subscriber = self._change_standing(session, username, "suspended", "active")
        self._audit.record(session, "subscriber.resumed", by=by, subject=subject_of(subscriber))
        resumed = SubscriberResumed(subscriber.username, by)
        publish(session, resumed, self._subscriptions.subscriber_resumed)

    def _change_class(
        self, session: Session, username: str, before: UnitClass, after: UnitClass, by: Actor
    ) -> None:
        self._audit.lock_chain(session)
        subscriber = find_subscriber(session, username)
        if subscriber is None or subscriber.kind != "unit":
            raise NotFound("unit-not-found")
        statement = (
            update(Unit)
            .where(Unit.subscriber_id == subscriber.id, Unit.unit_class == before)
            .values(unit_class=after)
        )
        if not changed_one(session, statement):
            raise Conflict(f"already-{after}")
        self._audit.record(
            session,
            "unit.promoted" if after == "vip" else "unit.demoted",
            by=by,
            subject=subject_of(subscriber),
        )
        changed = UnitClassChanged(subscriber.username, after, by)
        publish(session, changed, self._subscriptions.unit_class_changed)

    def _change_standing(
        self,
        session: Session,
        username: str,
        before: Literal["active", "suspended"],
        after: Literal["active", "suspended"],
    ) -> Subscriber:
        self._audit.lock_chain(session)
        subscriber = get_subscriber(session, username)
        statement = (
            update(Subscriber)
            .where(Subscriber.id == subscriber.id, Subscriber.standing == before)
            .values(standing=after)
        )
        if not changed_one(session, statement):
            raise Conflict("already-suspended" if after == "suspended" else "not-suspended")
        return subscriber
