"""TLS sessions that are taken up again: the certificate is not shown then (RFC 8446, 2.2)."""

from pathlib import Path

import pytest

from tests.attacks.target import Target
from tests.support.guest import Guest
from tests.support.openssl import openssl

pytestmark = pytest.mark.slow
VERSIONS = ("-tls1_2", "-tls1_3")


def visit(target: Target, port: int, version: str, *options: str | Path) -> str:
    """Return what the openssl command says of one request in a connection."""
    doors = target.doors
    request = f"GET /api/v1/session HTTP/1.0\r\nHost: {doors.host}:{port}\r\n\r\n"
    connect = ("-connect", f"{doors.address}:{port}", "-servername", doors.host)
    try:
        return openssl(
            "s_client", *connect, version, "-ign_eof", *options, stdin=request.encode()
        ).text
    except AssertionError as refused:
        # A door that does not speak this version.
        return str(refused)


@pytest.mark.parametrize("version", VERSIONS)
def test_no_door_takes_up_a_session(target: Target, tmp_path: Path, version: str) -> None:
    """A session that was begun at the open door is to be believed at the one with certificates."""
    portal, public = target.doors.portal_port, target.doors.public_port
    for first in (portal, public):
        file = tmp_path / f"{first}.pem"
        assert "Reused, " not in visit(target, first, version, "-sess_out", file)
        for second in (portal, public):
            if file.exists():
                assert "Reused, " not in visit(target, second, version, "-sess_in", file)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_session_does_not_outlive_its_certificate(
    target: Target, tmp_path: Path, version: str
) -> None:
    """The holder of a certificate keeps the session, and comes back with it when it is revoked."""
    victim, file = target.victim(), tmp_path / "session.pem"
    shown = victim.credential.write(tmp_path)
    visit(target, target.doors.portal_port, version, "-sess_out", file, "-cert", shown)
    target.revoke(victim)

    for options in ((), ("-cert", shown)):
        again = ("-sess_in", file) if file.exists() else ()
        said = visit(target, target.doors.portal_port, version, *again, *options)
        assert "Reused, " not in said
        assert " 200 " not in said


def test_early_data_is_not_taken(target: Target, resident: Guest, tmp_path: Path) -> None:
    """A request in the first flight can be sent again by whoever has seen it (RFC 8446, 8)."""
    early, file = tmp_path / "early.txt", tmp_path / "session.pem"
    early.write_text(f"GET /healthz HTTP/1.1\r\nHost: {target.doors.host}\r\n\r\n")
    for port in (target.doors.portal_port, target.doors.public_port):
        visit(target, port, "-tls1_3", "-sess_out", file)
        if file.exists():
            said = visit(target, port, "-tls1_3", "-sess_in", file, "-early_data", early)
            assert "Early data was accepted" not in said
        assert "Max Early Data: 0" in visit(target, port, "-tls1_3") or not file.exists()
