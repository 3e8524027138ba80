"""Root and issuing CAs as the database has them, with their keys opened."""

from collections.abc import Mapping
from dataclasses import dataclass

from cryptography import x509

from ca.authorities.authority import Authority, Hierarchy, RootWithoutKey
from ca.authorities.records import find_revoked, is_needed, read_authorities
from ca.errors import HierarchyMissing, SignerAway
from ca.models import AuthorityName, AuthorityRecord
from ca.names.authority_names import ROOT
from ca.signing import Signers, public_key_of
from foundation.clock import Clock
from foundation.database import Database


@dataclass(frozen=True)
class Authorities:
    """Root and issuing CAs; see `ca.authorities.Hierarchy`."""

    root: Authority | RootWithoutKey
    issuing: Authority
    issuers: Mapping[AuthorityName, Authority]

    @classmethod
    def of(cls, hierarchy: Hierarchy) -> "Authorities":
        """Return those that a hierarchy has now."""
        return cls(hierarchy.root, hierarchy.issuing, hierarchy.issuers)

    def is_like(self, other: "Authorities") -> bool:
        """Return whether the same authorities are at work in the same roles."""
        return self._facts() == other._facts()

    def _facts(self) -> tuple[object, ...]:
        names = tuple((name, each.certificate) for name, each in self.issuers.items())
        return type(self.root), self.root.certificate, self.issuing.name, names


def load_authorities(database: Database, signers: Signers, clock: Clock) -> Authorities:
    """Return root and issuing CAs; raises `HierarchyMissing` and `KeyUnavailable`.

    A retired one is left out when the last of its certificates has expired, or
    when it is revoked and its key was destroyed.
    """
    with database.reading() as session:
        records = dict(read_authorities(session))
        root = records.pop(ROOT, None)
        now = clock.now()
        needed = [each for each in records.values() if is_needed(session, each, now)]
        revoked = find_revoked(session, needed)
    if root is None or all(each.state != "active" for each in needed):
        raise HierarchyMissing
    issuers: dict[AuthorityName, Authority] = {}
    for record in needed:
        dispensable = record.state == "retired" and record.name in revoked
        if dispensable and signers.find(record.key_name) is None:
            continue
        certificate = x509.load_der_x509_certificate(record.certificate)
        signer = signers.get(record.key_name, public_key_of(certificate))
        issuers[record.name] = Authority(record.name, certificate, signer)
    active = next(each.name for each in needed if each.state == "active")
    return Authorities(_open_root(root, signers), issuers[active], issuers)


def _open_root(record: AuthorityRecord, signers: Signers) -> Authority | RootWithoutKey:
    certificate = x509.load_der_x509_certificate(record.certificate)
    try:
        signer = signers.find(record.key_name)
    except SignerAway:
        # It should not be there anyway; whoever put it there comes back to it.
        signer = None
    if signer is None:
        return RootWithoutKey("root", certificate)
    return Authority(ROOT, certificate, signer)
