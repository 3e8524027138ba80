"""Which methods a path takes: what a 405 has to say in Allow (RFC 9110 section 15.5.6)."""

from collections.abc import Iterable

from starlette.routing import BaseRoute, Match
from starlette.types import Scope

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def allowed_methods(routes: Iterable[BaseRoute], scope: Scope, *, has_head: bool) -> str:
    """Return the field's value for the path of `scope`; with HEAD beside GET if it `has_head`.

    Frameworks name the methods of one route, and a form and what it posts are two.
    """
    routes = tuple(routes)
    found = {method for method in _METHODS if _is_taken(routes, scope, method)}
    found |= {"HEAD"} if has_head and "GET" in found else set()
    return ", ".join(method for method in _METHODS if method in found)


def _is_taken(routes: tuple[BaseRoute, ...], scope: Scope, method: str) -> bool:
    # A scope of its own: what routing has noted in the request's is left out.
    asked = {
        "type": "http", "method": method, "path": scope["path"],
        "root_path": scope.get("root_path", ""), "path_params": {}, "headers": [],
    }  # fmt: skip
    return any(route.matches(asked)[0] is Match.FULL for route in routes)
