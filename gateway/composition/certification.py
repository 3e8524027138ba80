"""The certificate authority of this process, put together."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import APIRouter

from ca.authorities import Hierarchy
from ca.crl import CrlPublication, CrlRules
from ca.crl.making import CrlAuthorities
from ca.epoch import read_epoch
from ca.hierarchy import HierarchyStore
from ca.inventory import Inventory
from ca.issuance import Issuance
from ca.journal import RevocationJournal
from ca.models import ProfileName
from ca.ocsp import OcspResponder
from ca.pki_router import pki_router
from ca.profiles import EDGE_PROFILES, SUBSCRIBER_PROFILES
from ca.profiles.lifetimes import Lifetimes
from ca.revocation import Revocation
from ca.verification import ClientCertificateVerifier
from ca.verification.standing import find_fallen
from ca.weak_keys import Blocklist
from foundation.audit import Actor
from gateway.composition.ground import Ground
from gateway.composition.keys import server_keys
from gateway.composition.profiles import certificate_names, profiles_of
from gateway.composition.signing import signers_of
from gateway.metrics.ocsp import CountedResponder

# Where an operator may put the keys that others have published (docs/operations.md).
_BLOCKLIST = "badkeys"


@dataclass(frozen=True)
class Certification:
    """Services of the CA, and what the server's background work asks of them."""

    ground: Ground
    store: HierarchyStore
    hierarchy: Hierarchy
    issuance: Issuance
    crls: CrlPublication
    revocation: Revocation
    journal: RevocationJournal
    responder: OcspResponder
    verifier: ClientCertificateVerifier
    edge_verifier: ClientCertificateVerifier
    inventory: Inventory

    def pki_routes(self) -> APIRouter:
        """Return the routes of the PKI door."""
        return pki_router(database=self.ground.database, responder=self.responder)

    def root_der(self) -> bytes:
        """Return the root certificate in DER."""
        return self.hierarchy.root.certificate.public_bytes(Encoding.DER)

    def issuer_certificates(self) -> list[x509.Certificate]:
        """Return the issuing CAs that vouch for certificates, the one that issues now first."""
        return [issuer.certificate for issuer in self.hierarchy.issuers.values()]

    def read_epoch(self) -> int:
        """Return the number of changes of revocation state so far."""
        with self.ground.database.reading() as session:
            return read_epoch(session)

    def find_fallen(self, digests: Iterable[str]) -> frozenset[str]:
        """Return those SHA-256 digests whose certificate is not in good standing."""
        with self.ground.database.reading() as session:
            return find_fallen(session, digests)

    def refresh_crls(self) -> None:
        """Publish the CRLs that are due, long before they run out."""
        self.crls.refresh_due(self.ground.database)

    def take_over(self) -> bool:
        """Take over a rollover that another process made; return whether there was one.

        The CRLs of a new issuing CA are published before anybody asks for them.
        """
        names = certificate_names(self.ground.settings)
        if not self.store.take_over(self.hierarchy, names, Actor.system()):
            return False
        self.refresh_crls()
        return True

    def renew_services(self) -> None:
        """Renew the server's and the OCSP signer's certificate when they are due."""
        self.store.renew_services(
            self.hierarchy, certificate_names(self.ground.settings), Actor.system()
        )


def certify(ground: Ground) -> Certification:
    """Open the hierarchy of an initialised installation.

    Raises `HierarchyMissing`, `KeyUnavailable`, `LintRefused`.
    """
    store = hierarchy_store(ground)
    hierarchy = store.load(certificate_names(ground.settings), Actor.system())
    crls = crl_publication(ground, hierarchy)
    journal = journal_of(ground)
    return Certification(
        ground=ground,
        store=store,
        hierarchy=hierarchy,
        issuance=store.issuance(hierarchy),
        crls=crls,
        revocation=Revocation(crls=crls, audit=ground.audit, clock=ground.clock, journal=journal),
        journal=journal,
        responder=_responder(ground, hierarchy),
        verifier=_verifier(ground, SUBSCRIBER_PROFILES),
        edge_verifier=_verifier(ground, EDGE_PROFILES),
        inventory=Inventory(),
    )


def _verifier(ground: Ground, profiles: Collection[ProfileName]) -> ClientCertificateVerifier:
    return ClientCertificateVerifier(
        ground.database,
        ground.clock,
        profiles=profiles,
        stale_crl_grace=ground.parameters.certificates.stale_crl_grace,
    )


def _responder(ground: Ground, hierarchy: Hierarchy) -> OcspResponder:
    metrics = ground.observation.metrics
    responder = (OcspResponder if metrics is None else CountedResponder)(
        database=ground.database,
        hierarchy=hierarchy,
        clock=ground.clock,
        validity=ground.parameters.certificates.ocsp_validity,
    )
    if isinstance(responder, CountedResponder) and metrics is not None:
        responder.on_answer = metrics.ocsp_answered
    return responder


def hierarchy_store(ground: Ground) -> HierarchyStore:
    """Return the store of this installation's hierarchy; reads profiles and passphrase."""
    settings, rules = ground.settings, ground.parameters.certificates
    return HierarchyStore(
        database=ground.database,
        keys=server_keys(settings, ground.randomness),
        signers=signers_of(settings, ground.randomness),
        algorithm=settings.key_algorithm,
        profiles=profiles_of(settings),
        lifetimes=Lifetimes(
            {
                "root": rules.root,
                "issuing": rules.issuing,
                "server": rules.server,
                "ocsp": rules.ocsp,
                "edge": rules.edge,
                "unit": rules.unit,
                "officer": rules.officer,
                "person": rules.person,
            }
        ),
        audit=ground.audit,
        clock=ground.clock,
        randomness=ground.randomness,
        crl_shards=rules.crl_shards,
        blocklist=blocklist_of(ground),
        observer=ground.observation.observer,
    )


def blocklist_of(ground: Ground) -> Blocklist | None:
    """Return the list of published keys that an operator put into the data folder, if any."""
    return Blocklist.find_in(ground.settings.data / _BLOCKLIST)


def journal_of(ground: Ground) -> RevocationJournal:
    """Return the journal of this node; its file is made at the first start."""
    return RevocationJournal(
        ground.settings.resolved_journal, clock=ground.clock, randomness=ground.randomness
    )


def publish_first_crls(ground: Ground, hierarchy: Hierarchy) -> None:
    """Publish the CRLs of a hierarchy that has none yet."""
    crl_publication(ground, hierarchy).refresh_due(ground.database)


def crl_publication(ground: Ground, authorities: CrlAuthorities) -> CrlPublication:
    """Return what publishes the CRLs of these authorities."""
    rules = ground.parameters.certificates
    return CrlPublication(
        authorities=authorities,
        audit=ground.audit,
        clock=ground.clock,
        rules=CrlRules(
            pki_url=ground.settings.pki_url,
            validity=rules.crl_validity,
            refresh_after=rules.crl_publication_interval,
            shards=rules.crl_shards,
            full_in_act=rules.full_crl_in_act,
            alarm=rules.crl_alarm,
        ),
    )
