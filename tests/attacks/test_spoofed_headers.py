"""Headers by which a proxy tells a server who is there, sent by whoever likes."""

import base64
from collections.abc import Iterator

import pytest

from tests.attacks.target import Target, code_of
from tests.support.guest import Guest

pytestmark = pytest.mark.slow
SESSION = "/api/v1/session"


def claims(victim: Guest) -> dict[str, str]:
    """Return every header that some gateway believes, saying that `victim` is here."""
    der = base64.b64encode(victim.credential.der).decode()
    return {
        "Client-Cert": f":{der}:",
        "X-CertGate-Door": "portal",
        "X-CertGate-User": victim.username,
        "X-CertGate-Kind": "unit",
        "X-CertGate-Serial": victim.serial_number,
        "X-CertGate-Certificate-SHA256": victim.credential.digest,
        "X-CertGate-Assertion": victim.jar.get("__Host-certgate-assertion", "a.b.c"),
        "X-CertGate-Client-Address": "127.0.0.9",
        "X-SSL-Client-Cert": der,
        "X-SSL-Client-Verify": "SUCCESS",
        "SSL-Client-Verify": "SUCCESS",
        "X-Forwarded-Client-Cert": f'Cert="{der}"',
        "X-Forwarded-For": "127.0.0.9",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "X-Original-URL": SESSION,
        "X-HTTP-Method-Override": "DELETE",
        "Forwarded": "for=127.0.0.9;host=evil.example",
        "X-Real-IP": "127.0.0.9",
    }


def spellings(claimed: dict[str, str]) -> Iterator[list[tuple[str, str]]]:
    """Return the claims in each way of writing that some parser takes for the same."""
    pairs = list(claimed.items())
    yield pairs
    yield [(name.upper(), value) for name, value in pairs]
    yield [(name.lower(), value) for name, value in pairs]
    yield [(name.replace("-", "_"), value) for name, value in pairs]
    yield [(name.replace("-", "_", 1), value) for name, value in pairs]
    yield [*pairs, *pairs]
    yield [*pairs, ("Connection", ", ".join(["close", *claimed]))]
    yield [("Connection", "close, cookie, host"), *pairs]


def send(target: Target, guest: Guest | None, path: str, headers: list[tuple[str, str]]) -> bytes:
    """Return the answer to a request with these headers, as they are."""
    client = target.doors.portal(guest.credential if guest else None)
    own = "; ".join(f"{name}={value}" for name, value in (guest.jar if guest else {}).items())
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {client.host}:{client.port}",
        "Accept: application/json",
        *([f"Cookie: {own}"] if own else []),
        *(f"{name}: {value}" for name, value in headers),
    ]
    if not any(name == "Connection" for name, _ in headers):
        lines.append("Connection: close")
    return client.send("\r\n".join([*lines, "", ""]).encode())


def test_headers_are_no_certificate(target: Target, resident: Guest) -> None:
    """Somebody without a certificate writes somebody's into a header."""
    for headers in spellings(claims(resident)):
        answer = send(target, None, SESSION, headers)
        assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 403")), answer[:80]
        assert resident.username.encode() not in answer


def test_headers_make_nobody_somebody_else(target: Target, resident: Guest) -> None:
    """Somebody inside says that he is somebody else, here and to the application behind."""
    insider = target.victim()
    for path in (SESSION, *([target.application] if target.application else [])):
        for headers in spellings(claims(resident)):
            answer = send(target, insider, path, headers)
            assert resident.username.encode() not in answer
            if answer.startswith(b"HTTP/1.1 200"):
                assert insider.username.encode() in answer
            else:
                assert answer.startswith((b"HTTP/1.1 400", b"HTTP/1.1 401")), answer[:80]
    # No header has ended the session either.
    assert insider.ask(SESSION).status == 200


def test_forwarded_hosts_lead_nobody_away(target: Target) -> None:
    """A page is to be made that leads to the attacker, and kept by a cache on the way."""
    for headers in ({"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example"}):
        for client in (target.doors.public(), target.doors.portal()):
            for path in ("/", "/login", "/pickup"):
                answer = client.ask(path, headers=headers)
                assert b"evil.example" not in answer.body
                assert "evil.example" not in answer.headers.get("location", "")


def test_the_edge_s_own_link_is_closed_to_others(target: Target, resident: Guest) -> None:
    """A unit's certificate is good; it is presented where a login wants another's."""
    stranger = target.newcomer()
    borrowed = Guest(target.doors, resident.username, "", stranger.credential, resident.password)
    assert code_of(borrowed.log_in()) in {"certificate-mismatch", "login-refused"}
    assert resident.ask(SESSION).status == 200
