"""Paths and hosts that one parser reads otherwise than the next."""

import pytest

from tests.attacks.target import Target
from tests.support.guest import Guest

pytestmark = pytest.mark.slow

# Each means the session's document, or the security officers' pages, to some parser.
PATHS = [
    "/static/../api/v1/session",
    "/static/..%2fapi/v1/session",
    "/static/%2e%2e/api/v1/session",
    "/static/..%5capi%5cv1%5csession",
    "/static/..;/api/v1/session",
    "/static/%252e%252e/api/v1/session",
    "/healthz/../api/v1/session",
    "//api/v1/session",
    "/./api/v1/session",
    "/api//v1///session",
    "/api/v1/session;.css",
    "/api/v1/session%00.css",
    "/api/v1/session%3f.css",
    "/%61pi/v1/session",
    "/API/v1/session",
    "\\api\\v1\\session",
    "/api/v1/session/",
    "/.well-known/est/../../api/v1/session",
]


def lines(*head: str) -> bytes:
    """Return a request's head; the connection is closed after it."""
    return "\r\n".join([*head, "Connection: close", "", ""]).encode("latin-1")


def statuses(answer: bytes) -> list[bytes]:
    """Return the status of each answer in a connection."""
    return [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_leads_around_the_certificate(target: Target, resident: Guest, path: str) -> None:
    """Somebody without a certificate disguises the way as one that is open to all."""
    client = target.doors.portal()
    host = f"Host: {client.host}:{client.port}"
    cookies = "; ".join(f"{name}={value}" for name, value in resident.jar.items())
    answer = client.send(lines(f"GET {path} HTTP/1.1", host, f"Cookie: {cookies}"))
    assert resident.username.encode() not in answer
    (status,) = statuses(answer)
    assert status[:1] in {b"3", b"4"}


@pytest.mark.parametrize(
    "disguise",
    ["/apps/statements/../audits/whoami", "/apps/statements/%2e%2e/audits/whoami",
     "/apps/statements/..%2faudits/whoami", "/apps//audits/whoami", "/apps/%61udits/whoami",
     "/apps/audits/./whoami"],
)  # fmt: skip
def test_no_path_leads_around_an_application_s_rule(
    target: Target, resident: Guest, disguise: str
) -> None:
    """A unit wants to reach the auditors' application by the way of its own."""
    answer = resident.client.ask(disguise, cookies=resident.jar)
    assert 400 <= answer.status < 500
    assert b'"sub"' not in answer.body


@pytest.mark.parametrize(
    "absolute", ["https://evil.example", "http://127.0.0.1:1", "https://user@{host}"]
)
def test_absolute_targets_name_no_other_host(
    target: Target, resident: Guest, absolute: str
) -> None:
    """The gateway as a proxy into the network behind it."""
    client = resident.client
    host = f"{client.host}:{client.port}"
    asked = f"GET {absolute.format(host=host)}/api/v1/session HTTP/1.1"
    answer = client.send(lines(asked, f"Host: {host}"))
    assert statuses(answer)[0][:1] == b"4"
    assert resident.username.encode() not in answer


@pytest.mark.parametrize(
    "hosts",
    [["evil.example"], ["{host}", "evil.example"], ["evil.example", "{host}"], ["{host}, evil"],
     ["{host}@evil.example"], ["evil.example/{host}"], [""], [], ["{host} evil.example"],
     ["{host}.evil.example"]],
    ids=",".join,
)  # fmt: skip
def test_other_hosts_are_refused_at_the_portal(
    target: Target, resident: Guest, hosts: list[str]
) -> None:
    """Another host is to be taken for ours: a poisoned cache, a letter with a wrong address."""
    client = resident.client
    own = f"{client.host}:{client.port}"
    cookies = "; ".join(f"{name}={value}" for name, value in resident.jar.items())
    told = [f"Host: {host.format(host=own)}" for host in hosts]
    answer = client.send(lines("GET /api/v1/session HTTP/1.1", *told, f"Cookie: {cookies}"))
    assert statuses(answer)[0][:1] == b"4"
    assert resident.username.encode() not in answer


def test_a_host_that_is_not_the_connection_s_is_refused(target: Target, resident: Guest) -> None:
    """A connection for one host, with its rules, carries a request for another."""
    client = target.doors.portal(resident.credential)
    answer = client.send(lines("GET /login HTTP/1.1", "Host: statements.localhost"))
    assert statuses(answer)[0] in {b"400", b"421"}


@pytest.mark.parametrize("path", ["/pickup", "/", "/root.cer"])
def test_the_public_door_never_repeats_a_foreign_host(target: Target, path: str) -> None:
    """As above, where no certificate is asked for."""
    answer = target.doors.public().send(lines(f"GET {path} HTTP/1.1", "Host: evil.example"))
    assert b"evil.example" not in answer
    assert statuses(answer)[0][:1] == b"4"
