"""One search by atheris, in a process of its own: `python -m tests.fuzzing.search TARGET ...`.

The arguments after the target's name are libFuzzer's. Ours and some others'
modules are loaded instrumented, so that their branches guide the search; a
library's C or Rust is only run.
"""

import sys
from contextlib import redirect_stderr
from io import StringIO

import atheris

from tests.fuzzing.target import load_target

_GUIDING = [
    "foundation", "policies", "ca", "enrollment", "workflow_core", "gateway", "tests",
    "starlette", "python_multipart", "uvicorn", "tarfile",
]  # fmt: skip


def main() -> None:
    """Search until libFuzzer's limits; its exit status says whether something failed."""
    name, *arguments = sys.argv[1:]
    # It names every module that it loads.
    with redirect_stderr(StringIO()), atheris.instrument_imports(include=_GUIDING):
        target = load_target(name)
    # What a target makes at first is not part of any input's time.
    target.examine(b"")
    atheris.Setup([sys.argv[0], *arguments], target.examine)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
