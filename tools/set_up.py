"""Make or renew `.venv` from the lock files: `set_up.py runtime|dev`.

Runs on a bare Debian 12 python3 with the standard library only, without root.
A second run with unchanged lock files returns at once.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements"
OLDEST_PYTHON = (3, 11)

# What pip is told about the machine's package index, uv is told as well.
UV_NAMES = {
    "PIP_CERT": "SSL_CERT_FILE",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_NO_INDEX": "UV_NO_INDEX",
}

PIP_IS_MISSING = """\
certgate: this Python has no pip to begin with. Do one of:
  apt-get install python3-venv       (once, as root)
  apt-get install python3-pip        (once, as root)
  make uv available on the PATH      (no root needed)
and run make again."""


def main(kind: str) -> None:
    """Bring `.venv` to the state that the lock files for `kind` describe."""
    require_python()
    if stamp("dev").exists():
        kind = "dev"  # it holds all of runtime; `make run` must not empty a developer's environment
    if is_current(kind):
        return
    make_environment()
    install_uv()
    sync(kind)
    install_project()
    stamp(kind).write_text(digest(kind))


def require_python() -> None:
    """Exit with a plain word when the interpreter is too old."""
    if sys.version_info < OLDEST_PYTHON:
        wanted = ".".join(map(str, OLDEST_PYTHON))
        sys.exit(f"certgate: Python {wanted} or newer is needed; try make PYTHON=python{wanted}")


def is_current(kind: str) -> bool:
    """Whether `.venv` holds what the lock files for `kind` describe now."""
    remembered = stamp(kind)
    return VENV_PYTHON.exists() and remembered.exists() and remembered.read_text() == digest(kind)


def stamp(kind: str) -> Path:
    """Return the file that remembers what was installed."""
    return VENV / f".installed-{kind}"


def digest(kind: str) -> str:
    """Return one hash over everything that decides what is in the environment."""
    together = hashlib.sha256(str(ROOT).encode())
    for source in (lock_file(kind), REQUIREMENTS / "uv.txt", ROOT / "pyproject.toml"):
        together.update(source.read_bytes())
    return together.hexdigest()


def lock_file(kind: str) -> Path:
    """Return the lock file of `kind`."""
    return REQUIREMENTS / f"{kind}.txt"


def make_environment() -> None:
    """Make an empty `.venv`; Debian's python3 can do that without python3-venv."""
    if VENV_PYTHON.exists():
        return
    say("making .venv")
    run(sys.executable, "-m", "venv", "--without-pip", "--clear", str(VENV))


def install_uv() -> None:
    """Put the pinned uv into `.venv`, by whatever installer the machine has."""
    pinned = REQUIREMENTS / "uv.txt"
    remembered = VENV / ".installed-uv"
    if remembered.exists() and remembered.read_bytes() == pinned.read_bytes():
        return
    say("installing uv")
    # Debian keeps ensurepip in python3-venv; without it one of the others must do.
    works([str(VENV_PYTHON), "-m", "ensurepip"])
    for installer in installers():
        if works([*installer, "--help"]):
            run(*installer_call(installer), "--require-hashes", "--requirement", str(pinned))
            remembered.write_bytes(pinned.read_bytes())
            return
    sys.exit(PIP_IS_MISSING)


def installers() -> list[list[str]]:
    """Return commands that may be able to install the first package, best first."""
    wheels = sorted(Path("/usr/share/python-wheels").glob("pip-*.whl"))
    return [
        [str(VENV_PYTHON), "-m", "pip"],
        *([str(VENV_PYTHON), str(wheel / "pip")] for wheel in wheels),
        [sys.executable, "-m", "pip"],
        ["uv", "pip"],
    ]


def installer_call(installer: list[str]) -> list[str]:
    """Return the installing command, aimed at `.venv`."""
    if installer[0] == "uv":
        return [*installer, "install", "--quiet", "--python", str(VENV_PYTHON)]
    if installer[0] == str(VENV_PYTHON):
        return [*installer, "install", "--quiet"]
    return [*installer, "--python", str(VENV_PYTHON), "install", "--quiet"]


def sync(kind: str) -> None:
    """Make `.venv` hold exactly what the lock file lists, each file checked by its hash."""
    say(f"installing requirements/{kind}.txt")
    # Compiled here, because who runs it may not be allowed to write here, and
    # would compile thousands of files at every start.
    uv("sync", "--require-hashes", "--compile-bytecode", str(lock_file(kind)))


def install_project() -> None:
    """Install certgate itself from this folder, editable, without asking any index."""
    say("installing certgate from this folder")
    uv("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))


def uv(*arguments: str) -> None:
    """Run `uv pip` on `.venv`."""
    run(str(VENV / "bin" / "uv"), "pip", *arguments, "--quiet", "--python", str(VENV_PYTHON))


def machine_settings() -> dict[str, str]:
    """Return the environment for uv, with pip's settings translated."""
    environment = dict(os.environ)
    for pip_name, uv_name in UV_NAMES.items():
        words = environment.get(pip_name, "").split()
        usable = [word for word in words if not word.startswith("/") or Path(word).exists()]
        if usable:
            separator = " " if uv_name == "UV_INDEX" else ","
            environment.setdefault(uv_name, separator.join(usable))
    return environment


def works(command: list[str]) -> bool:
    """Whether `command` runs at all."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def run(*command: str) -> None:
    """Run `command`; when it fails, exit with its own status, it has said why."""
    done = subprocess.run(command, check=False, cwd=ROOT, env=machine_settings())
    if done.returncode != 0:
        sys.exit(done.returncode)


def say(text: str) -> None:
    """Tell what happens now, beside the program's own output."""
    print(f"certgate: {text}", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
