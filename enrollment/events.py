"""What enrollment tells the rest of the house, inside the transaction in which it happens.

The composition root subscribes handlers: a new unit becomes known to the
registry of insured units, sessions end with the credential they began with.
A handler that raises undoes the whole act.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlalchemy.orm import Session

from foundation.audit import Actor
from policies.principal import UnitClass


@dataclass(frozen=True)
class Contact:
    """How the agency reaches a unit."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True)
class UnitRegistered:
    """A unit was enrolled (ENR-09)."""

    username: str
    credit_code: str
    name: str
    district: str
    unit_class: UnitClass
    insurance: tuple[str, ...]
    contact: Contact
    by: Actor


@dataclass(frozen=True)
class CredentialReissued:
    """A subscriber has a new slip; the old certificate is revoked (AMB-05)."""

    username: str
    old_serial_number: str | None
    new_serial_number: str
    reason: str
    by: Actor


@dataclass(frozen=True)
class CredentialEnded:
    """A slip ran out before its first login; its certificate is over with it."""

    username: str
    serial_number: str
    reason: Literal["expired"]
    by: Actor


@dataclass(frozen=True)
class CertificateSuperseded:
    """A renewed certificate was used for the first time; the one before it is revoked."""

    username: str
    old_serial_number: str
    new_serial_number: str
    by: Actor


@dataclass(frozen=True)
class SubscriberSuspended:
    """A subscriber may not log in any more (AMB-21); sessions end."""

    username: str
    by: Actor


@dataclass(frozen=True)
class SubscriberResumed:
    """A suspended subscriber may log in again."""

    username: str
    by: Actor


@dataclass(frozen=True)
class UnitClassChanged:
    """A unit became VIP or ordinary (ENR-12, AMB-21)."""

    username: str
    unit_class: UnitClass
    by: Actor


E = TypeVar("E")


@dataclass(frozen=True)
class Subscriptions:
    """The handlers of each event, called in order."""

    unit_registered: tuple[Callable[[Session, UnitRegistered], None], ...] = ()
    credential_reissued: tuple[Callable[[Session, CredentialReissued], None], ...] = ()
    credential_ended: tuple[Callable[[Session, CredentialEnded], None], ...] = ()
    subscriber_suspended: tuple[Callable[[Session, SubscriberSuspended], None], ...] = ()
    subscriber_resumed: tuple[Callable[[Session, SubscriberResumed], None], ...] = ()
    unit_class_changed: tuple[Callable[[Session, UnitClassChanged], None], ...] = ()
    certificate_superseded: tuple[Callable[[Session, CertificateSuperseded], None], ...] = ()


def publish(session: Session, event: E, handlers: Iterable[Callable[[Session, E], None]]) -> None:
    """Call every handler with the event."""
    for handler in handlers:
        handler(session, event)
