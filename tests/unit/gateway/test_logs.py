"""Logs are JSON lines that hold no secret (design section 3, Seeing)."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from gateway.logs import configure_logs, mask_secrets

SECRETS = [
    "password",
    "old_password",
    "download_password",
    "DownloadPassword",
    "secret",
    "client_secret",
    "token",
    "session_token",
    "form_token",
    "passphrase",
    "private_key",
    "pkcs12",
    "cookie",
    "Set-Cookie",
]
HARMLESS = ["username", "serial_number", "path", "status", "key_name", "event"]

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """Configure the logs of this process as the gateway does, and undo it afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logs()
    written = io.StringIO()

    def read() -> list[dict[str, Any]]:
        written.write(capsys.readouterr().err)
        return [json.loads(line) for line in written.getvalue().splitlines()]

    yield read
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


@pytest.mark.parametrize("name", SECRETS)
def test_a_field_named_after_a_secret_is_masked(name: str) -> None:
    assert mask_secrets(None, "info", {name: "hunter2"}) == {name: "[hidden]"}


@pytest.mark.parametrize("name", HARMLESS)
def test_other_fields_stay(name: str) -> None:
    assert mask_secrets(None, "info", {name: "value"}) == {name: "value"}


def test_secrets_inside_of_other_fields_are_masked_too() -> None:
    event = {
        "body": {"username": "wh000123", "password": "hunter2", 7: "seven"},
        "items": [{"token": "abc"}, ("plain", {"cookie": "abc"})],
    }

    assert mask_secrets(None, "info", event) == {
        "body": {"username": "wh000123", "password": "[hidden]", 7: "seven"},
        "items": [{"token": "[hidden]"}, ["plain", {"cookie": "[hidden]"}]],
    }


def test_what_the_caller_holds_is_not_changed() -> None:
    body = {"password": "hunter2"}

    mask_secrets(None, "info", {"body": body})

    assert body == {"password": "hunter2"}


def test_a_line_is_json_with_level_time_and_fields(lines: Lines) -> None:
    structlog.get_logger("gateway").info("slip_issued", name="武汉", password="hunter2")

    [line] = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "slip_issued",
        "level": "info",
        "name": "武汉",
        "password": "[hidden]",
    }


def test_records_of_the_standard_library_become_the_same_lines(lines: Lines) -> None:
    # A name of its own: whoever ran a server before may have set uvicorn's apart.
    logging.getLogger("somebody.else").warning("Invalid HTTP request received from %s", "x")

    [line] = lines()
    assert (line["event"], line["level"]) == ("Invalid HTTP request received from x", "warning")


def test_an_exception_is_told_without_the_values_of_variables(lines: Lines) -> None:
    def check(password: str) -> None:
        raise ValueError("refused")

    for log in (structlog.get_logger(), logging.getLogger("app")):
        try:
            check("hunter" + "2")
        except ValueError:
            log.exception("failed")

    told = lines()
    assert len(told) == 2
    for line in told:
        assert "ValueError: refused" in line["exception"]
        assert "hunter2" not in json.dumps(line)
