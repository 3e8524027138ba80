"""What a path asks of whoever comes to it. What is not named here asks for everything."""

from enum import Enum, auto

from enrollment.est import paths as est_paths
from gateway.edge.tokens import paths as edge_paths
from gateway.openid import addresses as openid_paths


class Reach(Enum):
    """Who gets to a path, from anybody to those who have met every obligation."""

    ANYBODY = auto()
    """With or without a certificate."""
    CERTIFICATE = auto()
    """With a good certificate; a session is not looked at."""
    BEFORE_LOGIN = auto()
    """With a good certificate, and a session or none."""
    BEFORE_RESET = auto()
    """With a session, also while the initial password is still in force (AMB-02)."""
    MEMBERS = auto()
    """With a session and a password of one's own."""


# No data, only looks.
_OPEN_PREFIXES = ("/static/",)
_OPEN = {"/healthz", "/readyz", "/favicon.ico", edge_paths.JWKS}

_BY_METHOD: dict[Reach, frozenset[tuple[str, str]]] = {
    # EST proves a slip by itself.
    Reach.ANYBODY: est_paths.WITHOUT_CERTIFICATE,
    # EST by certificate (RFC 7030 section 3.3.2). Applications bring their own
    # and prove themselves to the endpoint; a visit proves a ticket.
    Reach.CERTIFICATE: est_paths.WITH_CERTIFICATE_ALONE
    | openid_paths.WITH_CERTIFICATE_ALONE
    | {("GET", edge_paths.VISIT)},
    # Login is asked for by method: GET and DELETE of the session need one. The
    # others decide by themselves what to answer somebody who is not logged in.
    Reach.BEFORE_LOGIN: openid_paths.WITH_OR_WITHOUT_SESSION
    | {
        ("GET", "/login"),
        ("POST", "/login"),
        ("POST", "/api/v1/session"),
        ("GET", edge_paths.RENEWAL),
    },
    Reach.BEFORE_RESET: frozenset(
        {
            ("GET", "/password"),
            ("POST", "/password"),
            ("PUT", "/api/v1/password"),
            ("POST", "/logout"),
            ("GET", "/api/v1/session"),
            ("DELETE", "/api/v1/session"),
        }
    ),
}
_REACH = {where: reach for reach, places in _BY_METHOD.items() for where in places}
assert len(_REACH) == sum(map(len, _BY_METHOD.values())), "no path has two"


def reach_of(method: str, path: str) -> Reach:
    """Return who may reach `path`, which is the scope's, as routes are chosen by.

    HEAD reaches what GET does: it is answered as one (RFC 9110 section 9.3.2).
    """
    if path in _OPEN or path.startswith(_OPEN_PREFIXES):
        return Reach.ANYBODY
    asked = "GET" if method == "HEAD" else method
    return _REACH.get((asked, path), Reach.MEMBERS)
