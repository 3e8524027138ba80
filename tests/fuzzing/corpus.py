"""The inputs that are kept: seeds, what taught the fuzzer something, and what once failed."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"
# What atheris calls the file of an input that made a target fail.
CRASHES = ("crash-", "timeout-", "oom-")


def corpus_of(name: str) -> dict[str, bytes]:
    """Return the kept inputs of a target by file name."""
    return {file.name: file.read_bytes() for file in sorted((CORPUS / name).glob("*"))}


def keep(name: str, inputs: Iterable[bytes]) -> int:
    """Write inputs into the corpus of a target and return how many are new there."""
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    new = 0
    for content in inputs:
        file = folder / hashlib.sha256(content).hexdigest()[:20]
        if not file.exists():
            file.write_bytes(content)
            new += 1
    return new
