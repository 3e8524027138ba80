"""What would become of a certificate in a bulk revocation, said in SQL for any number."""

from datetime import datetime
from typing import Final, Literal

from sqlalchemy import Case, ColumnElement, Select, case, literal, select

from ca.models import CertificateRecord
from ca.profiles import AUTHORITY_PROFILES
from enrollment.models import Subscriber, Unit

Verdict = Literal[
    "hit", "own", "already_revoked", "abandoned", "expired", "service", "authority", "unknown"
]
VERDICTS: Final[tuple[Verdict, ...]] = (
    "hit", "own", "already_revoked", "abandoned", "expired", "service", "authority", "unknown",
)  # fmt: skip

_SERVICE_PROFILES = ("server", "ocsp")


def candidates(
    conditions: tuple[ColumnElement[bool], ...], *, username: str, now: datetime
) -> Select[str, str, str, str | None, str | None, str | None]:
    """Return serial number, verdict, profile, subscriber, name and district of what fits.

    `username` is who asks: nobody ends the own certificate together with others
    and so locks the door from inside.
    """
    row = CertificateRecord
    return (
        select(
            row.serial_number,
            _verdict(username, now),
            row.profile,
            row.subscriber,
            Subscriber.display_name,
            Unit.district,
        )
        .outerjoin(Subscriber, Subscriber.username == row.subscriber)
        .outerjoin(Unit, Unit.subscriber_id == Subscriber.id)
        .where(*conditions)
    )


def _verdict(username: str, now: datetime) -> Case[str]:
    row = CertificateRecord
    return case(
        # An authority ends otherwise (docs/operations.md), and the portal's own
        # certificates end one by one: without them nobody reaches the portal.
        (row.profile.in_(AUTHORITY_PROFILES), literal("authority")),
        (row.profile.in_(_SERVICE_PROFILES), literal("service")),
        (row.state == "revoked", literal("already_revoked")),
        (row.state == "abandoned", literal("abandoned")),
        # Nobody trusts it any more, and a CRL leaves it out (RFC 5280, section 5).
        (row.not_after < now, literal("expired")),
        (row.subscriber == username, literal("own")),
        else_=literal("hit"),
    )
