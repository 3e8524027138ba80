"""Reading what somebody wants to register: every rule in one place."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from enrollment.subscribers.officers import ROLES
from foundation.errors import Invalid
from gateway.openid.keys import ALGORITHMS, TokenAlgorithm
from gateway.openid.models import AuthMethod
from gateway.openid.registration.application import (
    Application,
    Audience,
    TlsName,
    is_client_id,
)
from gateway.openid.registration.keys import read_keys
from gateway.openid.registration.tls_names import read_tls_name
from gateway.openid.registration.urls import read_url, read_urls
from policies.principal import Kind, UnitClass

_LONGEST_NAME = 128


@dataclass(frozen=True)
class RegistrationForm:
    """What was typed; nothing of it has been looked at."""

    client_id: str
    name: str = ""
    redirect_uris: Sequence[str] = ()
    post_logout_redirect_uris: Sequence[str] = ()
    logout_url: str | None = None
    key_documents: Sequence[bytes] = ()
    tls_names: Sequence[tuple[str, str]] = ()
    signature_algorithm: str = "ES256"
    everybody: bool = False
    kinds: Sequence[str] = field(default_factory=tuple)
    roles: Sequence[str] = field(default_factory=tuple)
    unit_classes: Sequence[str] = field(default_factory=tuple)


def read_registration(form: RegistrationForm) -> Application:
    """Return the application; raises `Invalid` with the field that is wrong."""
    if not is_client_id(form.client_id):
        raise Invalid("relying-party-id-malformed", field="client_id")
    redirect_uris = read_urls(list(form.redirect_uris), "redirect_uris")
    if not redirect_uris:
        raise Invalid("relying-party-redirect-missing", field="redirect_uris")
    method, jwks, tls_name = _read_authentication(form)
    return Application(
        client_id=form.client_id,
        name=_read_name(form),
        auth_method=method,
        signature_algorithm=_read_algorithm(form),
        jwks=jwks,
        tls_name=tls_name,
        redirect_uris=tuple(redirect_uris),
        post_logout_redirect_uris=tuple(
            read_urls(list(form.post_logout_redirect_uris), "post_logout_redirect_uris")
        ),
        logout_url=read_url(form.logout_url, "logout_url") if form.logout_url else None,
        audience=_read_audience(form),
    )


def _read_name(form: RegistrationForm) -> str:
    name = form.name.strip() or form.client_id
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise Invalid("relying-party-name-refused", field="name", longest=_LONGEST_NAME)
    return name


def _read_authentication(
    form: RegistrationForm,
) -> tuple[AuthMethod, dict[str, Any] | None, TlsName | None]:
    # RFC 8705 section 2.1.2: exactly one name; and one method, so that the
    # weaker of two is never the one that counts.
    if bool(form.key_documents) == bool(form.tls_names) or len(form.tls_names) > 1:
        raise Invalid("relying-party-authentication-unclear", field="keys")
    if form.key_documents:
        return "private_key_jwt", read_keys(form.key_documents), None
    return "tls_client_auth", None, read_tls_name(*form.tls_names[0])


def _read_algorithm(form: RegistrationForm) -> TokenAlgorithm:
    (known,) = _known([form.signature_algorithm], ALGORITHMS, "signature_algorithm")
    return cast(TokenAlgorithm, known)


def _read_audience(form: RegistrationForm) -> Audience:
    audience = Audience(
        everybody=form.everybody,
        kinds=_known(form.kinds, get_args(Kind), "kinds"),
        roles=_known(form.roles, ROLES, "roles"),
        unit_classes=_known(form.unit_classes, get_args(UnitClass), "unit_classes"),
    )
    if audience.is_nobody:
        raise Invalid("relying-party-for-nobody", field="everybody")
    if audience.everybody and audience != Audience(everybody=True):
        raise Invalid("relying-party-for-everybody-or-some", field="everybody")
    return audience


def _known(values: Sequence[str], known: Sequence[str], field_name: str) -> tuple[str, ...]:
    for value in values:
        if value not in known:
            raise Invalid(
                "relying-party-value-unknown",
                field=field_name,
                value=value[:64],
                known=", ".join(known),
            )
    return tuple(dict.fromkeys(values))
