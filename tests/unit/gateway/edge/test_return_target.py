"""No address that a browser brings leads anywhere but to the portal and its applications."""

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.edge.tokens.return_target import ReturnTarget, ReturnTargets

PORTAL = "https://portal.example:9443"
TARGETS = ReturnTargets(PORTAL, lambda: {"apps.example", "other.example"})
OURS = {"portal.example", "apps.example", "other.example"}


@pytest.mark.parametrize(
    ("address", "target", "url"),
    [
        ("/", ReturnTarget(None, "/"), f"{PORTAL}/"),
        (
            "/apps/statements/2026?q=%E6%AD%A6&x=a|b",
            ReturnTarget(None, "/apps/statements/2026?q=%E6%AD%A6&x=a|b"),
            f"{PORTAL}/apps/statements/2026?q=%E6%AD%A6&x=a|b",
        ),
        (
            "https://apps.example:9443/a?b=c",
            ReturnTarget("apps.example", "/a?b=c"),
            "https://apps.example:9443/a?b=c",
        ),
        (
            "https://other.example:9443",
            ReturnTarget("other.example", "/"),
            "https://other.example:9443/",
        ),
    ],
)
def test_ours_are_found(address: str, target: ReturnTarget, url: str) -> None:
    assert TARGETS.find(address) == target
    assert TARGETS.url_of(target) == url
    assert TARGETS.find(TARGETS.spelled(target)) == target


HOSTILE = [
    "",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " /apps",
    "/apps\r\nSet-Cookie: a=b",
    "/apps\0",
    "/apps#fragment",
    "/武汉",
    "apps",
    "javascript:alert(1)",
    "data:text/html,x",
    "https:apps.example:9443/",
    "https:/apps.example:9443/",
    "https://evil.example/",
    "https://evil.example:9443/",
    "https://apps.example/",
    "https://apps.example:443/",
    "https://apps.example:19443/",
    "http://apps.example:9443/",
    "HTTPS://apps.example:9443/",
    "https://APPS.example:9443/",
    "https://apps.example.:9443/",
    "https://apps.example:9443@evil.example/",
    "https://user@apps.example:9443/",
    "https://apps.example:9443:@evil.example/",
    "https://apps.example:9443\\@evil.example/",
    "https://apps.example:9443.evil.example/",
    "https://apps.example:9443//evil.example",
    "https://apps.example:9443?a",
    "https://evil.example/https://apps.example:9443/",
    "https://apps%2eexample:9443/",
    "https://[::1]:9443/",
    "https://portal.example:9443//evil.example",
    "/" + "a" * 2_048,
]


@pytest.mark.parametrize("address", HOSTILE)
def test_hostile_ones_lead_nowhere(address: str) -> None:
    assert TARGETS.find(address) is None


def test_no_address_leads_nowhere() -> None:
    assert TARGETS.find(None) is None


_PIECES = st.sampled_from(
    [
        *"/ // \\ https: http: evil.example apps.example :9443 @ %2f %5c ? # . .. [::1] ；".split(),  # noqa: SIM905
        "\t",
        "\r\n",
        "\0",
    ]
)


@given(st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=9).map("".join)))
@example("https://apps.example:9443/")
@example("/%5cevil.example")
@example("/.//evil.example")
def test_whatever_is_written_stays_with_us(address: str) -> None:
    """As a browser would read it, not as we do: by another parser than the one under test."""
    target = TARGETS.find(address)
    if target is None:
        return
    url = TARGETS.url_of(target)
    read = urlsplit(url)
    assert (read.scheme, read.hostname, read.port) == (
        "https",
        target.host or "portal.example",
        9443,
    )
    assert read.hostname in OURS
    assert read.username is None
    assert not read.path.startswith("//")
    assert not set(url) & set("\\\r\n\t\0 ")
    assert url.isascii()
