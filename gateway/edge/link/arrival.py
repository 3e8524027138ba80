"""What an edge says of a request, read from its headers on the link.

The edge strips what clients write under these names in every spelling and then
sets each exactly once. So a header that is missing, doubled or odd here means
that something between is broken or being tried, and the request is refused.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from foundation.errors import Invalid
from gateway.edge.link.client_certificate import read_client_certificate

DoorName = Literal["pki", "public", "portal"]
_DOORS: dict[bytes, DoorName] = {b"pki": "pki", b"public": "public", b"portal": "portal"}

DOOR = b"x-certgate-door"
CLIENT_ADDRESS = b"x-certgate-client-address"
CLIENT_PORT = b"x-certgate-client-port"
REQUEST_ID = b"x-certgate-request-id"
CLIENT_CERT = b"client-cert"

# Never seen by an application: ours, and what others trust in the same way.
_PRIVATE = (b"x-certgate-", b"client-cert", b"x-ssl-", b"x-forwarded-")
_PRIVATE_NAMES = frozenset({b"forwarded"})
_PORT = re.compile(rb"[1-9][0-9]{0,4}")
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
_LONGEST_ADDRESS = 64

Header = tuple[bytes, bytes]


@dataclass(frozen=True)
class Arrival:
    """A request as it arrived at an edge.

    The door and the client's address are as true as the edge. The certificate
    is **unverified**: the edge saw the client prove its key, no more counts here.
    """

    door: DoorName
    client: tuple[str, int]
    unverified_certificate: bytes | None
    request_id: str | None


def read_arrival(headers: Iterable[Header]) -> Arrival:
    """Return what the edge says (names in lower case); raises `Invalid` ("malformed-request").

    Refused are: a door that is missing, twice there or unknown, the same of the
    client's address and port, a certificate at a door where none is asked for.
    """
    told: dict[bytes, list[bytes]] = {}
    for name, value in headers:
        told.setdefault(name, []).append(value)
    door = _DOORS.get(_one(told, DOOR))
    if door is None:
        raise Invalid("malformed-request")
    certificate = read_client_certificate(told.get(CLIENT_CERT, []))
    if certificate is not None and door != "portal":
        raise Invalid("malformed-request")
    return Arrival(
        door=door,
        client=(_address(_one(told, CLIENT_ADDRESS)), _port(_one(told, CLIENT_PORT))),
        unverified_certificate=certificate,
        request_id=_request_id(told.get(REQUEST_ID, [])),
    )


def without_private(headers: Iterable[Header]) -> list[Header]:
    """Return the headers without what an edge or a proxy says, in any spelling.

    ``_`` counts as ``-``: WSGI and CGI make one name of both.
    """
    return [(name, value) for name, value in headers if not _is_private(name)]


def _is_private(name: bytes) -> bool:
    plain = name.lower().replace(b"_", b"-")
    return plain.startswith(_PRIVATE) or plain in _PRIVATE_NAMES


def _one(told: dict[bytes, list[bytes]], name: bytes) -> bytes:
    values = told.get(name, [])
    if len(values) != 1:
        raise Invalid("malformed-request")
    return values[0]


def _address(value: bytes) -> str:
    try:
        address = ipaddress.ip_address(value[:_LONGEST_ADDRESS].decode("ascii"))
    except (ValueError, UnicodeDecodeError) as wrong:
        raise Invalid("malformed-request") from wrong
    # One client has one address, however the edge's socket saw it: throttles count by it.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address)


def _port(value: bytes) -> int:
    if not _PORT.fullmatch(value) or int(value) > 65_535:
        raise Invalid("malformed-request")
    return int(value)


def _request_id(values: list[bytes]) -> str | None:
    if not values:
        return None
    if len(values) != 1 or not _REQUEST_ID.fullmatch(values[0]):
        raise Invalid("malformed-request")
    return values[0].decode("ascii")
