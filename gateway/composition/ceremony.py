"""What the server needs of ceremonies: asking, installing, and letting the root's key go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from cryptography import x509
from sqlalchemy.orm import Session

from ca.authorities import Authority, RootWithoutKey
from ca.authorities.records import read_authorities
from ca.ceremony import Installation, RootExport, document_template
from ca.crl import CrlRecord
from ca.errors import HierarchyMissing
from ca.models import AuthorityName
from ca.names.authority_names import ROOT, next_issuing_name
from ca.revocation.acts import Acts
from ca.rollover import AuthoritySummary, IssuingCaEnding, summarise_authorities
from foundation.audit import Actor
from gateway.composition.certification import crl_publication, hierarchy_store, journal_of
from gateway.composition.ground import Ground
from gateway.composition.keys import authority_keys
from gateway.composition.profiles import profiles_of, server_names
from gateway.composition.signing import signers_of


@dataclass(frozen=True)
class _RootAlone:
    """What an imported CRL is held against."""

    root: RootWithoutKey
    issuers: Mapping[AuthorityName, Authority] = field(default_factory=dict)


def installation(ground: Ground) -> Installation:
    """Return what installs the bundle of a ceremony here."""
    settings = ground.settings
    return Installation(
        database=ground.database,
        store=hierarchy_store(ground),
        signers=signers_of(settings, ground.randomness),
        profiles=profiles_of(settings),
        pki_url=settings.pki_url,
        crl_shards=ground.parameters.certificates.crl_shards,
        import_root_crl=partial(import_root_crl, ground),
        audit=ground.audit,
        clock=ground.clock,
    )


def root_export(ground: Ground) -> RootExport:
    """Return what moves the root's key away from here."""
    return RootExport(
        database=ground.database,
        keys=authority_keys(ground.settings, ground.randomness),
        import_root_crl=partial(import_root_crl, ground),
        audit=ground.audit,
        clock=ground.clock,
    )


def import_root_crl(
    ground: Ground, session: Session, unverified_der: bytes, by: Actor
) -> CrlRecord:
    """Publish a CRL that the offline root signed, in the caller's transaction.

    Raises `RootCrlRefused` and `HierarchyMissing`. No key is asked for: the
    root may have been entered in this very transaction.
    """
    record = read_authorities(session).get(ROOT)
    if record is None:
        raise HierarchyMissing
    root = RootWithoutKey("root", x509.load_der_x509_certificate(record.certificate))
    publication = crl_publication(ground, _RootAlone(root))
    return publication.import_root_crl(session, unverified_der, by)


def issuing_ending(ground: Ground) -> IssuingCaEnding:
    """Return what revokes issuing CAs while the root's key is here."""
    authorities = hierarchy_store(ground).load_authorities()
    acts = Acts(crl_publication(ground, authorities), ground.audit, journal_of(ground))
    return IssuingCaEnding(acts, ground.audit, ground.clock)


def authority_summaries(ground: Ground) -> Sequence[AuthoritySummary]:
    """Return the authorities as they stand."""
    signers = signers_of(ground.settings, ground.randomness)
    with ground.database.reading() as session:
        return summarise_authorities(session, signers, ground.clock.now())


def next_issuing(ground: Ground) -> AuthorityName:
    """Return the name of the issuing CA that comes next."""
    with ground.database.reading() as session:
        return next_issuing_name(read_authorities(session))


def template(ground: Ground) -> str:
    """Return the text of a document to begin with."""
    settings = ground.settings
    return document_template(
        organization=settings.organization,
        algorithm=settings.key_algorithm,
        pki_url=settings.pki_url,
        server_names=server_names(settings),
        crl_shards=ground.parameters.certificates.crl_shards,
    )
