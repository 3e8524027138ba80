"""Relying parties, their grants and their logout notices

Revision ID: 0009
Revises: 0008
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from foundation.database.model import UtcDateTime

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "openid_grants",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("session_id", _KEY, nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scope", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("code_challenge", sa.String(length=43), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("code_expires_at", UtcDateTime(), nullable=False),
        sa.Column("redeemed_at", UtcDateTime(), nullable=True),
        sa.Column("token_digest", sa.String(length=64), nullable=True),
        sa.Column("token_expires_at", UtcDateTime(), nullable=True),
        sa.Column("confirmation", sa.String(length=64), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openid_grants")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_openid_grants_code_digest")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_openid_grants_token_digest")),
    )
    op.create_index("ix_openid_grants_client_id", "openid_grants", ["client_id"], unique=False)
    op.create_index("ix_openid_grants_issued_at", "openid_grants", ["issued_at"], unique=False)
    op.create_table(
        "openid_participations",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("session_id", _KEY, nullable=False),
        sa.Column("party", sa.String(length=80), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'due', 'delivered', 'settled', 'abandoned')",
            name=op.f("ck_openid_participations_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_openid_participations")),
    )
    op.create_index(
        "ix_openid_participations_unsettled",
        "openid_participations",
        ["state", "due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('open', 'due')"),
        postgresql_where=sa.text("state IN ('open', 'due')"),
    )
    op.create_index(
        "uq_openid_participations_session_id",
        "openid_participations",
        ["session_id", "party"],
        unique=True,
    )
    op.create_table(
        "openid_used_assertions",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("jti_digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "jti_digest", name=op.f("pk_openid_used_assertions")),
    )
    op.create_index(
        "ix_openid_used_assertions_expires_at",
        "openid_used_assertions",
        ["expires_at"],
        unique=False,
    )
    op.create_table(
        "relying_parties",
        sa.Column("client_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("auth_method", sa.String(length=16), nullable=False),
        sa.Column("signature_algorithm", sa.String(length=8), nullable=False),
        sa.Column("jwks", sa.JSON(), nullable=True),
        sa.Column("tls_name", sa.JSON(), nullable=True),
        sa.Column("redirect_uris", sa.JSON(), nullable=False),
        sa.Column("post_logout_redirect_uris", sa.JSON(), nullable=False),
        sa.Column("logout_url", sa.Text(), nullable=True),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("unit_classes", sa.JSON(), nullable=False),
        sa.Column("everybody", sa.Boolean(), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.Column("keys_changed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(auth_method = 'private_key_jwt') = (jwks IS NOT NULL)",
            name=op.f("ck_relying_parties_keys_as_the_method"),
        ),
        sa.CheckConstraint(
            "(auth_method = 'tls_client_auth') = (tls_name IS NOT NULL)",
            name=op.f("ck_relying_parties_name_as_the_method"),
        ),
        sa.CheckConstraint(
            "auth_method IN ('private_key_jwt', 'tls_client_auth')",
            name=op.f("ck_relying_parties_auth_method_known"),
        ),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_relying_parties")),
    )


def downgrade() -> None:
    """Undo this step."""
    op.drop_table("relying_parties")
    op.drop_table("openid_used_assertions")
    op.drop_table("openid_participations")
    op.drop_table("openid_grants")
