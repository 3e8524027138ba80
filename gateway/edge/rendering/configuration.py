"""HAProxy's configuration, put together from the settings and the routes."""

from dataclasses import dataclass
from ipaddress import ip_address

from jinja2 import Environment, PackageLoader, StrictUndefined
from pydantic import TypeAdapter, ValidationError

from enrollment.est import paths as est_paths
from foundation.i18n import LANGUAGE_COOKIE, LANGUAGE_PARAMETER, LANGUAGES
from foundation.settings import Settings
from foundation.web.middleware.security_headers import STRICT_TRANSPORT
from foundation.web.problem import CHALLENGE, MEDIA_TYPE
from foundation.web.statuses import status_of
from gateway.edge.files import EdgeFiles
from gateway.edge.rendering.lanes import lanes_of
from gateway.edge.rendering.limits import Limits
from gateway.edge.rendering.log_format import LOG_FORMAT
from gateway.edge.rendering.pages import PAGE, PROBLEM, UNASKED
from gateway.edge.rendering.reasons import REFUSALS, Refusal
from gateway.edge.routes import Routes
from gateway.edge.routes.application import HostName
from gateway.edge.tokens import paths as tokens_paths
from gateway.edge.tokens.claims import ASSERTION_COOKIE, SESSION_TOKEN_COOKIE

_FORMS = ((PAGE, "text/html; charset=utf-8"), (PROBLEM, MEDIA_TYPE))
# Facts that anybody may have: how to verify an assertion (RFC 7517).
_OPEN_PATHS = (tokens_paths.JWKS,)
# Where a request ends may be unsure, or the rest of it stays unread.
_CLOSING = ("malformed-request", "length-required", "upload-too-large", "method-not-allowed")


class EdgeError(Exception):
    """These settings make no edge; the text says what is missing."""


def render_configuration(
    settings: Settings, routes: Routes, content_security_policy: str, limits: Limits | None = None
) -> str:
    """Return the whole configuration as text.

    `content_security_policy` is that of the answers (`pages.Answers`). Raises
    `EdgeError`. Whether the files that it names exist is not checked.
    """
    limits = limits or Limits()
    host = _require_host(settings)
    try:
        files = EdgeFiles(settings.resolved_edge_state)
    except ValueError as unfit:
        raise EdgeError(str(unfit)) from unfit
    if not settings.edge_nodes:
        raise EdgeError("edge_nodes: an edge needs the address of a node at least")
    own_hosts = list(dict.fromkeys((host, "localhost", "127.0.0.1")))
    if taken := routes.hosts() & set(own_hosts):
        raise EdgeError(f"routes.toml: the host {min(taken)} is the portal's own")
    return (
        _environment()
        .get_template("haproxy.cfg.j2")
        .render(
            files=files,
            limits=limits,
            bind=_bind(settings),
            pki_port=settings.pki_port,
            public_port=settings.public_port,
            portal_port=settings.portal_port,
            portal_host=host,
            portal_url=settings.portal_url,
            own_hosts=own_hosts,
            application_hosts=sorted(routes.hosts()),
            applications=routes.applications,
            applications_by_path=routes.by_path(),
            with_websockets=any(one.websockets for one in routes.applications),
            open_paths=_OPEN_PATHS,
            open_calls=sorted({path for _, path in est_paths.WITHOUT_CERTIFICATE}),
            est_attempts=sorted(
                {path for method, path in est_paths.WITHOUT_CERTIFICATE if method == "POST"}
            ),
            session_token_cookie=SESSION_TOKEN_COOKIE,
            assertion_cookie=ASSERTION_COOKIE,
            renewal_path=tokens_paths.RENEWAL,
            language_cookie=LANGUAGE_COOKIE,
            language_parameter=LANGUAGE_PARAMETER,
            nodes=settings.edge_nodes,
            nameservers=settings.edge_nameservers,
            lanes=lanes_of(limits),
            log_format=LOG_FORMAT,
            unasked={
                status: _retry(one) if status == 503 else "" for status, one in UNASKED.items()
            },
            problem_type=MEDIA_TYPE,
            refusals=[_Answer.of(one) for one in REFUSALS],
            closing=[reason for one in REFUSALS if one.code in _CLOSING for reason in one.reasons],
            forms=_FORMS,
            languages=LANGUAGES,
            content_security_policy=content_security_policy,
            strict_transport=None if host == "localhost" else STRICT_TRANSPORT,
        )
    )


@dataclass(frozen=True)
class _Answer:
    """A refusal as the template needs it."""

    code: str
    status: int
    reasons: tuple[str, ...]
    headers: str

    @classmethod
    def of(cls, refusal: Refusal) -> "_Answer":
        status = status_of(refusal.failure)
        headers = ""
        if status == 401:
            headers += " hdr WWW-Authenticate '" + CHALLENGE + "'"
        headers += _retry(refusal)
        return cls(refusal.code, status, refusal.reasons, headers)


def _retry(refusal: Refusal) -> str:
    if refusal.retry_after is None:
        return ""
    return f" hdr Retry-After {round(refusal.retry_after.total_seconds())}"


def _require_host(settings: Settings) -> str:
    # The link and the tokens are bound to a name; an address has none.
    try:
        return TypeAdapter(HostName).validate_python(settings.host)
    except ValidationError as unfit:
        raise EdgeError("host: an edge needs a DNS name in lower case") from unfit


def _bind(settings: Settings) -> str:
    address = str(ip_address(str(settings.bind)))
    return f"[{address}]" if ":" in address else address


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("gateway.edge.rendering"),
        # This is not HTML: every value is held to plain characters by its model.
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
