"""A request as authlib reads it, made of what the routes have read themselves."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import OAuth2Payload, OAuth2Request

from foundation.audit import Actor
from foundation.errors import Invalid
from gateway.openid.provider.presented import PresentedByClient

Pairs = Sequence[tuple[str, str]]
_MOST_PARAMETERS = 64
_LONGEST_VALUE = 16 * 1024


class Payload(OAuth2Payload):  # type: ignore[misc]
    """Parameters in their order; of one that is repeated the first counts as its value."""

    def __init__(self, pairs: Pairs) -> None:
        self._all: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in pairs:
            self._all[name].append(value)
        self._first = {name: values[0] for name, values in self._all.items()}

    @property
    def data(self) -> dict[str, str]:
        """Return one value of each parameter."""
        return self._first

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        """Return all values of each parameter."""
        return self._all

    @property
    def repeated(self) -> list[str]:
        """Return the names that came more than once (RFC 6749 sections 3.1, 3.2 forbid it)."""
        return [name for name, values in self._all.items() if len(values) > 1]


class ProviderRequest(OAuth2Request):  # type: ignore[misc]
    """One request to an endpoint of the provider."""

    def __init__(
        self,
        method: str,
        url: str,
        pairs: Pairs,
        *,
        by: Actor,
        presented: PresentedByClient | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`presented` is the verified certificate of the connection, `url` the endpoint's own."""
        super().__init__(method, url, headers=dict(headers or {}))
        self.payload = Payload(pairs)
        self.by = by
        self.presented = presented

    @property
    def form(self) -> dict[str, str]:
        """Return the parameters of a posted form."""
        return self.payload.data


def read_pairs(unverified_octets: bytes) -> Pairs:
    """Return the parameters of a query or form; those without a value are left out.

    RFC 6749 section 3.1: a parameter without a value is as if it were omitted.
    Raises `Invalid` for what is not UTF-8, holds a NUL, or is far too much.
    """
    try:
        pairs = parse_qsl(
            unverified_octets.decode("ascii"), errors="strict", max_num_fields=_MOST_PARAMETERS
        )
    except ValueError as unreadable:
        raise Invalid("malformed-request") from unreadable
    for name, value in pairs:
        if "\0" in name + value or len(value) > _LONGEST_VALUE:
            raise Invalid("malformed-request")
    return pairs
