"""The scopes of an issuer's CRLs, and where each is fetched.

Every issuer has a full CRL. That of an issuing CA is also published in parts
("shards", `ca.crl.shards`), and when it is long, as what changed since (a delta
CRL, RFC 5280 section 5.2.4).
"""

from typing import Final, TypeAlias

from cryptography import x509

from ca.models import AuthorityName

# "full", "delta", or the number of a shard.
Scope: TypeAlias = str
FULL: Final = "full"
DELTA: Final = "delta"


def scope_of(shard: int | None) -> Scope:
    """Return the scope that a certificate of this shard points at."""
    return FULL if shard is None else str(shard)


def shard_number(scope: Scope) -> int | None:
    """Return the number of a shard's scope, None for the others."""
    return None if scope in (FULL, DELTA) else int(scope)


def crl_name(issuer: AuthorityName, scope: Scope) -> str:
    """Return the name of a CRL: its path below /crl/, without the ending."""
    if scope == FULL:
        return issuer
    return f"{issuer}-delta" if scope == DELTA else f"{issuer}/{scope}"


def crl_address(pki_url: str, issuer: AuthorityName, scope: Scope) -> str:
    """Return the URL under which a CRL is served; in certificates, `openssl.cnf` spells it."""
    return f"{pki_url}/crl/{crl_name(issuer, scope)}.crl"


def distribution_point(addresses: list[str]) -> x509.IssuingDistributionPoint:
    """Return what a shard says of itself (section 5.2.5).

    Several addresses when the installation has moved: one of them is the one
    that a certificate points at, which is all that a verifier asks for (6.3.3 b).
    """
    return x509.IssuingDistributionPoint(
        full_name=[x509.UniformResourceIdentifier(address) for address in addresses],
        relative_name=None,
        only_contains_user_certs=False,
        only_contains_ca_certs=False,
        only_some_reasons=None,
        indirect_crl=False,
        only_contains_attribute_certs=False,
    )
