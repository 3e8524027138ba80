"""SIGKILL while certificates are being handed out: nothing acknowledged is lost (issue item 1)."""

import json
import ssl
import threading
import urllib.request
from http.client import HTTPException
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from tests.support.server import Server, running_server

Slip = dict[str, str]


@pytest.mark.slow
def test_what_was_picked_up_before_the_kill_is_the_same_after_it(tmp_path: Path) -> None:
    with running_server(tmp_path, "--demo") as server:
        slips: list[Slip] = json.loads((server.data / "demo-slips.json").read_text("utf-8"))
        acknowledged: dict[str, str] = {}
        first = threading.Event()

        def pick_up_until_it_dies() -> None:
            for slip in slips:
                try:
                    acknowledged[slip["serial_number"]] = pick_up(server, slip)
                except (OSError, HTTPException):
                    return
                first.set()

        visitor = threading.Thread(target=pick_up_until_it_dies)
        visitor.start()
        assert first.wait(30)
        server.kill()
        visitor.join()

        server.start("--demo")
        after = {slip["serial_number"]: pick_up(server, slip) for slip in slips}
        assert acknowledged.items() <= after.items()
        items = server.json("certificate", "list", "--limit", "100")["items"]
        states = {item["serial_number"]: item["state"] for item in items}
        assert {states[serial_number] for serial_number in after} == {"good"}
        assert server.json("audit", "verify")["whole"] is True
        assert server.json("doctor")["well"] is True


def pick_up(server: Server, slip: Slip) -> str:
    """Return the SHA-256 of the certificate that a slip yields."""
    with urllib.request.urlopen(f"{server.pki}/ca/root.cer") as answer:
        root: bytes = answer.read()
    request = urllib.request.Request(
        f"{server.public}/api/v1/pickup",
        json.dumps({key: slip[key] for key in ("serial_number", "download_password")}).encode(),
        {"content-type": "application/json"},
    )
    context = ssl.create_default_context(cadata=ssl.DER_cert_to_PEM_cert(root))
    with urllib.request.urlopen(request, context=context) as answer:
        bundle = load_pkcs12(answer.read(), slip["download_password"].encode())
    assert bundle.cert is not None
    return bundle.cert.certificate.fingerprint(SHA256()).hex()
