"""Fuzz the targets in turn: ``python -m tests.fuzzing [--seconds N] [TARGET ...]``."""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.fuzzing.corpus import CORPUS, CRASHES, corpus_of, keep
from tests.fuzzing.target import Target, load_target, target_names

_TEN_MINUTES = 600
# Of one input: in life every one of these is read within milliseconds.
_SECONDS_FOR_ONE = 10
_MEGABYTES = 1_024
# What is larger, or more than this, is found again when it is needed.
_LARGEST_KEPT = 2_048
_MOST_KEPT = 80


def main(arguments: Sequence[str] | None = None) -> int:
    """Search each target for its share of the time; return 1 when one failed."""
    asked = _parser().parse_args(arguments)
    names = asked.targets or target_names()
    failed = []
    for name in names:
        target = load_target(name)
        if not corpus_of(name):
            keep(name, target.seeds())
        if not _search(name, target, max(1, asked.seconds // len(names))):
            failed.append(name)
    for name in failed:
        print(f"FAILED: {name}: {CORPUS / name}")
    return 1 if failed else 0


def _search(name: str, target: Target, seconds: int) -> bool:
    """Search one target and return whether nothing failed; keep what was found."""
    known = corpus_of(name)
    print(f"{name}: {seconds} s from {len(known)} inputs", flush=True)
    with tempfile.TemporaryDirectory(prefix="certgate-fuzz-") as temporary:
        found = Path(temporary, "found")
        found.mkdir()
        words = Path(temporary, "words")
        words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words))
        status = _libfuzzer(
            name, f"-max_total_time={seconds}", f"-max_len={target.longest}", f"-dict={words}",
            f"-timeout={_SECONDS_FOR_ONE}", f"-rss_limit_mb={_MEGABYTES}",
            f"-artifact_prefix={CORPUS / name}/", "-print_final_stats=1", found, CORPUS / name,
        )  # fmt: skip
        # Each reaches something that those before it did not.
        sizes = sorted((file.read_bytes() for file in found.iterdir()), key=len)
        small = [content for content in sizes if len(content) <= _LARGEST_KEPT]
        new = keep(name, small[: max(0, _MOST_KEPT - len(corpus_of(name)))])
    crashes = {file for file in corpus_of(name) if file.startswith(CRASHES)} - known.keys()
    print(f"{name}: {new} new inputs kept, {len(crashes)} that fail", flush=True)
    return status == 0


def _libfuzzer(name: str, *arguments: str | Path) -> int:
    command = [sys.executable, "-m", "tests.fuzzing.search", name, *map(str, arguments)]
    return subprocess.run(command, check=False).returncode


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{octet:02x}" for octet in word)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.fuzzing", description="Fuzz CertGate's readers.")
    parser.add_argument(
        "--seconds", type=int, default=_TEN_MINUTES, help="altogether (default: ten minutes)"
    )
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(target_names()))
    return parser


if __name__ == "__main__":
    sys.exit(main())
