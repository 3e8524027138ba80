"""What an operator does for edges on the command line."""

import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import select

from foundation.database import Database
from gateway.signing_keys import SigningKeyRecord
from tests.support.ports import free_ports
from tests.support.server import Server


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Server:
    server = Server(tmp_path_factory.mktemp("installation") / "data", free_ports())
    server.cli("init")
    return server


def test_an_edge_is_enrolled_into_its_own_folder(installation: Server) -> None:
    told = installation.json("edge", "enroll", "edge-1")
    folder = Path(told["folder"])
    assert folder == installation.data.absolute() / "edge"
    pem = (folder / "link.pem").read_bytes()
    leaf, issuing = x509.load_pem_x509_certificates(pem)
    assert leaf.issuer == issuing.subject
    assert leaf.subject.rfc4514_string().startswith("CN=edge-1,")
    assert (
        format(leaf.serial_number, "X").zfill(len(told["serial_number"])) == told["serial_number"]
    )
    assert load_pem_private_key(pem, None).public_key() == leaf.public_key()
    authorities = x509.load_pem_x509_certificates((folder / "link-authorities.pem").read_bytes())
    assert [one.subject for one in authorities[1:]] == [issuing.subject]
    for file in (folder / "link.pem", folder / "link-authorities.pem"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_second_certificate_takes_the_place_of_the_first(
    installation: Server, tmp_path: Path
) -> None:
    """Both are good until one is revoked, so that an edge changes over without a gap."""
    out = str(tmp_path / "edge-2")
    first = installation.json("edge", "enroll", "edge-2", "--out", out)
    second = installation.json("edge", "enroll", "edge-2", "--out", out)
    assert first["serial_number"] != second["serial_number"]
    receipt = installation.json("revoke", first["serial_number"], "--reason", "superseded")
    assert receipt["act"] == "revoked"


@pytest.mark.parametrize("name", ["Edge-1", "edge.example", "-edge", "e" * 33, "边缘"])
def test_a_name_that_would_not_stand_in_a_certificate_is_refused(
    installation: Server, name: str
) -> None:
    installation.cli("edge", "enroll", "--", name, expect=1)


def test_keys_are_replaced_at_once(installation: Server) -> None:
    first = installation.json("edge", "replace-keys")["key_names"]
    second = installation.json("edge", "replace-keys")["key_names"]
    database = Database(f"sqlite:///{installation.data / 'certgate.db'}")
    try:
        with database.reading() as session:
            kept = set(session.scalars(select(SigningKeyRecord.kid)))
    finally:
        database.dispose()
    assert kept == set(second)
    assert not kept & set(first)
