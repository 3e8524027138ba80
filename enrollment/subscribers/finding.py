"""Finding subscribers by username, or by a part of a name."""

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from enrollment.models import CertificateAuthenticator, Subscriber
from enrollment.subscribers.usernames import normalise_username
from foundation.errors import NotFound


def find_subscriber(
    session: Session, unverified_username: str, *, lock: bool = False
) -> Subscriber | None:
    """Return the subscriber as the database has it now, or None.

    With `lock` other transactions that lock it wait until this one ends.
    """
    username = normalise_username(unverified_username)
    if username is None:
        return None
    query = select(Subscriber).where(Subscriber.username == username)
    if lock:
        query = query.with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def get_subscriber(session: Session, unverified_username: str, *, lock: bool = False) -> Subscriber:
    """Return the subscriber; raises `NotFound` ("subscriber-not-found")."""
    subscriber = find_subscriber(session, unverified_username, lock=lock)
    if subscriber is None:
        raise NotFound("subscriber-not-found")
    return subscriber


def has_in_its_name(
    text: str, *, further: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """Return the condition that `text` is in a display name or username.

    The case of ASCII's letters does not count. `further` is one more column's
    condition for texts of ASCII. Every row may have to be read, so as little is
    asked of each as the text allows: usernames are ASCII, and a text without
    cases is found without `lower`, about which a planner knows nothing either.
    """
    name = Subscriber.display_name
    is_caseless = text.lower() == text.upper()
    part_of = name.contains if is_caseless else name.icontains
    conditions = [part_of(text, autoescape=True)]
    if text.isascii():
        conditions.append(Subscriber.username.contains(text.lower(), autoescape=True))
        if further is not None:
            conditions.append(further)
    return or_(*conditions)


def lock_owner(session: Session, serial_number: str) -> Subscriber | None:
    """Lock and return the subscriber a certificate was reserved for, or None."""
    query = (
        select(Subscriber)
        .join(CertificateAuthenticator, CertificateAuthenticator.subscriber_id == Subscriber.id)
        .where(CertificateAuthenticator.serial_number == serial_number)
        .with_for_update(of=Subscriber)
    )
    return session.scalars(query.execution_options(populate_existing=True)).one_or_none()


def subject_of(subscriber: Subscriber) -> str:
    """Return how the audit log names a subscriber, as ``unit:wh000123``."""
    return f"{subscriber.kind}:{subscriber.username}"
