"""The server harness against a stand-in program that behaves, or does not."""

import sys
from pathlib import Path

import pytest

from tests.support import server
from tests.support.ports import free_ports
from tests.support.server import Server, running_server

STAND_IN = """
import json, os, signal, sys
command, behaviour = sys.argv[1], os.environ["CERTGATE_BEHAVIOUR"]
if command != "up":
    print(json.dumps({"data": os.environ["CERTGATE_DATA"], "arguments": sys.argv[1:]}))
    sys.exit(3 if behaviour == "refuses" else 0)
if behaviour == "broken":
    sys.exit("the database is gone")
def drain(*_):
    print("drained")
    sys.exit(behaviour == "dirty")
signal.signal(signal.SIGTERM, drain)
print("certgate: ready")
while True:
    signal.pause()
"""


@pytest.fixture(autouse=True)
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "certgate.py"
    program.write_text(STAND_IN)
    monkeypatch.setattr(server, "certgate_command", lambda: [sys.executable, str(program)])


def test_waits_until_ready_and_lets_it_drain(tmp_path: Path) -> None:
    with running_server(tmp_path, "--demo", CERTGATE_BEHAVIOUR="good") as running:
        assert running.is_running

    assert not running.is_running
    assert running.output == "certgate: ready\ndrained\n"


def test_says_what_the_program_said_when_it_does_not_start(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match="the database is gone"),
        running_server(tmp_path, CERTGATE_BEHAVIOUR="broken"),
    ):
        pass


def test_a_drain_that_fails_is_a_failure(tmp_path: Path) -> None:
    running = Server(tmp_path, free_ports(), {"CERTGATE_BEHAVIOUR": "dirty"})
    running.start()

    with pytest.raises(AssertionError, match="status 1"):
        running.stop()


def test_starts_again_after_the_plug_was_pulled(tmp_path: Path) -> None:
    running = Server(tmp_path, free_ports(), {"CERTGATE_BEHAVIOUR": "good"})
    running.start()
    first = running.pid
    running.kill()

    running.start()

    assert running.pid != first
    running.stop()


def test_commands_act_on_the_data_of_the_server(tmp_path: Path) -> None:
    running = Server(tmp_path, free_ports(), {"CERTGATE_BEHAVIOUR": "good"}, by_process=True)

    document = running.json("unit", "add")

    assert document == {"data": str(tmp_path), "arguments": ["unit", "add", "--json"]}


def test_a_command_that_ends_otherwise_than_expected_is_a_failure(tmp_path: Path) -> None:
    running = Server(tmp_path, free_ports(), {"CERTGATE_BEHAVIOUR": "refuses"}, by_process=True)

    assert running.cli("revoke", expect=3)
    with pytest.raises(AssertionError, match="status 3"):
        running.cli("revoke")
