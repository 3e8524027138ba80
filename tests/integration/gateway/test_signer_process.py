"""The issuing key in a process of its own: the gateway never holds it (`certgate signer`)."""

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from tests.support.command import run_here
from tests.support.downloads import fetch, pick_up
from tests.support.ports import free_ports
from tests.support.server import Server
from tests.support.signer_process import SignerProcess, signer_for


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "gateway", free_ports())
    yield server
    if server.is_running:
        server.kill()


@pytest.fixture
def signer(gateway: Server, tmp_path: Path) -> Iterator[SignerProcess]:
    with signer_for(gateway, tmp_path / "signer") as process:
        yield process


def use(gateway: Server, signer: SignerProcess) -> None:
    gateway.settings = {**gateway.settings, "CERTGATE_SIGNER": signer.address}


def adopt(signer: SignerProcess) -> Any:
    arguments = ["signer", "adopt", str(signer.gateway.data), "--data", str(signer.data), "--json"]
    ended = run_here(arguments, signer.environment())
    assert ended.status == 0, ended.errors
    return json.loads(ended.output)


def listed(gateway: Server, serial_number: str) -> bool:
    crl = x509.load_der_x509_crl(fetch(f"{gateway.pki}/crl/issuing.crl"))
    return crl.get_revoked_certificate_by_serial_number(int(serial_number, 16)) is not None


def kinds(folder: Path) -> set[str]:
    return {path.stem.split("-")[0] for path in folder.glob("*.pem")}


def test_keys_move_to_the_signer_and_the_portal_goes_on(
    gateway: Server, signer: SignerProcess
) -> None:
    gateway.cli("init")
    moved = adopt(signer)["adopted_keys"]
    assert {name.split("-")[0] for name in moved} == {"issuing", "ocsp"}
    assert kinds(gateway.data / "keys") == {"audit", "root", "server"}
    assert kinds(signer.data / "keys") == {"issuing", "ocsp"}

    signer.start()
    use(gateway, signer)
    gateway.start()
    slip = gateway.json("officer", "add", "zhou.ming", "--role", "auditor")
    bundle = load_pkcs12(pick_up(gateway, slip), slip["download_password"].encode())
    assert bundle.cert is not None

    gateway.json("revoke", slip["serial_number"], "--reason", "keyCompromise")
    assert listed(gateway, slip["serial_number"])
    gateway.cli("doctor")
    gateway.stop()
    assert signer.end() == 0


def test_without_its_signer_nothing_is_issued_but_what_is_revoked_is_dead(
    gateway: Server, signer: SignerProcess
) -> None:
    """And the gateway starts: logging in needs no signature of the CA."""
    gateway.cli("init")
    adopt(signer)
    signer.start()
    use(gateway, signer)
    gateway.start()
    first = gateway.json("officer", "add", "zhou.ming", "--role", "auditor")
    second = gateway.json("officer", "add", "wu.jing", "--role", "auditor")
    pick_up(gateway, first)

    signer.end(signal.SIGKILL)
    with pytest.raises(urllib.error.HTTPError) as refused:
        pick_up(gateway, second)
    assert refused.value.code == 503
    assert json.load(refused.value)["type"].endswith("/certificate-pending")
    receipt = gateway.json("revoke", first["serial_number"], "--reason", "keyCompromise")
    assert (receipt["act"], receipt["crl_number"]) == ("revoked", 0)
    assert not listed(gateway, first["serial_number"])
    gateway.cli("doctor", expect=1)
    gateway.stop()
    gateway.start()

    signer.start()
    bundle = load_pkcs12(pick_up(gateway, second), second["download_password"].encode())
    assert bundle.cert is not None
    # The next act publishes what the one before could not.
    gateway.json("revoke", second["serial_number"], "--reason", "superseded")
    assert listed(gateway, first["serial_number"])
    gateway.stop()


def test_an_installation_made_with_a_signer_has_its_keys_there_from_the_start(
    gateway: Server, signer: SignerProcess
) -> None:
    signer.start("--ceremony")
    use(gateway, signer)
    gateway.cli("init")
    assert kinds(gateway.data / "keys") == {"audit", "server"}
    assert kinds(signer.data / "keys") == {"root", "issuing", "ocsp"}
    signer.end()

    signer.start()
    gateway.start()
    slip = gateway.json("officer", "add", "zhou.ming", "--role", "auditor")
    assert load_pkcs12(pick_up(gateway, slip), slip["download_password"].encode()).cert
    gateway.stop()


def test_two_signers_do_not_share_a_folder(gateway: Server, signer: SignerProcess) -> None:
    signer.start()
    second = run_here(["signer", "--data", str(signer.data)], signer.environment())
    assert second.status == 1
