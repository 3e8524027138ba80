"""A registered application, and whom it is for."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from gateway.openid.keys import TokenAlgorithm
from gateway.openid.models import AuthMethod
from policies.principal import Principal

# Stands in logs, in subjects of the audit log and in form fields: nothing to escape.
_CLIENT_ID = re.compile(r"[a-z0-9][a-z0-9._-]{1,62}[a-z0-9]")

TlsField = Literal["subject_dn", "san_dns", "san_uri", "san_ip", "san_email"]


@dataclass(frozen=True)
class TlsName:
    """The one name in its certificate by which a client is known."""

    field: TlsField
    value: str


@dataclass(frozen=True)
class Audience:
    """Who may use an application; nobody, unless something says who.

    Of several conditions all must hold; of the values of one condition any.
    """

    everybody: bool = False
    kinds: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    unit_classes: tuple[str, ...] = ()

    @property
    def is_nobody(self) -> bool:
        """Whether no condition is given."""
        return not (self.everybody or self.kinds or self.roles or self.unit_classes)

    def includes(self, principal: Principal) -> bool:
        """Say whether a principal, as it is now, may use the application."""
        if self.is_nobody:
            return False
        return self.everybody or (
            (not self.kinds or principal.kind in self.kinds)
            and (not self.roles or not principal.roles.isdisjoint(self.roles))
            and (not self.unit_classes or principal.unit_class in self.unit_classes)
        )


@dataclass(frozen=True)
class Application:
    """One relying party as it is registered."""

    client_id: str
    name: str
    auth_method: AuthMethod
    redirect_uris: tuple[str, ...]
    audience: Audience
    signature_algorithm: TokenAlgorithm = "ES256"
    jwks: dict[str, Any] | None = None
    tls_name: TlsName | None = None
    post_logout_redirect_uris: tuple[str, ...] = ()
    logout_url: str | None = None
    registered_at: datetime | None = None
    keys_changed_at: datetime | None = None

    @property
    def key_names(self) -> list[str]:
        """Return the names (``kid``) of its keys."""
        return [str(key["kid"]) for key in self.jwks["keys"]] if self.jwks else []

    def as_document(self) -> dict[str, object]:
        """Return the JSON form; keys by their names alone, times in RFC 3339 UTC."""
        return {
            "client_id": self.client_id,
            "name": self.name,
            "token_endpoint_auth_method": self.auth_method,
            "id_token_signed_response_alg": self.signature_algorithm,
            "keys": self.key_names,
            "tls_name": vars(self.tls_name) if self.tls_name else None,
            "redirect_uris": list(self.redirect_uris),
            "post_logout_redirect_uris": list(self.post_logout_redirect_uris),
            "logout_url": self.logout_url,
            "everybody": self.audience.everybody,
            "kinds": list(self.audience.kinds),
            "roles": list(self.audience.roles),
            "unit_classes": list(self.audience.unit_classes),
            "registered_at": _written(self.registered_at),
            "keys_changed_at": _written(self.keys_changed_at),
        }


def is_client_id(unverified: str) -> bool:
    """Say whether this has the form of a client identifier."""
    return _CLIENT_ID.fullmatch(unverified) is not None


def _written(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
