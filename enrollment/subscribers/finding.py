"""Finding one subscriber, by username or by certificate."""

from sqlalchemy import select
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
