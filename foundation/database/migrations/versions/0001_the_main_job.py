"""The main job

Revision ID: 0001
Revises:
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from foundation.audit.model import REFUSE_CHANGE_POSTGRESQL, REFUSE_CHANGE_SQLITE
from foundation.database.model import UtcDateTime

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "audit_entries",
        sa.Column(
            "sequence",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("entry_hash", name=op.f("uq_audit_entries_entry_hash")),
    )
    with op.batch_alter_table("audit_entries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_entries_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entries_actor"), ["actor"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entries_subject"), ["subject"], unique=False)

    op.create_table(
        "certificates",
        sa.Column("serial_number", sa.String(length=40), nullable=False),
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("profile", sa.String(length=16), nullable=False),
        sa.Column("subscriber", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("tbs", sa.LargeBinary(), nullable=True),
        sa.Column("der", sa.LargeBinary(), nullable=True),
        sa.Column("key_name", sa.String(length=64), nullable=True),
        sa.Column("fingerprint_sha256", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("not_after", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("issued_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("invalidity_date", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state <> 'prepared' OR tbs IS NOT NULL", name=op.f("ck_certificates_prepared_has_tbs")
        ),
        sa.CheckConstraint(
            "state IN ('reserved', 'prepared', 'good', 'on_hold', 'revoked', 'abandoned')",
            name=op.f("ck_certificates_state_known"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('good', 'on_hold', 'revoked') OR der IS NOT NULL",
            name=op.f("ck_certificates_issued_has_der"),
        ),
        sa.PrimaryKeyConstraint("serial_number", name=op.f("pk_certificates")),
        sa.UniqueConstraint("fingerprint_sha256", name=op.f("uq_certificates_fingerprint_sha256")),
    )
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificates_created_at"), ["created_at"], unique=False
        )
        batch_op.create_index("ix_certificates_issuer_state", ["issuer", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificates_not_after"), ["not_after"], unique=False)
        batch_op.create_index("ix_certificates_profile_state", ["profile", "state"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_certificates_subscriber"), ["subscriber"], unique=False
        )

    op.create_table(
        "insured_units",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("district", sa.String(length=64), nullable=False),
        sa.Column("insurance", sa.JSON(), nullable=False),
        sa.Column("contact_name", sa.String(length=100), nullable=False),
        sa.Column("contact_phone", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insured_units")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_insured_units_credit_code")),
    )
    with op.batch_alter_table("insured_units", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_insured_units_district"), ["district"], unique=False)

    op.create_table(
        "people",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id_number", sa.String(length=18), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("sex", sa.String(length=6), nullable=False),
        sa.Column("birth_date", sa.Date(), nullable=False),
        sa.Column("ethnicity", sa.String(length=16), nullable=False),
        sa.Column("registered_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("id_number", name=op.f("uq_people_id_number")),
    )
    op.create_table(
        "revocation_epoch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_revocation_epoch_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revocation_epoch")),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=64), nullable=False),
        sa.Column("serial_number", sa.String(length=40), nullable=False),
        sa.Column("certificate_digest", sa.String(length=64), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sessions_token_digest")),
    )
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.create_index(
            "ix_sessions_serial_number_ended_at", ["serial_number", "ended_at"], unique=False
        )
        batch_op.create_index(
            "ix_sessions_username_ended_at", ["username", "ended_at"], unique=False
        )

    op.create_table(
        "subscribers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("display_name", sa.String(length=128), nullable=False),
        sa.Column("standing", sa.String(length=16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('unit', 'person', 'officer')", name=op.f("ck_subscribers_kind_known")
        ),
        sa.CheckConstraint(
            "standing IN ('active', 'suspended')", name=op.f("ck_subscribers_standing_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("username", name=op.f("uq_subscribers_username")),
    )
    op.create_table(
        "task_sequence_counters",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_task_sequence_counters")),
    )
    op.create_table(
        "throttle_counters",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("counted_at", UtcDateTime(), nullable=False),
        sa.Column("blocked_until", UtcDateTime(), nullable=False),
        sa.Column("forget_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle_counters")),
    )
    with op.batch_alter_table("throttle_counters", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_throttle_counters_forget_at"), ["forget_at"], unique=False
        )

    op.create_table(
        "username_numbers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("drawn_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_username_numbers")),
    )
    _make_audit_append_only()
    op.create_table(
        "authorities",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("serial_number", sa.String(length=40), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("key_name", sa.String(length=64), nullable=False),
        sa.Column("crl_number", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["serial_number"],
            ["certificates.serial_number"],
            name=op.f("fk_authorities_serial_number_certificates"),
        ),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_authorities")),
    )
    op.create_table(
        "certificate_authenticators",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("serial_number", sa.String(length=40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("bound_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_certificate_authenticators_subscriber_id_subscribers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_authenticators")),
        sa.UniqueConstraint(
            "serial_number", name=op.f("uq_certificate_authenticators_serial_number")
        ),
    )
    with op.batch_alter_table("certificate_authenticators", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificate_authenticators_subscriber_id"),
            ["subscriber_id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_certificate_authenticators_current",
            ["subscriber_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "coverages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("holder_kind", sa.String(length=24), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("from_month", sa.String(length=7), nullable=False),
        sa.Column("to_month", sa.String(length=7), nullable=True),
        sa.Column("insurance", sa.JSON(), nullable=False),
        sa.Column("declared_wage", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("contribution_base", sa.Numeric(precision=12, scale=2), nullable=True),
        sa.Column("employment_date", sa.Date(), nullable=True),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "(holder_kind = 'unit') = (unit_id IS NOT NULL)", name=op.f("ck_coverages_holder")
        ),
        sa.CheckConstraint("status IN ('active', 'suspended')", name=op.f("ck_coverages_status")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_coverages_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["unit_id"], ["insured_units.id"], name=op.f("fk_coverages_unit_id_insured_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverages")),
    )
    with op.batch_alter_table("coverages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_coverages_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_coverages_task_id"), ["task_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_coverages_unit_id"), ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_coverages_active_person",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("status = 'active'"),
            postgresql_where=sa.text("status = 'active'"),
        )

    op.create_table(
        "officers",
        sa.Column(
            "subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("district", sa.String(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_officers_subscriber_id_subscribers"),
        ),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_officers")),
    )
    op.create_table(
        "password_authenticators",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("hash", sa.String(length=255), nullable=True),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (hash IS NOT NULL)",
            name=op.f("ck_password_authenticators_ended_keeps_no_hash"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_password_authenticators_subscriber_id_subscribers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_authenticators")),
    )
    with op.batch_alter_table("password_authenticators", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_password_authenticators_subscriber_id"), ["subscriber_id"], unique=False
        )
        batch_op.create_index(
            "uq_password_authenticators_current",
            ["subscriber_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "slips",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("serial_number", sa.String(length=40), nullable=False),
        sa.Column("download_password_hash", sa.String(length=255), nullable=True),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=True),
        sa.Column("issued_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("pickup_count", sa.Integer(), nullable=False),
        sa.Column("last_pickup_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_slips_ended_for_a_reason")
        ),
        sa.CheckConstraint(
            "ended_at IS NULL OR (download_password_hash IS NULL AND sealed_private_key IS NULL)",
            name=op.f("ck_slips_ended_keeps_no_secret"),
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_slips_subscriber_id_subscribers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_slips")),
        sa.UniqueConstraint("serial_number", name=op.f("uq_slips_serial_number")),
    )
    with op.batch_alter_table("slips", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_slips_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_slips_subscriber_id"), ["subscriber_id"], unique=False)
        batch_op.create_index(
            "uq_slips_current",
            ["subscriber_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sequence_number", sa.String(length=20), nullable=False),
        sa.Column("module", sa.String(length=32), nullable=False),
        sa.Column("owner", sa.String(length=18), nullable=False),
        sa.Column("subject_key", sa.String(length=64), nullable=False),
        sa.Column("subject_name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("unit_class", sa.String(length=12), nullable=True),
        sa.Column("route", sa.String(length=12), nullable=True),
        sa.Column("return_code", sa.String(length=64), nullable=True),
        sa.Column("return_params", sa.JSON(), nullable=False),
        sa.Column("return_text", sa.Text(), nullable=True),
        sa.Column("effective_month", sa.String(length=7), nullable=True),
        sa.Column("paper_copy_due", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("review_due_at", UtcDateTime(), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'ended', 'returned', 'withdrawn')",
            name=op.f("ck_tasks_state"),
        ),
        sa.ForeignKeyConstraint(
            ["owner"], ["insured_units.credit_code"], name=op.f("fk_tasks_owner_insured_units")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        sa.UniqueConstraint("sequence_number", name=op.f("uq_tasks_sequence_number")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index("ix_tasks_owner_state_id", ["owner", "state", "id"], unique=False)
        batch_op.create_index(
            "ix_tasks_state_route_review_due_at", ["state", "route", "review_due_at"], unique=False
        )
        batch_op.create_index(
            "uq_tasks_unfinished_subject",
            ["owner", "module", "subject_key"],
            unique=True,
            sqlite_where=sa.text("state IN ('draft', 'in_review', 'returned')"),
            postgresql_where=sa.text("state IN ('draft', 'in_review', 'returned')"),
        )

    op.create_table(
        "units",
        sa.Column(
            "subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("credit_code", sa.String(length=18), nullable=False),
        sa.Column("district", sa.String(length=32), nullable=False),
        sa.Column("unit_class", sa.String(length=8), nullable=False),
        sa.Column("insurance", sa.JSON(), nullable=False),
        sa.Column("contact_name", sa.String(length=64), nullable=False),
        sa.Column("contact_phone", sa.String(length=32), nullable=False),
        sa.Column("contact_email", sa.String(length=128), nullable=False),
        sa.Column("contact_address", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "unit_class IN ('ordinary', 'vip')", name=op.f("ck_units_unit_class_known")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_units_subscriber_id_subscribers")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_units")),
        sa.UniqueConstraint("credit_code", name=op.f("uq_units_credit_code")),
    )
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_units_district"), ["district"], unique=False)

    op.create_table(
        "crls",
        sa.Column("issuer", sa.String(length=16), nullable=False),
        sa.Column("crl_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("this_update", UtcDateTime(), nullable=False),
        sa.Column("next_update", UtcDateTime(), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["issuer"], ["authorities.name"], name=op.f("fk_crls_issuer_authorities")
        ),
        sa.PrimaryKeyConstraint("issuer", "crl_number", name=op.f("pk_crls")),
    )
    op.create_table(
        "officer_roles",
        sa.Column(
            "subscriber_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["officers.subscriber_id"],
            name=op.f("fk_officer_roles_subscriber_id_officers"),
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "role", name=op.f("pk_officer_roles")),
    )
    op.create_table(
        "pickup_tickets",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slip_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lookup", sa.String(length=64), nullable=False),
        sa.Column("sealed_password", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["slip_id"], ["slips.id"], name=op.f("fk_pickup_tickets_slip_id_slips")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pickup_tickets")),
        sa.UniqueConstraint("lookup", name=op.f("uq_pickup_tickets_lookup")),
    )
    with op.batch_alter_table("pickup_tickets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pickup_tickets_expires_at"), ["expires_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_pickup_tickets_slip_id"), ["slip_id"], unique=False)

    op.create_table(
        "task_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"], ["tasks.id"], name=op.f("fk_task_events_task_id_tasks")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_events")),
    )
    with op.batch_alter_table("task_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_events_task_id"), ["task_id"], unique=False)


def _make_audit_append_only() -> None:
    statements = {
        "sqlite": REFUSE_CHANGE_SQLITE,
        "postgresql": REFUSE_CHANGE_POSTGRESQL,
    }
    for statement in statements[op.get_bind().dialect.name]:
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    """Take this step back: there is nothing before it."""
    raise NotImplementedError("the first step cannot be taken back; restore a backup")
