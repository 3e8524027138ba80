"""The reader of `openssl.cnf`: only `ProfileError`, and never another value than was written."""

from collections.abc import Iterator

from ca.errors import ProfileError
from ca.profiles import find_profile_file
from ca.profiles.configuration_file import DEFAULT_SECTION, ConfigurationFile
from tests.fuzzing.target import Target

_ENVIRONMENT = {"CERTGATE_PKI_URL": "http://pki.example.org", "X": "1"}
_LONGEST_SEED = 1_500


def examine(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    try:
        read = ConfigurationFile.parse(text, _ENVIRONMENT)
        settings = read.section(DEFAULT_SECTION)
    except ProfileError:
        return
    for name, value in settings.items():
        assert name.isascii()
        # What was a variable is replaced; no line became part of another by it.
        assert value.splitlines() in ([], [value])


def seeds() -> Iterator[bytes]:
    text = find_profile_file().read_bytes()
    for section in text.split(b"\n\n"):
        yield section[:_LONGEST_SEED]
    yield b"a = $b\nb = ${ENV::X}\n[ s ]\nc = ${default::a}\\\n more # not this\n"
    yield b"a = 1\nb = $a$a$a$a\nc = $b$b$b$b\nd = ${c}${c}\n"


TARGET = Target(
    examine, seeds, words=(b"${ENV::X}", b"$a", b"${", b"[ s ]", b" = ", b"\\\n", b"::", b"#")
)
