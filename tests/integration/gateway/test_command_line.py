"""The commands of the contract, against a running server and a stopped one."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.downloads import fetch, pick_up, sample_slip
from tests.support.server import Server, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("command-line"), "--demo") as server:
        yield server


def test_a_slip_has_exactly_the_contract_s_seven_values(server: Server, tmp_path: Path) -> None:
    """ENR-10; the sheet is written beside it, for its owner only."""
    sheet = tmp_path / "slip.pdf"
    slip = server.json(
        "officer", "add", "qian.wei", "--role", "review_officer", "--pdf", str(sheet)
    )
    assert set(slip) == {
        "username",
        "initial_password",
        "serial_number",
        "download_password",
        "pickup_url",
        "root_fingerprint_sha256",
        "expires_at",
    }
    assert sheet.read_bytes().startswith(b"%PDF-")
    assert sheet.stat().st_mode & 0o777 == 0o600
    server.cli("officer", "add", "sun.li", "--role", "auditor", "--pdf", str(sheet), expect=1)
    assert [item["subscriber"] for item in inventory(server, "sun.li")] == []


def test_wrong_particulars_are_told_and_leave_nothing(server: Server) -> None:
    before = len(inventory(server))
    server.cli(
        "unit", "add", "--name", "x", "--credit-code", "1", "--district", "wuchang", expect=1
    )
    server.cli("officer", "add", "x", "--role", "emperor", expect=1)
    server.cli("revoke", "00", "--reason", "keyCompromise", expect=1)
    assert len(inventory(server)) == before


def test_class_and_standing_change_and_the_same_again_is_a_conflict(server: Server) -> None:
    username = sample_slip(server, "武汉江城精密制造有限公司")["username"]
    assert server.json("unit", "promote", username)["unit_class"] == "vip"
    server.cli("unit", "promote", username, expect=1)
    assert server.json("unit", "demote", username)["unit_class"] == "ordinary"
    assert server.json("unit", "suspend", username)["standing"] == "suspended"
    assert server.json("unit", "resume", username)["standing"] == "active"


def test_revoke_hold_and_release_answer_receipts(server: Server) -> None:
    """The running server honours a command at once: a good certificate first, then none."""
    slip = sample_slip(server, "刘洋")
    pick_up(server, slip)
    serial_number = slip["serial_number"]
    assert server.json("hold", serial_number)["act"] == "held"
    assert server.json("release", serial_number)["act"] == "released"
    receipt = server.json("revoke", serial_number, "--reason", "cessationOfOperation")
    assert (receipt["act"], receipt["reason"]) == ("revoked", "cessationOfOperation")
    assert server.json("certificate", "show", serial_number)["state"] == "revoked"
    server.cli("release", serial_number, expect=1)


def test_the_doctor_is_content_and_the_chain_holds(server: Server) -> None:
    findings = server.json("doctor")
    assert findings["well"] is True
    verdicts = {(finding["check"], finding["outcome"]) for finding in findings["findings"]}
    assert ("resumption", "off") in verdicts
    assert ("listener", "silent") not in verdicts
    assert server.json("audit", "verify")["whole"] is True


def test_init_refuses_what_exists(server: Server) -> None:
    server.cli("init", expect=1)


def test_an_operator_types_commands_beside_a_running_server(server: Server) -> None:
    """Each command is a process of its own; this is the program as it is installed."""
    typed = replace(server, by_process=True)
    slip = typed.json("officer", "add", "he.xin", "--role", "auditor")
    receipt = typed.json("revoke", slip["serial_number"], "--reason", "superseded")
    assert receipt["act"] == "revoked"
    typed.cli("revoke", slip["serial_number"], "--reason", "superseded", expect=1)


def test_stop_and_start_lose_nothing_and_make_nothing_twice(tmp_path: Path) -> None:
    """Issue, item 1."""
    with running_server(tmp_path, "--demo") as server:
        slip = sample_slip(server, "武汉江城精密制造有限公司")
        before = inventory(server)
        root = fetch(f"{server.pki}/ca/root.cer")
        server.stop()
        server.start("--demo")
        assert inventory(server) == before
        assert fetch(f"{server.pki}/ca/root.cer") == root
        assert sample_slip(server, "武汉江城精密制造有限公司") == slip
        assert pick_up(server, slip).startswith(b"0")
        assert server.json("audit", "verify")["whole"] is True


def test_a_broken_chain_is_found_with_its_first_bad_entry(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        server.stop()
        with sqlite3.connect(server.data / "certgate.db") as database:
            database.execute("DROP TRIGGER audit_entries_no_update")
            database.execute("UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 3")
        report = json.loads(server.cli("audit", "verify", "--json", expect=1))
        assert report["first_bad"] == 3
        server.cli("doctor", expect=1)


def test_no_secret_in_what_the_server_says(server: Server) -> None:
    slip = sample_slip(server, "武汉东湖光电科技股份有限公司")
    pick_up(server, slip)
    after_ready = server.output.split("certgate: ready", 1)[1]
    assert slip["download_password"] not in after_ready
    assert slip["initial_password"] not in after_ready


def inventory(server: Server, username: str | None = None) -> list[dict[str, str]]:
    wanted = ["--username", username] if username else []
    items: list[dict[str, str]] = server.json("certificate", "list", "--limit", "100", *wanted)[
        "items"
    ]
    return items
