"""What the CA itself knows of a key: whom it belongs to, and whether it was lost."""

from collections.abc import Mapping

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from ca.errors import KeyCompromised, KeyOfAnother
from ca.models import CertificateRecord

_LIVE = ("prepared", "good", "on_hold")
_COMPROMISED = "keyCompromise"
_RECORD = CertificateRecord
# Once for each key and owner, however often he has renewed under it.
_KNOWN = (
    select(_RECORD.spki_sha256, _RECORD.subscriber, _RECORD.state, _RECORD.reason)
    .distinct()
    .where(
        _RECORD.spki_sha256.in_(bindparam("keys", expanding=True)),
        or_(_RECORD.state.in_(_LIVE), _RECORD.reason == _COMPROMISED),
    )
)


def verify_keys_are_free(session: Session, subscribers: Mapping[str, str | None]) -> None:
    """Hold keys, by the SHA-256 of their SPKI with their subscribers, against the table.

    A key once revoked as ``keyCompromise`` is never certified again (CA/Browser
    Forum Baseline Requirements, section 6.1.1.3): raises `KeyCompromised`. A key
    has one owner: raises `KeyOfAnother` when somebody else has a certificate of
    it that is not over. The same subscriber may renew under his key.
    """
    found = session.connection().execute(_KNOWN, {"keys": list(subscribers)})
    for digest, subscriber, state, reason in found:
        if state not in _LIVE:
            if reason == _COMPROMISED:
                raise KeyCompromised
        elif subscriber != subscribers[str(digest)]:
            raise KeyOfAnother
