"""The inventory on the command line, and many certificates revoked by it (issue 3, 7 and 9)."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.downloads import pick_up, sample_slip
from tests.support.server import Server, running_server

UNIT = "武汉江城精密制造有限公司"
VIP = "武汉东湖光电科技股份有限公司"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("inventory"), "--demo") as server:
        pick_up(server, sample_slip(server, UNIT))
        yield server


def listed(server: Server, *options: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = server.json("certificate", "list", *options)["items"]
    return items


def test_what_is_asked_for_is_listed(server: Server) -> None:
    slip = sample_slip(server, UNIT)
    number = slip["serial_number"]
    assert [each["serial_number"] for each in listed(server, "--query", "江城")] == [number]
    assert [each["serial_number"] for each in listed(server, "-q", number[:9].lower())] == [number]
    good = listed(server, "--state", "good", "--profile", "unit", "--district", "wuchang")
    assert [each["serial_number"] for each in good] == [number]
    key = good[0]["spki_sha256"]
    assert [each["serial_number"] for each in listed(server, "--key-sha256", key)] == [number]
    assert listed(server, "--expires-before", "2020-01-01") == []
    assert [each["profile"] for each in listed(server, "--profile", "root")] == ["root"]


@pytest.mark.parametrize(
    "options",
    [
        ("--state", "lost"),
        ("--expires-before", "soon"),
        ("--key-sha256", "4142"),
        ("--issuer", "x" * 60),
        ("--after", "4142"),
    ],
)
def test_conditions_nobody_can_meet_are_told(server: Server, options: tuple[str, str]) -> None:
    server.cli("certificate", "list", *options, expect=1)


def test_a_certificate_is_shown_decoded(server: Server) -> None:
    number = sample_slip(server, UNIT)["serial_number"]
    shown = server.json("certificate", "show", number)
    assert shown["pem"].startswith("-----BEGIN CERTIFICATE-----")
    assert {"name": "commonName", "value": f"{UNIT} (wh000001)"} in shown["subject_attributes"]
    assert "certificate.issued" in [event["action"] for event in shown["history"]]
    assert shown["crl_urls"][0].endswith(f"/crl/issuing/{shown['crl_shard']}.crl")
    text = server.cli("certificate", "show", number)
    assert UNIT in text
    assert "ECDSA P-256" in text
    assert "-----END CERTIFICATE-----" in text


def test_the_inventory_goes_out_as_a_sheet(server: Server, tmp_path: Path) -> None:
    sheet = tmp_path / "certificates.csv"
    server.cli("certificate", "export", "--output", str(sheet), "--profile", "unit")
    octets = sheet.read_bytes()
    assert octets.startswith(b"\xef\xbb\xbf")
    assert sheet.stat().st_mode & 0o777 == 0o600
    rows = list(csv.reader(io.StringIO(octets.decode("utf-8-sig"), newline="")))
    assert {row[1] for row in rows[1:]} == {UNIT, VIP}
    server.cli("certificate", "export", "--output", str(sheet), expect=1)


@pytest.mark.parametrize("date", ["2099-01-01", "yesterday"])
def test_an_invalidity_date_lies_in_the_past(server: Server, date: str) -> None:
    """RFC 5280 section 5.3.2."""
    number = sample_slip(server, VIP)["serial_number"]
    options = ("--reason", "keyCompromise", "--invalidity-date", date)
    server.cli("revoke", number, *options, expect=1)
    assert server.json("certificate", "show", number)["state"] == "reserved"


def test_many_are_revoked_once_their_number_is_typed(server: Server, tmp_path: Path) -> None:
    items = server.json("certificate", "list", "--limit", "100")["items"]
    numbers = [item["serial_number"] for item in items if item["profile"] == "unit"]
    file = tmp_path / "lost.txt"
    file.write_text("\n".join([*numbers, "not a number", "4142"]), encoding="utf-8")
    act = ("certificate", "revoke-many", "--list", str(file), "--reason", "keyCompromise")
    run = server.json(*act)
    assert (run["hits"], run["malformed_count"]) == (2, 1)
    assert run["verdicts"] == {"hit": 2, "unknown": 1}
    server.cli(*act, "--confirm", "3", expect=1)
    server.cli(*act, "--profile", "unit", expect=1)
    done = server.json(*act, "--confirm", "2", "--invalidity-date", "2026-01-01")
    assert (done["revoked"], done["remaining"]) == (2, 0)
    shown = server.json("certificate", "show", sample_slip(server, UNIT)["serial_number"])
    assert (shown["state"], shown["invalidity_date"]) == ("revoked", "2025-12-31T16:00:00Z")
    assert json.loads(server.cli("audit", "verify", "--json"))["whole"] is True


def test_everything_is_never_meant(server: Server) -> None:
    server.cli("certificate", "revoke-many", "--reason", "superseded", expect=1)
