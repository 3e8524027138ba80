"""The language of a request, out of its parameter, cookie and header."""

from collections.abc import Iterator

from starlette.requests import Request

from foundation.i18n import LANGUAGE_COOKIE, LANGUAGE_PARAMETER, LANGUAGES, negotiate_language
from tests.fuzzing.target import Target


def examine(data: bytes) -> None:
    query, _, rest = data.partition(b"\n")
    cookie, _, header = rest.partition(b"\n")
    request = Request(
        {
            "type": "http",
            "query_string": query,
            "headers": [(b"cookie", cookie), (b"accept-language", header)],
        }
    )
    language = negotiate_language(
        wanted=request.query_params.get(LANGUAGE_PARAMETER),
        remembered=request.cookies.get(LANGUAGE_COOKIE),
        accept_language=request.headers.get("accept-language", ""),
    )
    assert language in LANGUAGES


def seeds() -> Iterator[bytes]:
    yield b"lang=en\ncertgate_lang=zh\nzh-CN,zh;q=0.9,en;q=0.8"
    yield b"lang=\n\n*;q=0.5"
    yield b'\ncertgate_lang="en"; a=b; c\nen;q=nan, zh;q=inf, en;q=-1, zh;q=1e999'
    yield b"a=b&lang=%e4\n;;=;\n,,;,q="


TARGET = Target(
    examine, seeds, words=(b"lang=", b"certgate_lang=", b";q=", b"zh", b"en", b"nan", b"\\073")
)
