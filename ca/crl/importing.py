"""Importing the root's CRL from where its key is kept (docs/operations.md, the ceremony)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography import x509
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ca.crl.building import CrlContent
from ca.crl.encoding import HOLD_CODE
from ca.crl.entries import EntryChange, replace_entries
from ca.crl.errors import CrlFault, RootCrlRefused
from ca.crl.gate import Passage, number_of, parse_crl, verify_new_crl
from ca.crl.models import CrlRecord
from ca.crl.reading import entries_of, reason_code
from ca.crl.removable import expired_serials
from ca.crl.scopes import FULL
from ca.crl.stored import find_crl, read_der
from ca.crl.storing import ScopeBook, store_crl
from ca.epoch import advance_epoch
from ca.key_types import CaPublicKey
from ca.models import AuthorityName, CertificateRecord
from ca.serial_numbers import serial_number_of
from foundation.clock import Clock

# A root has revoked a handful of CAs in its life.
LONGEST_ROOT_CRL: Final = 1024 * 1024


def import_crl(
    session: Session,
    unverified_der: bytes,
    issuer: AuthorityName,
    certificate: x509.Certificate,
    clock: Clock,
) -> CrlRecord:
    """Prove and store a CRL that was made elsewhere; what it revokes is revoked here too.

    The same one again changes nothing. The caller holds the lock of the audit
    chain. Raises `RootCrlRefused`.
    """
    before = find_crl(session, issuer)
    if before is not None and before.sha256 == hashlib.sha256(unverified_der).hexdigest():
        return before
    if len(unverified_der) > LONGEST_ROOT_CRL:
        raise RootCrlRefused("root-crl-too-long")

    # 1. What it says of itself, and that this is now.
    try:
        content = _content_of(parse_crl(unverified_der))
    except CrlFault as fault:
        raise RootCrlRefused("root-crl-not-proved") from fault
    now = clock.now()
    if content.this_update > now:
        raise RootCrlRefused("root-crl-not-yet")
    if content.next_update <= now:
        raise RootCrlRefused("root-crl-over")

    # 2. The gate, as for every CRL.
    key = certificate.public_key()
    assert isinstance(key, CaPublicKey), "we made the certificate"
    passage = Passage(
        content=content,
        must_list=None,
        previous=read_der(session, before) if before is not None else None,
        removable=expired_serials(session, before.this_update if before else None),
    )
    try:
        verify_new_crl(unverified_der, certificate, key, passage)
    except CrlFault as fault:
        raise RootCrlRefused("root-crl-not-proved") from fault

    # 3. Certificates, entries and the CRL itself say the same.
    epoch = advance_epoch(session)
    entries = _adopt(session, issuer, unverified_der)
    replace_entries(session, issuer, entries, epoch)
    return store_crl(
        session,
        ScopeBook(session, issuer),
        FULL,
        unverified_der,
        content,
        entries=len(list(entries_of(unverified_der))),
        epoch=epoch,
        left_out_before=None,
    )


def _content_of(crl: x509.CertificateRevocationList) -> CrlContent:
    if crl.next_update_utc is None:
        raise RootCrlRefused("root-crl-not-proved")
    return CrlContent(number_of(crl), crl.last_update_utc, crl.next_update_utc)


def _adopt(session: Session, issuer: AuthorityName, der: bytes) -> Sequence[EntryChange]:
    """Give every certificate of the issuer the state that the CRL tells; return the entries.

    Raises `RootCrlRefused` when it would turn a revocation into a hold.
    """
    crl = x509.load_der_x509_crl(der)
    ended: dict[str, tuple[bytes, bool]] = {}
    for _, serial, start, end in entries_of(der):
        number = serial_number_of(int.from_bytes(serial, "big"))
        ended[number] = der[start:end], reason_code(der, start, end) == HOLD_CODE
    known = session.execute(
        select(
            CertificateRecord.serial_number,
            CertificateRecord.not_after,
            CertificateRecord.state,
        )
        .where(CertificateRecord.issuer == issuer)
        .where(CertificateRecord.state.in_(("good", "on_hold", "revoked")))
    ).all()
    changes = []
    for number, not_after, state in known:
        if number not in ended:
            _set_state(session, number, ("on_hold",), "good", None, None)
            continue
        entry, is_hold = ended[number]
        if is_hold and state == "revoked":
            # A hold can be released, and a revocation cannot (RFC 5280 section 5.3.1).
            raise RootCrlRefused("root-crl-not-proved")
        listed = crl.get_revoked_certificate_by_serial_number(int(number, 16))
        assert listed is not None
        _set_state(
            session,
            number,
            ("good", "on_hold"),
            "on_hold" if is_hold else "revoked",
            listed.revocation_date_utc,
            _reason_of(listed),
        )
        changes.append(EntryChange(issuer, None, number, not_after, entry))
    return changes


def _set_state(
    session: Session,
    serial_number: str,
    before: Sequence[str],
    after: str,
    revoked_at: datetime | None,
    reason: str | None,
) -> None:
    session.execute(
        update(CertificateRecord)
        .where(CertificateRecord.serial_number == serial_number)
        .where(CertificateRecord.state.in_(before))
        .values(state=after, revoked_at=revoked_at, reason=reason)
        .execution_options(synchronize_session=False)
    )


def _reason_of(listed: x509.RevokedCertificate) -> str:
    try:
        return listed.extensions.get_extension_for_class(x509.CRLReason).value.reason.value
    except x509.ExtensionNotFound:
        return "unspecified"
