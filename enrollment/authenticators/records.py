"""Reading which certificate belongs to whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from enrollment.models import CertificateAuthenticator, Subscriber
from policies.principal import Kind


@dataclass(frozen=True)
class CertificateOwner:
    """Whose a certificate is; `bound_at` is its first login, `ended_at` its end for logins.

    `pending` says that it is the successor of another one that is still in use.
    """

    username: str
    display_name: str
    kind: Kind
    bound_at: datetime | None
    ended_at: datetime | None
    pending: bool = False


def find_certificate_owner(session: Session, serial_number: str) -> CertificateOwner | None:
    """Return the owner of the certificate on a slip, or None. Does not look at revocation."""
    statement = (
        select(Subscriber, CertificateAuthenticator)
        .join(CertificateAuthenticator, CertificateAuthenticator.subscriber_id == Subscriber.id)
        .where(CertificateAuthenticator.serial_number == serial_number)
        .execution_options(populate_existing=True)
    )
    row = session.execute(statement).one_or_none()
    if row is None:
        return None
    subscriber, authenticator = row
    return CertificateOwner(
        username=subscriber.username,
        display_name=subscriber.display_name,
        kind=cast(Kind, subscriber.kind),
        bound_at=authenticator.bound_at,
        ended_at=authenticator.ended_at,
        pending=authenticator.pending,
    )


def current_serial_numbers(session: Session, subscriber_ids: Collection[int]) -> dict[int, str]:
    """Return the serial number of each subscriber's current certificate, not its successor's."""
    statement = select(
        CertificateAuthenticator.subscriber_id, CertificateAuthenticator.serial_number
    ).where(
        CertificateAuthenticator.subscriber_id.in_(subscriber_ids),
        CertificateAuthenticator.ended_at.is_(None),
        CertificateAuthenticator.pending.is_(False),
    )
    return {row[0]: row[1] for row in session.execute(statement)}
