"""Tables of CRLs: what they list, what was published, and the number of the newest of each.

A serial number is kept here as 20 octets, so that both databases sort it as a
number, whatever their collation (RFC 5280 section 4.1.2.2: never longer).
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base

SERIAL_OCTETS = 20


class CrlEntryRecord(Base):
    """What a CRL says of one certificate that is revoked or held.

    `entry` is the element of revokedCertificates in DER, encoded once, in the
    act (`ca.crl.entries`); a CRL is made by stringing them together. `epoch`
    is the one that the act began.
    """

    __tablename__ = "crl_entries"
    __table_args__ = (
        # On PostgreSQL the key's index alone answers what the full CRL lists; on
        # SQLite the table is that index.
        PrimaryKeyConstraint("issuer", "serial", postgresql_include=["not_after", "entry"]),
        # And this one what a shard lists, in its order.
        Index("ix_crl_entries_shard", "issuer", "shard", "serial", "not_after", "entry"),
        Index("ix_crl_entries_epoch", "issuer", "epoch"),
        # What every CRL leaves out by now is found without reading the others.
        Index("ix_crl_entries_not_after", "issuer", "not_after"),
        {"sqlite_with_rowid": False},
    )

    issuer: Mapped[str] = mapped_column(String(16), primary_key=True)
    serial: Mapped[bytes] = mapped_column(LargeBinary(SERIAL_OCTETS), primary_key=True)
    shard: Mapped[int | None]
    epoch: Mapped[int] = mapped_column(BigInteger)
    not_after: Mapped[datetime | None]
    entry: Mapped[bytes] = mapped_column(LargeBinary)


class CrlRemovalRecord(Base):
    """A hold that was released: for delta CRLs, until the full CRL is a later one.

    `entry` has the reason removeFromCRL (RFC 5280 section 5.3.1).
    """

    __tablename__ = "crl_removals"

    issuer: Mapped[str] = mapped_column(String(16), primary_key=True)
    serial: Mapped[bytes] = mapped_column(LargeBinary(SERIAL_OCTETS), primary_key=True)
    epoch: Mapped[int] = mapped_column(BigInteger)
    entry: Mapped[bytes] = mapped_column(LargeBinary)


class CrlScopeRecord(Base):
    """One CRL that is published again and again; `crl_number` is the newest's.

    The next one's number is above `last_number`, which may be known from
    elsewhere. `addresses` are the URLs it was ever served at, newest first, one a line.
    `overdue_since` is set while the newest does not show an act that happened:
    it could not be signed then.
    """

    __tablename__ = "crl_scopes"

    issuer: Mapped[str] = mapped_column(ForeignKey("authorities.name"), primary_key=True)
    scope: Mapped[str] = mapped_column(String(8), primary_key=True)
    crl_number: Mapped[int] = mapped_column(BigInteger)
    last_number: Mapped[int] = mapped_column(BigInteger)
    addresses: Mapped[str]
    overdue_since: Mapped[datetime | None]


class CrlRecord(Base):
    """One published CRL (RFC 5280 section 5); its octets are its parts.

    `base_number` is set for a delta CRL. It shows every act up to `epoch`, and
    leaves out certificates that had expired before `left_out_before`.
    """

    __tablename__ = "crls"

    issuer: Mapped[str] = mapped_column(ForeignKey("authorities.name"), primary_key=True)
    scope: Mapped[str] = mapped_column(String(8), primary_key=True)
    crl_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    base_number: Mapped[int | None] = mapped_column(BigInteger)
    epoch: Mapped[int] = mapped_column(BigInteger)
    this_update: Mapped[datetime]
    next_update: Mapped[datetime]
    left_out_before: Mapped[datetime | None]
    entries: Mapped[int]
    octets: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))


class CrlPart(Base):
    """A part of a CRL's DER, so that a long one is written and served piece by piece.

    On PostgreSQL `content` is stored as it is (step 0013): compressing it would
    cost more than writing it.
    """

    __tablename__ = "crl_parts"
    __table_args__ = (
        ForeignKeyConstraint(
            ["issuer", "scope", "crl_number"], ["crls.issuer", "crls.scope", "crls.crl_number"]
        ),
    )

    issuer: Mapped[str] = mapped_column(String(16), primary_key=True)
    scope: Mapped[str] = mapped_column(String(8), primary_key=True)
    crl_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)
