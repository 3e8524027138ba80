"""Tables of the OpenID Provider. What is secret stands here as its SHA-256 only."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from foundation.database import Base, BigKey

AuthMethod = Literal["private_key_jwt", "tls_client_auth"]
AUTH_METHODS: tuple[AuthMethod, ...] = ("private_key_jwt", "tls_client_auth")
_METHOD_LIST = ", ".join(f"'{method}'" for method in AUTH_METHODS)
_UNSETTLED = text("state IN ('open', 'due')")


class RelyingParty(Base):
    """An application that was registered by an administrator or operator.

    `tls_name` is ``{"field": "subject_dn" | "san_dns" | ..., "value": ...}``
    (RFC 8705 section 2.1.2), `jwks` a JSON Web Key Set of public keys. Who may
    use it: everybody, or whoever fits `kinds`, `roles` and `unit_classes`, of
    which an empty one asks nothing; all empty is nobody.
    """

    __tablename__ = "relying_parties"
    __table_args__ = (
        CheckConstraint(f"auth_method IN ({_METHOD_LIST})", name="auth_method_known"),
        CheckConstraint(
            "(auth_method = 'private_key_jwt') = (jwks IS NOT NULL)", name="keys_as_the_method"
        ),
        CheckConstraint(
            "(auth_method = 'tls_client_auth') = (tls_name IS NOT NULL)", name="name_as_the_method"
        ),
    )

    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    auth_method: Mapped[str] = mapped_column(String(16))
    signature_algorithm: Mapped[str] = mapped_column(String(8))
    # A real NULL: the JSON null of a missing value would pass the checks above.
    jwks: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    tls_name: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))
    redirect_uris: Mapped[list[str]] = mapped_column(JSON)
    post_logout_redirect_uris: Mapped[list[str]] = mapped_column(JSON)
    logout_url: Mapped[str | None] = mapped_column(Text)
    kinds: Mapped[list[str]] = mapped_column(JSON)
    roles: Mapped[list[str]] = mapped_column(JSON)
    unit_classes: Mapped[list[str]] = mapped_column(JSON)
    everybody: Mapped[bool]
    registered_at: Mapped[datetime]
    keys_changed_at: Mapped[datetime]


class Grant(Base):
    """One authorization: the code, and the token that it was exchanged for.

    ``redeemed_at`` is set by whoever presents the code first, ``token_digest``
    when the token is handed out, ``revoked_at`` when the code came again (RFC
    6749 section 4.1.2). `confirmation` is the SHA-256 (upper-case hex) of the
    client's certificate that the token is bound to (RFC 8705 section 3).
    """

    __tablename__ = "openid_grants"
    __table_args__ = (
        Index("ix_openid_grants_client_id", "client_id"),
        Index("ix_openid_grants_issued_at", "issued_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    code_digest: Mapped[str] = mapped_column(String(64), unique=True)
    client_id: Mapped[str] = mapped_column(String(64))
    session_id: Mapped[int] = mapped_column(BigKey)
    username: Mapped[str] = mapped_column(String(64))
    redirect_uri: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(String(64))
    nonce: Mapped[str | None] = mapped_column(Text)
    code_challenge: Mapped[str] = mapped_column(String(43))
    issued_at: Mapped[datetime]
    code_expires_at: Mapped[datetime]
    redeemed_at: Mapped[datetime | None]
    token_digest: Mapped[str | None] = mapped_column(String(64), unique=True)
    token_expires_at: Mapped[datetime | None]
    confirmation: Mapped[str | None] = mapped_column(String(64))
    revoked_at: Mapped[datetime | None]


class UsedAssertion(Base):
    """A client assertion that was accepted and is not accepted again (RFC 7523 section 3)."""

    __tablename__ = "openid_used_assertions"
    __table_args__ = (Index("ix_openid_used_assertions_expires_at", "expires_at"),)

    client_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    jti_digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime]


class Participation(Base):
    """An application that knows a session, and has to hear of its end.

    ``open -> due -> delivered``; ``-> settled`` when there is nobody to tell,
    ``-> abandoned`` after too many attempts. `party` is a client identifier, or
    ``route:<name>`` of an application behind the edge.
    """

    __tablename__ = "openid_participations"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'due', 'delivered', 'settled', 'abandoned')", name="state_known"
        ),
        Index("uq_openid_participations_session_id", "session_id", "party", unique=True),
        Index(
            "ix_openid_participations_unsettled",
            "state",
            "due_at",
            sqlite_where=_UNSETTLED,
            postgresql_where=_UNSETTLED,
        ),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    session_id: Mapped[int] = mapped_column(BigKey)
    party: Mapped[str] = mapped_column(String(80))
    username: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    due_at: Mapped[datetime | None]
    attempts: Mapped[int]
    joined_at: Mapped[datetime]
