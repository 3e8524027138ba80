"""CRLs in shards, from entries encoded once

Revision ID: 0003
Revises: 0002
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op
from cryptography import x509

from foundation.database.model import UtcDateTime

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_BATCH = 5_000
_PART = 1024 * 1024
_LONGEST_UNSORTED = 1024 * 1024
_SERIAL_OCTETS = 20
_ENDED = sa.text("state IN ('revoked', 'on_hold')")
# RFC 5280 section 5.3.1; "unspecified" is left out.
_REASONS = {
    "keyCompromise": 1,
    "affiliationChanged": 3,
    "superseded": 4,
    "cessationOfOperation": 5,
    "certificateHold": 6,
    "privilegeWithdrawn": 9,
}


def upgrade() -> None:
    """Apply this step."""
    op.create_index(
        "ix_certificates_ended",
        "certificates",
        ["issuer", "crl_shard", "serial_number", "not_after", "state"],
        sqlite_where=_ENDED,
        postgresql_where=_ENDED,
    )
    _make_entries()
    _fill_entries()
    published = _published()
    op.drop_table("crls")
    _make_crls()
    _keep(published)
    op.drop_column("authorities", "crl_number")


def downgrade() -> None:
    """Take this step back: CRLs of shards that certificates point at would be gone."""
    raise NotImplementedError("this step cannot be taken back; restore a backup")


def _make_entries() -> None:
    op.create_table(
        "crl_entries",
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("serial", sa.LargeBinary(length=_SERIAL_OCTETS), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("not_after", UtcDateTime(), nullable=True),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "serial", name=op.f("pk_crl_entries")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_crl_entries_shard",
        "crl_entries",
        ["issuer", "shard", "serial", "not_after", "entry"],
        unique=False,
    )
    op.create_index("ix_crl_entries_epoch", "crl_entries", ["issuer", "epoch"], unique=False)
    op.create_table(
        "crl_removals",
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("serial", sa.LargeBinary(length=_SERIAL_OCTETS), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "serial", name=op.f("pk_crl_removals")),
    )


def _fill_entries() -> None:
    """Encode what is revoked or held already; none of it is in a shard."""
    connection, last = op.get_bind(), ""
    table = sa.table(
        "certificates",
        sa.column("serial_number", sa.String),
        sa.column("issuer", sa.String),
        sa.column("crl_shard", sa.Integer),
        sa.column("revoked_at", UtcDateTime()),
        sa.column("reason", sa.String),
        sa.column("invalidity_date", UtcDateTime()),
        sa.column("not_after", UtcDateTime()),
    )
    entries = sa.table(
        "crl_entries",
        sa.column("issuer", sa.String),
        sa.column("serial", sa.LargeBinary),
        sa.column("shard", sa.Integer),
        sa.column("epoch", sa.BigInteger),
        sa.column("not_after", UtcDateTime()),
        sa.column("entry", sa.LargeBinary),
    )
    query = sa.select(table).where(_ENDED).order_by(table.c.serial_number).limit(_BATCH)
    while rows := connection.execute(query.where(table.c.serial_number > last)).all():
        connection.execute(
            sa.insert(entries),
            [
                {
                    "issuer": row.issuer,
                    "serial": int(row.serial_number, 16).to_bytes(_SERIAL_OCTETS, "big"),
                    "shard": row.crl_shard,
                    "epoch": 0,
                    "not_after": row.not_after,
                    "entry": _entry(row),
                }
                for row in rows
            ],
        )
        last = rows[-1].serial_number


def _published() -> list[dict[str, Any]]:
    """Return the newest CRL of each authority: without the root's key there will be no other.

    Very long ones are not kept: the next start makes them anew, sorted.
    """
    connection = op.get_bind()
    query = sa.text(
        "SELECT issuer, crl_number, this_update, next_update, der FROM crls AS newest"
        " WHERE crl_number ="
        " (SELECT MAX(crl_number) FROM crls WHERE crls.issuer = newest.issuer)"
    ).columns(this_update=UtcDateTime(), next_update=UtcDateTime())
    found = [dict(row._mapping) for row in connection.execute(query)]
    return [crl for crl in found if len(crl["der"]) <= _LONGEST_UNSORTED]


def _make_crls() -> None:
    op.create_table(
        "crl_scopes",
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("crl_number", sa.BigInteger(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.Column("addresses", sa.String(), nullable=False),
        sa.Column("overdue_since", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["issuer"], ["authorities.name"], name=op.f("fk_crl_scopes_issuer_authorities")
        ),
        sa.PrimaryKeyConstraint("issuer", "scope", name=op.f("pk_crl_scopes")),
    )
    op.create_table(
        "crls",
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("crl_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("base_number", sa.BigInteger(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("this_update", UtcDateTime(), nullable=False),
        sa.Column("next_update", UtcDateTime(), nullable=False),
        sa.Column("left_out_before", UtcDateTime(), nullable=True),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("octets", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer"], ["authorities.name"], name=op.f("fk_crls_issuer_authorities")
        ),
        sa.PrimaryKeyConstraint("issuer", "scope", "crl_number", name=op.f("pk_crls")),
    )
    op.create_table(
        "crl_parts",
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("crl_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer", "scope", "crl_number"],
            ["crls.issuer", "crls.scope", "crls.crl_number"],
            name=op.f("fk_crl_parts_issuer_scope_crl_number_crls"),
        ),
        sa.PrimaryKeyConstraint(
            "issuer", "scope", "crl_number", "place", name=op.f("pk_crl_parts")
        ),
    )


def _keep(published: Sequence[dict[str, Any]]) -> None:
    connection = op.get_bind()
    numbers = sa.text(
        "INSERT INTO crl_scopes (issuer, scope, crl_number, last_number, addresses)"
        " SELECT name, 'full', crl_number, crl_number, '' FROM authorities WHERE crl_number > 0"
    )
    connection.execute(numbers)
    epoch = connection.scalar(sa.text("SELECT value FROM revocation_epoch WHERE id = 1")) or 0
    columns = sa.MetaData()
    crls = sa.Table("crls", columns, autoload_with=connection)
    parts = sa.Table("crl_parts", columns, autoload_with=connection)
    for crl in published:
        der = bytes(crl["der"])
        key = {"issuer": crl["issuer"], "scope": "full", "crl_number": crl["crl_number"]}
        statement = crls.insert().values(
            **key,
            base_number=None,
            epoch=epoch,
            this_update=sa.bindparam("this_update", type_=UtcDateTime()),
            next_update=sa.bindparam("next_update", type_=UtcDateTime()),
            left_out_before=None,
            entries=len(x509.load_der_x509_crl(der)),
            octets=len(der),
            sha256=hashlib.sha256(der).hexdigest(),
        )
        times = {"this_update": crl["this_update"], "next_update": crl["next_update"]}
        connection.execute(statement, times)
        for place, start in enumerate(range(0, len(der), _PART)):
            piece = der[start : start + _PART]
            connection.execute(parts.insert().values(**key, place=place, content=piece))


def _entry(row: sa.Row[Any]) -> bytes:
    """Return the element of revokedCertificates in DER (RFC 5280 sections 5.1.2.6, 5.3)."""
    number = int(row.serial_number, 16)
    serial = _element(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))
    extensions = b""
    if row.reason in _REASONS:
        extensions += _extension(21, _element(0x0A, bytes([_REASONS[row.reason]])))
    if row.invalidity_date is not None:
        extensions += _extension(24, _generalized_time(row.invalidity_date))
    listed = _element(0x30, extensions) if extensions else b""
    return _element(0x30, serial + _time(row.revoked_at) + listed)


def _extension(arc: int, value: bytes) -> bytes:
    return _element(0x30, bytes((0x06, 3, 0x55, 0x1D, arc)) + _element(0x04, value))


def _time(moment: datetime) -> bytes:
    if moment.year >= 2050:
        return _generalized_time(moment)
    return _element(0x17, f"{moment:%y%m%d%H%M%S}Z".encode("ascii"))


def _generalized_time(moment: datetime) -> bytes:
    return _element(0x18, f"{moment:%Y%m%d%H%M%S}Z".encode("ascii"))


def _element(tag: int, content: bytes) -> bytes:
    # Everything here is shorter than 128 octets.
    return bytes((tag, len(content))) + content
