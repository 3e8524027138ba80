"""Addresses that an application may register.

They are compared character by character later (RFC 9700 section 2.1), so here
is said what a registered one looks like: absolute, https (http only on this
very machine, for tests), no fragment, no user name, nothing unprintable.
"""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from foundation.errors import Invalid

LONGEST = 512
MOST = 16


def read_url(text: str, field: str) -> str:
    """Return the address as it was given; raises `Invalid` when it may not be registered."""
    if len(text) > LONGEST or not text.isascii() or not _is_plain(text):
        raise _refused(text, field)
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as unreadable:
        raise _refused(text, field) from unreadable
    if (
        not parts.hostname
        or port == 0
        or "#" in text
        or "@" in parts.netloc
        or not _is_guarded(parts)
    ):
        raise _refused(text, field)
    return text


def read_urls(texts: list[str], field: str) -> list[str]:
    """Return the addresses without repetitions; raises `Invalid`."""
    if len(texts) > MOST:
        raise Invalid("relying-party-too-many", field=field, most=MOST)
    return [read_url(text, field) for text in dict.fromkeys(texts)]


def is_loopback(host: str) -> bool:
    """Say whether a host of an address is this machine (RFC 8252 section 7.3, and localhost)."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_plain(text: str) -> bool:
    # A browser reads "\" as "/" and drops tabs and line breaks (WHATWG URL,
    # section 4.4): what we compare must be what it goes to.
    return all("!" <= character <= "~" and character not in '\\"<>^`{|}' for character in text)


def _is_guarded(parts: SplitResult) -> bool:
    if parts.scheme == "https":
        return True
    return parts.scheme == "http" and is_loopback(parts.hostname or "")


def _refused(text: str, field: str) -> Invalid:
    return Invalid("relying-party-url-refused", field=field, url=text[:LONGEST])
