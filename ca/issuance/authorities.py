"""Where the issuance finds the authorities that sign end-entity certificates."""

from collections.abc import Mapping
from typing import Protocol

from ca.authorities import Authority
from ca.models import AuthorityName


class IssuingAuthorities(Protocol):
    """The issuing CAs of a hierarchy (`ca.authorities.Hierarchy`)."""

    @property
    def issuing(self) -> Authority:
        """Return the one that issues now."""
        ...

    @property
    def issuers(self) -> Mapping[AuthorityName, Authority]:
        """Return all that still sign, by name."""
        ...
