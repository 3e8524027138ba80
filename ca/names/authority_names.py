"""What authorities are called: "root", "issuing", and after a rollover "issuing-2" and so on.

The name stands in the addresses of certificate and CRLs and in the names of
keys; for an issuing CA its number stands in the distinguished name as well.
"""

import re
from collections.abc import Iterable
from typing import Final

from ca.models import AuthorityName

ROOT: Final = "root"
_FIRST = "issuing"
_LATER = re.compile(r"issuing-([2-9]|[1-9][0-9]{1,3})")


def issuing_number(name: AuthorityName) -> int:
    """Return which issuing CA this is, from 1 on; raises `ValueError` for any other name."""
    if name == _FIRST:
        return 1
    later = _LATER.fullmatch(name)
    if later is None:
        raise ValueError(f"{name!r} names no issuing CA")
    return int(later[1])


def is_issuing_name(unverified_name: str) -> bool:
    """Return whether an issuing CA can be called so."""
    return unverified_name == _FIRST or _LATER.fullmatch(unverified_name) is not None


def next_issuing_name(present: Iterable[AuthorityName]) -> AuthorityName:
    """Return the name of the issuing CA after those in `present`; the root may be among them."""
    numbers = [issuing_number(name) for name in present if name != ROOT]
    following = max(numbers, default=0) + 1
    return _FIRST if following == 1 else f"{_FIRST}-{following}"


def issuing_common_name(name: AuthorityName) -> str:
    """Return how the distinguished name calls an issuing CA, after the organization."""
    number = issuing_number(name)
    return "Issuing CA" if number == 1 else f"Issuing CA {number}"
