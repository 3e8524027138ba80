"""The authenticated who of a request: all that business code sees of a login."""

from dataclasses import dataclass
from typing import Literal

from starlette.requests import Request

from foundation.errors import Denied

Kind = Literal["unit", "person", "officer"]
UnitClass = Literal["vip", "ordinary"]
Standing = Literal["active", "suspended"]


@dataclass(frozen=True)
class Principal:
    """Who is asking, as read from the database for this very request (AMB-21).

    `district` of an officer limits where the officer may act; None is the whole
    city. `credit_code` of a unit is the key into the registry of insured units.
    """

    username: str
    display_name: str
    kind: Kind
    unit_class: UnitClass | None = None
    roles: frozenset[str] = frozenset()
    district: str | None = None
    credit_code: str | None = None
    standing: Standing = "active"


def principal_of(request: Request) -> Principal:
    """Return the principal that the gateway's session middleware put on the request.

    Raises `Denied` ("login-required") when there is none. Does not check any
    permission: that is `AccessPolicy.require`.
    """
    principal = getattr(request.state, "principal", None)
    if not isinstance(principal, Principal):
        raise Denied("login-required")
    return principal
