"""Root and issuing CAs: what they are, their certificates, their rows, their keys opened."""

from ca.authorities.authority import (
    Authority,
    Hierarchy,
    OcspSigner,
    RootWithoutKey,
    ServerCredential,
)
from ca.authorities.loading import Authorities, load_authorities

__all__ = [
    "Authorities",
    "Authority",
    "Hierarchy",
    "OcspSigner",
    "RootWithoutKey",
    "ServerCredential",
    "load_authorities",
]
