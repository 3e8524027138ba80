"""Requests of the provider's endpoints, read once and the same way."""

from typing import Annotated

from fastapi import Depends, Request

from ca.verification import VerifiedCertificate
from foundation.errors import Invalid
from foundation.web.requests import actor_of
from gateway.openid.provider.presented import PresentedByClient
from gateway.openid.provider.requests import Pairs, ProviderRequest, read_pairs

_FORM = "application/x-www-form-urlencoded"


async def _form(request: Request) -> Pairs:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != _FORM:
        raise Invalid("media-type-unsupported")
    return read_pairs(await request.body())


FormPairs = Annotated[Pairs, Depends(_form)]


def query_pairs(request: Request) -> Pairs:
    """Return the parameters of the query; raises `Invalid`."""
    return read_pairs(request.scope["query_string"])


def presented_by(request: Request) -> PresentedByClient | None:
    """Return the certificate that admission verified on this connection, or None."""
    verified = getattr(request.state, "certificate", None)
    if not isinstance(verified, VerifiedCertificate):
        return None
    leaf: bytes = request.scope["extensions"]["tls"]["certgate_unverified_chain"][0]
    return PresentedByClient.of(verified, leaf)


def provider_request(
    request: Request, endpoint: str, pairs: Pairs, *, presented: PresentedByClient | None = None
) -> ProviderRequest:
    """Return a request to `endpoint`, an address of our own and not what the client says."""
    return ProviderRequest(
        request.method, endpoint, pairs, by=actor_of(request), presented=presented
    )
