"""What the CA itself knows of a key: whom it belongs to, and whether it was lost."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Select, bindparam, literal, or_, select
from sqlalchemy.orm import Session

from ca.errors import KeyCompromised, KeyOfAnother
from ca.models import CertificateRecord
from foundation.database import Statement

_LIVE = ("prepared", "good", "on_hold")
_COMPROMISED = "keyCompromise"
_RECORD = CertificateRecord


def _known(which: ColumnElement[bool]) -> Select[str | None, str | None, str, str | None]:
    # Once for each key and owner, however often he has renewed under it.
    return (
        select(_RECORD.spki_sha256, _RECORD.subscriber, _RECORD.state, _RECORD.reason)
        .distinct()
        .where(
            which,
            or_(_RECORD.state.in_(list(map(literal, _LIVE))), _RECORD.reason == _COMPROMISED),
        )
    )


# A list is spelled out anew at each execution, and most orders come alone.
_KNOWN_ONE = Statement(_known(_RECORD.spki_sha256 == bindparam("key")))
_KNOWN = _known(_RECORD.spki_sha256.in_(bindparam("keys", expanding=True)))


def verify_keys_are_free(session: Session, subscribers: Mapping[str, str | None]) -> None:
    """Hold keys, by the SHA-256 of their SPKI with their subscribers, against the table.

    A key once revoked as ``keyCompromise`` is never certified again (CA/Browser
    Forum Baseline Requirements, section 6.1.1.3): raises `KeyCompromised`. A key
    has one owner: raises `KeyOfAnother` when somebody else has a certificate of
    it that is not over. The same subscriber may renew under his key.
    """
    keys = list(subscribers)
    if len(keys) == 1:
        found = _KNOWN_ONE.rows(session, key=keys[0])
    else:
        found = list(session.connection().execute(_KNOWN, {"keys": keys}))
    for digest, subscriber, state, reason in found:
        if state not in _LIVE:
            if reason == _COMPROMISED:
                raise KeyCompromised
        elif subscriber != subscribers[str(digest)]:
            raise KeyOfAnother
