"""RFC 9112 section 3.2: one Host that can be read, or 400; RFC 9110 section 15.5.20: 421."""

import pytest

from tests.conformance.rfc9110.conftest import Doors

pytestmark = pytest.mark.conformance

_MALFORMED = [
    [],
    ["localhost", "localhost"],
    ["localhost", "evil.example"],
    ["local host"],
    ["localhost, evil.example"],
    ["user@localhost"],
    ["localhost/path"],
    ["localhost:port"],
    ["[::1"],
    ["http://localhost"],
    ["localhost%zz"],
]


@pytest.mark.parametrize("door", ["pki", "public", "portal"])
@pytest.mark.parametrize("hosts", _MALFORMED, ids="|".join)
def test_9112_3_2_what_names_no_one_host_is_malformed(
    doors: Doors, door: str, hosts: list[str]
) -> None:
    lines = [f"Host: {host}" for host in hosts]
    answer = doors.ask(door, "GET /healthz HTTP/1.1", *lines, "Accept: text/html", host="")
    assert answer.status == 400
    assert answer.headers.get_content_type() == "text/html"


@pytest.mark.parametrize("hosts", _MALFORMED, ids="|".join)
def test_9112_3_2_ocsp_as_well(doors: Doors, hosts: list[str]) -> None:
    """Its entrance reads heads by itself, and leaves these to the server."""
    lines = [f"Host: {host}" for host in hosts]
    assert doors.ask("pki", "GET /ocsp/AAAA HTTP/1.1", *lines, host="").status == 400


@pytest.mark.parametrize("door", ["public", "portal"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8443", "[::2]", "under_score", "", "localhost.evil"]
)
def test_15_5_20_another_host_is_misdirected(doors: Doors, door: str, host: str) -> None:
    answer = doors.ask(door, "GET /healthz HTTP/1.1", f"Host: {host}", host="")
    assert answer.status == 421


def test_old_clients_of_the_pki_name_no_host(doors: Doors) -> None:
    """RFC 9112 section 3.2 asks it of HTTP/1.1; who fetches CRLs may be older."""
    assert doors.ask("pki", "GET /crl/issuing.crl HTTP/1.0", host="").status == 200
    assert doors.ask("pki", "GET /ocsp/AAAA HTTP/1.0", host="").status == 200
    assert doors.ask("pki", "GET /ca/root.cer HTTP/1.1", host="any.example:80").status == 200
    assert doors.ask("public", "GET /root.cer HTTP/1.0", host="").status == 400
