"""SIGKILL while certificates are being handed out: nothing acknowledged is lost (issue item 1)."""

import threading
from http.client import HTTPException
from pathlib import Path

import pytest
from cryptography import x509

from tests.support.downloads import certificate_of, sample_slips
from tests.support.server import running_server


@pytest.mark.slow
def test_what_was_picked_up_before_the_kill_is_the_same_after_it(tmp_path: Path) -> None:
    with running_server(tmp_path, "--demo") as server:
        slips = sample_slips(server)
        acknowledged: dict[str, x509.Certificate] = {}
        first = threading.Event()

        def pick_up_until_it_dies() -> None:
            for slip in slips:
                try:
                    acknowledged[slip["serial_number"]] = certificate_of(server, slip)
                except (OSError, HTTPException):
                    return
                first.set()

        visitor = threading.Thread(target=pick_up_until_it_dies)
        visitor.start()
        assert first.wait(30)
        server.kill()
        visitor.join()

        server.start("--demo")
        after = {slip["serial_number"]: certificate_of(server, slip) for slip in slips}
        assert acknowledged.items() <= after.items()
        items = server.json("certificate", "list", "--limit", "100")["items"]
        states = {item["serial_number"]: item["state"] for item in items}
        assert {states[serial_number] for serial_number in after} == {"good"}
        assert server.json("audit", "verify")["whole"] is True
        assert server.json("doctor")["well"] is True
