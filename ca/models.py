"""Tables of the CA: certificates, authorities and the revocation epoch.

A row of `certificates` exists before anything is signed under its serial
number (design, section 3), so no signature can carry a number that is not here.
"""

from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base

# "root", "issuing", and after a rollover "issuing-2" and so on (`ca.names.authority_names`).
AuthorityName: TypeAlias = str
ProfileName = Literal["root", "issuing", "server", "ocsp", "edge", "unit", "officer", "person"]
CertificateState = Literal["reserved", "prepared", "good", "on_hold", "revoked", "abandoned"]

STATES: tuple[CertificateState, ...] = (
    "reserved",
    "prepared",
    "good",
    "on_hold",
    "revoked",
    "abandoned",
)
_STATE_LIST = ", ".join(f"'{state}'" for state in STATES)

USUAL_KEY = "ECDSA P-256"
# Written out, not bound: a database uses a partial index only when it can see
# in the text of the query that the condition holds.
NOT_GOOD = text("state <> 'good'")
ENDED = text("state IN ('revoked', 'on_hold')")
UNUSUAL_KEY = text(f"key_type <> '{USUAL_KEY}'")


class CertificateRecord(Base):
    """One serial number and what became of it.

    ``reserved -> prepared -> good <-> on_hold -> revoked``, and from the first
    two ``-> abandoned``. `tbs` is set from "prepared" on and never changes;
    `der` is set from "good" on, save for a number that a restored database has
    lost and a journal says is revoked (`ca.journal`). `crl_shard` is the part of
    the issuer's CRL that the certificate points at, or None for the full one.
    `key_type` and `spki_sha256` are those of the subject's key, set from
    "prepared" on. `key_name` is only set for keys the CA itself holds
    (authorities, OCSP signer, server).
    """

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATE_LIST})", name="state_known"),
        CheckConstraint("state <> 'prepared' OR tbs IS NOT NULL", name="prepared_has_tbs"),
        CheckConstraint("state <> 'good' OR der IS NOT NULL", name="issued_has_der"),
        # Each search of the inventory walks one of these in the order it shows
        # (`ca.inventory.conditions`), so that a page costs the same at any size.
        Index("ix_certificates_created_at", "created_at", "serial_number"),
        Index("ix_certificates_not_after", "not_after", "serial_number"),
        Index("ix_certificates_profile", "profile", "created_at", "serial_number"),
        Index("ix_certificates_issuer", "issuer", "created_at", "serial_number"),
        # What CRLs must list, from the index alone (`ca.crl.entries`).
        Index(
            "ix_certificates_ended",
            "issuer",
            "crl_shard",
            "serial_number",
            "not_after",
            "state",
            sqlite_where=ENDED,
            postgresql_where=ENDED,
        ),
        # Nearly all are good and have the usual kind of key: these stay small.
        Index(
            "ix_certificates_not_good",
            "state",
            "created_at",
            "serial_number",
            sqlite_where=NOT_GOOD,
            postgresql_where=NOT_GOOD,
        ),
        Index(
            "ix_certificates_unusual_key",
            "key_type",
            "created_at",
            "serial_number",
            sqlite_where=UNUSUAL_KEY,
            postgresql_where=UNUSUAL_KEY,
        ),
    )

    serial_number: Mapped[str] = mapped_column(String(40), primary_key=True)
    issuer: Mapped[str] = mapped_column(String(16))
    profile: Mapped[str] = mapped_column(String(16))
    crl_shard: Mapped[int | None]
    subscriber: Mapped[str | None] = mapped_column(String(64), index=True)
    state: Mapped[str] = mapped_column(String(16))
    tbs: Mapped[bytes | None] = mapped_column(LargeBinary)
    der: Mapped[bytes | None] = mapped_column(LargeBinary)
    key_name: Mapped[str | None] = mapped_column(String(64))
    fingerprint_sha256: Mapped[str | None] = mapped_column(String(64), unique=True)
    key_type: Mapped[str | None] = mapped_column(String(16))
    spki_sha256: Mapped[str | None] = mapped_column(String(64), index=True)
    subject: Mapped[str | None] = mapped_column(Text)
    not_before: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    created_at: Mapped[datetime]
    issued_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(32))
    invalidity_date: Mapped[datetime | None]


class AuthorityRecord(Base):
    """One certification authority: its certificate and its key.

    Among the issuing CAs one is "active" and issues; those "retired" by a
    rollover only sign CRLs for what they issued. The root is "active".
    """

    __tablename__ = "authorities"
    __table_args__ = (CheckConstraint("state IN ('active', 'retired')", name="state_known"),)

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), default="active")
    serial_number: Mapped[str] = mapped_column(ForeignKey("certificates.serial_number"))
    certificate: Mapped[bytes] = mapped_column(LargeBinary)
    key_name: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]


class RevocationEpoch(Base):
    """A single row (`id` 1) whose value grows with every change of revocation state.

    Caches of verification results are good for one epoch only.
    """

    __tablename__ = "revocation_epoch"
    __table_args__ = (CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    value: Mapped[int] = mapped_column(BigInteger, default=0)
