"""The preferred syntax of host names, which dNSName uses (RFC 5280 section 4.2.1.6)."""

import re

# RFC 1034 section 3.5 with the correction of RFC 1123 section 2.1.
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
_MAXIMUM_NAME = 253


def is_host_name(text: str) -> bool:
    """Return whether `text` is a host name; a wildcard is not."""
    return len(text) <= _MAXIMUM_NAME and all(map(_LABEL.fullmatch, text.split(".")))
