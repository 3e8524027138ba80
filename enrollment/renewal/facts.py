"""What decides on a renewal, read in two statements that are built once."""

from typing import Final, cast

from sqlalchemy import Table, bindparam, select

from ca.models import CertificateRecord
from enrollment.models import (
    CertificateAuthenticator,
    PasswordAuthenticator,
    Renewal,
    Subscriber,
    Unit,
)
from foundation.database import Statement

_OWNERS: Final = cast(Table, Subscriber.__table__)
_UNITS: Final = cast(Table, Unit.__table__)
_HELD: Final = cast(Table, CertificateAuthenticator.__table__)
_PASSWORDS: Final = cast(Table, PasswordAuthenticator.__table__)
_ISSUED: Final = cast(Table, CertificateRecord.__table__)
_RENEWALS: Final = cast(Table, Renewal.__table__)

# The subscriber whom the certificate `serial` was reserved for.
LOCKED_OWNER: Final = Statement(
    select(
        _OWNERS.c.id, _OWNERS.c.username, _OWNERS.c.kind, _OWNERS.c.display_name, _OWNERS.c.standing
    )
    .join(_HELD, _HELD.c.subscriber_id == _OWNERS.c.id)
    .where(_HELD.c.serial_number == bindparam("serial"))
    .with_for_update(of=_OWNERS)
)

# One row for the subscriber `owner`; the tables allow one open password and renewal.
RENEWAL_FACTS: Final = Statement(
    select(
        _HELD.c.id.label("current_id"),
        _PASSWORDS.c.must_change,
        _UNITS.c.credit_code,
        _ISSUED.c.state,
        _ISSUED.c.reason,
        _ISSUED.c.not_after,
        _RENEWALS.c.new_serial_number,
        _RENEWALS.c.key_digest,
    )
    .select_from(_OWNERS)
    .outerjoin(
        _HELD,
        (_HELD.c.subscriber_id == _OWNERS.c.id)
        & (_HELD.c.serial_number == bindparam("serial"))
        & _HELD.c.ended_at.is_(None)
        & _HELD.c.bound_at.is_not(None)
        & _HELD.c.pending.is_(False),
    )
    .outerjoin(
        _PASSWORDS,
        (_PASSWORDS.c.subscriber_id == _OWNERS.c.id) & _PASSWORDS.c.ended_at.is_(None),
    )
    .outerjoin(_UNITS, _UNITS.c.subscriber_id == _OWNERS.c.id)
    .outerjoin(_ISSUED, _ISSUED.c.serial_number == bindparam("serial"))
    .outerjoin(
        _RENEWALS, (_RENEWALS.c.subscriber_id == _OWNERS.c.id) & _RENEWALS.c.ended_at.is_(None)
    )
    .where(_OWNERS.c.id == bindparam("owner"))
)
