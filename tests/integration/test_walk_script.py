"""docs/walk.sh, as a newcomer runs it beside a running server."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.command import ROOT, certgate_command
from tests.support.ports import free_ports
from tests.support.server import Server, running_server

WALK = ROOT / "docs" / "walk.sh"
WALK_SECONDS = 300


@pytest.fixture(autouse=True)
def _programs() -> None:
    for program in ("bash", "curl", "openssl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (apt-get install {program})")


@pytest.mark.slow
def test_the_whole_way_of_one_credential_with_curl_and_openssl(tmp_path: Path) -> None:
    """ENR-10, DL-08, LOGIN-01 to LOGIN-05, BIZ-ADD-01, TASK-09 to TASK-15, AMB-03 to AMB-05."""
    with running_server(tmp_path / "data", "--demo") as server:
        walked = walk(server)

    assert walked.returncode == 0, walked.stdout + walked.stderr + server.output
    assert walked.stdout.endswith("\nThe walk is done.\n")
    assert walked.stderr == ""


def test_the_walk_fails_where_no_server_answers(tmp_path: Path) -> None:
    stopped = Server(tmp_path, free_ports())

    walked = walk(stopped)

    assert walked.returncode == 1
    assert f"nobody answers at {stopped.pki}" in walked.stderr


def walk(server: Server) -> subprocess.CompletedProcess[str]:
    """Run the script with the settings of `server`."""
    return subprocess.run(
        [str(WALK)],
        cwd=ROOT,
        env={
            **server.environment(),
            "CERTGATE": certgate_command()[0],
            "DATA": str(server.data),
        },
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=WALK_SECONDS,
        check=False,
    )
