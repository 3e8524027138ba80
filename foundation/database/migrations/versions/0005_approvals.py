"""Acts that take two officers, bulk revocations, and what certificates are found by

Revision ID: 0005
Revises: 0004
"""

import hashlib
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from foundation.database.model import UtcDateTime

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_BATCH = 1_000
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
_CERTIFICATES = sa.table(
    "certificates",
    sa.column("serial_number", sa.String),
    sa.column("der", sa.LargeBinary),
    sa.column("key_type", sa.String),
    sa.column("spki_sha256", sa.String),
)


def upgrade() -> None:
    """Apply this step."""
    _describe_keys()
    _make_indexes()
    _make_proposals()
    _make_selections()


def _describe_keys() -> None:
    """Say of every certificate that exists what key it has."""
    op.add_column("certificates", sa.Column("key_type", sa.String(length=16), nullable=True))
    op.add_column("certificates", sa.Column("spki_sha256", sa.String(length=64), nullable=True))
    connection, last = op.get_bind(), ""
    table = _CERTIFICATES.c
    query = sa.select(table.serial_number, table.der).where(table.der.is_not(None))
    change = (
        sa.update(_CERTIFICATES)
        .where(table.serial_number == sa.bindparam("number"))
        .values(key_type=sa.bindparam("kind"), spki_sha256=sa.bindparam("digest"))
    )
    while rows := connection.execute(
        query.where(table.serial_number > last).order_by(table.serial_number).limit(_BATCH)
    ).all():
        connection.execute(change, [_facts(number, der) for number, der in rows])
        last = rows[-1].serial_number


def _facts(serial_number: str, der: bytes) -> dict[str, str]:
    key = x509.load_der_x509_certificate(der).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    match key:
        case rsa.RSAPublicKey():
            kind = f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            kind = f"ECDSA {_CURVES.get(key.curve.name, key.curve.name)}"
        case ed25519.Ed25519PublicKey():
            kind = "Ed25519"
        case _:
            kind = type(key).__name__.removesuffix("PublicKey")
    digest = hashlib.sha256(spki).hexdigest().upper()
    return {"number": serial_number, "kind": kind[:16], "digest": digest}


def _make_indexes() -> None:
    for name in ("created_at", "not_after", "profile_state", "issuer_state"):
        op.drop_index(f"ix_certificates_{name}", table_name="certificates")
    indexes: tuple[tuple[str, list[str], str | None], ...] = (
        ("created_at", ["created_at", "serial_number"], None),
        ("not_after", ["not_after", "serial_number"], None),
        ("profile", ["profile", "created_at", "serial_number"], None),
        ("issuer", ["issuer", "created_at", "serial_number"], None),
        ("not_good", ["state", "created_at", "serial_number"], "state <> 'good'"),
        (
            "unusual_key",
            ["key_type", "created_at", "serial_number"],
            "key_type <> 'ECDSA P-256'",
        ),
        ("spki_sha256", ["spki_sha256"], None),
    )
    for name, columns, where in indexes:
        condition = sa.text(where) if where else None
        op.create_index(
            f"ix_certificates_{name}",
            "certificates",
            columns,
            sqlite_where=condition,
            postgresql_where=condition,
        )


def _make_proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("district", sa.String(length=32), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decision_note", sa.String(length=500), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('release', 'bulk_revocation', 'issuing_rollover', 'root_crl_import')",
            name=op.f("ck_proposals_kind_known"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'executing', 'executed', 'refused', "
            "'withdrawn', 'expired', 'overtaken')",
            name=op.f("ck_proposals_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'executing', 'executed') "
            "OR (decided_by IS NOT NULL AND decided_by <> proposed_by)",
            name=op.f("ck_proposals_two_officers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
    )
    op.create_index("ix_proposals_state", "proposals", ["state", "id"])
    op.create_index(
        "uq_proposals_open",
        "proposals",
        ["kind", "subject"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )


def _make_selections() -> None:
    op.create_table(
        "revocation_selections",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("made_by", sa.String(length=64), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("malformed", sa.Text(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("district", sa.String(length=32), nullable=True),
        sa.Column("sessions_ended", sa.Integer(), nullable=False),
        sa.Column("crl_number", _KEY, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation_selections")),
    )
    op.create_table(
        "selected_certificates",
        sa.Column("selection_id", _KEY, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serial_number", sa.String(length=40), nullable=False),
        sa.Column("verdict", sa.String(length=24), nullable=False),
        sa.Column("profile", sa.String(length=16), nullable=True),
        sa.Column("subscriber", sa.String(length=64), nullable=True),
        sa.Column("display_name", sa.String(length=128), nullable=True),
        sa.Column("district", sa.String(length=32), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["selection_id"],
            ["revocation_selections.id"],
            name=op.f("fk_selected_certificates_selection_id_revocation_selections"),
        ),
        sa.PrimaryKeyConstraint("selection_id", "position", name=op.f("pk_selected_certificates")),
    )
    op.create_index(
        "ix_selected_certificates_verdict",
        "selected_certificates",
        ["selection_id", "verdict", "position"],
    )
    op.create_index(
        "uq_selected_certificates_serial_number",
        "selected_certificates",
        ["selection_id", "serial_number"],
        unique=True,
    )
