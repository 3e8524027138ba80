"""A token in software: SoftHSM2, with a folder of its own for each test process.

The module reads its configuration once in a process, so all tokens of a test
process live in one folder and differ by their labels.
"""

import itertools
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from ca.keys.pkcs11 import TokenAccess
from tests.support.programs import run

PIN = "a pin for tests"
_MODULES = (
    Path("/usr/lib/softhsm/libsofthsm2.so"),
    Path("/usr/lib64/softhsm/libsofthsm2.so"),
    Path("/usr/local/lib/softhsm/libsofthsm2.so"),
)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class SoftToken:
    """A token with nothing on it, and where its files are."""

    access: TokenAccess
    configuration: Path
    folder: Path

    def unplug(self) -> None:
        """Take it away, with every other token of this process."""
        self.folder.rename(self.folder.with_suffix(".unplugged"))

    def plug_in(self) -> None:
        """Bring it back as it was."""
        self.folder.with_suffix(".unplugged").rename(self.folder)


def new_token() -> SoftToken:
    """Return a new token; skips the test where SoftHSM2 is not installed."""
    module = next((path for path in _MODULES if path.exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM2 is not installed (apt-get install softhsm2)")
    configuration = _configuration()
    label = f"certgate-{next(_numbers)}"
    run(
        "softhsm2-util",
        "softhsm2",
        "--init-token",
        "--free",
        *("--label", label, "--pin", PIN, "--so-pin", PIN),
    )
    return SoftToken(
        TokenAccess(module, label, PIN), configuration, configuration.parent / "tokens"
    )


def _configuration() -> Path:
    """Return the configuration of this process; the first call makes it."""
    present = os.environ.get("SOFTHSM2_CONF")
    if present is not None and Path(present).is_file():
        return Path(present)
    folder = Path(tempfile.mkdtemp(prefix="certgate-softhsm-"))
    (folder / "tokens").mkdir()
    file = folder / "softhsm2.conf"
    file.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(file)
    return file
