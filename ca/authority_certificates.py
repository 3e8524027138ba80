"""Making the certificates of root and issuing CA, inside one transaction.

Unlike `ca.issuance` there is no commit between the steps: both authorities
come to be together or not at all, and nobody sees a signature before that.
"""

from dataclasses import dataclass
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.orm import Session

from ca.authority import Authority
from ca.errors import HierarchyExists
from ca.extensions import Keys
from ca.lifetimes import Lifetimes
from ca.linting import lint
from ca.models import AuthorityRecord, CertificateRecord
from ca.profiles import Profiles
from ca.records import described_columns, issued_columns
from ca.signing import Signer
from ca.tbs import TbsBuilder, TbsContent
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import insert_or_conflict


@dataclass(frozen=True)
class NewAuthorityKey:
    """A key made for an authority that does not exist yet."""

    serial_number: str
    key_name: str
    signer: Signer


class AuthorityCertificates:
    """Certifies the keys of authorities."""

    def __init__(
        self, *, profiles: Profiles, lifetimes: Lifetimes, audit: AuditLog, clock: Clock
    ) -> None:
        self._profiles = profiles
        self._lifetimes = lifetimes
        self._audit = audit
        self._clock = clock
        self._builder = TbsBuilder()

    def make_root(self, session: Session, key: NewAuthorityKey, by: Actor) -> Authority:
        """Return a self-signed root; raises `HierarchyExists`."""
        return self._make(session, "root", key, None, by)

    def make_issuing(
        self, session: Session, key: NewAuthorityKey, root: Authority, by: Actor
    ) -> Authority:
        """Return an issuing CA that `root` signed; raises `HierarchyExists`."""
        return self._make(session, "issuing", key, root, by)

    def _make(
        self,
        session: Session,
        name: Literal["root", "issuing"],
        key: NewAuthorityKey,
        root: Authority | None,
        by: Actor,
    ) -> Authority:
        certificate = self._certify(name, key, root)
        now = self._clock.now()
        record = CertificateRecord(
            serial_number=key.serial_number,
            issuer="root",
            profile=name,
            state="good",
            tbs=certificate.tbs_certificate_bytes,
            key_name=key.key_name,
            created_at=now,
            issued_at=now,
            **issued_columns(certificate),
            **described_columns(certificate),
        )
        insert_or_conflict(session, record, HierarchyExists())
        authority = AuthorityRecord(
            name=name,
            serial_number=key.serial_number,
            certificate=certificate.public_bytes(Encoding.DER),
            key_name=key.key_name,
            crl_number=0,
            created_at=now,
        )
        insert_or_conflict(session, authority, HierarchyExists())
        self._audit.record(
            session,
            "authority.created",
            by=by,
            subject=f"certificate:{key.serial_number}",
            authority=name,
            fingerprint_sha256=record.fingerprint_sha256,
        )
        return Authority(name, certificate, key.signer)

    def _certify(
        self, name: Literal["root", "issuing"], key: NewAuthorityKey, root: Authority | None
    ) -> x509.Certificate:
        profile = self._profiles.get(name)
        subject = x509.Name(profile.name_defaults)
        issuer = root.certificate if root else None
        signer = root.signer if root else key.signer
        public_key, issuer_key = key.signer.public_key, signer.public_key
        not_before, not_after = self._lifetimes.validity(name, self._clock.now(), issuer)
        content = TbsContent(
            serial_number=int(key.serial_number, 16),
            issuer=issuer.subject if issuer else subject,
            subject=subject,
            public_key=public_key,
            not_before=not_before,
            not_after=not_after,
            extensions=profile.extensions(Keys(public_key, issuer)),
        )
        linted = lint(
            self._builder.build(content, issuer_key),
            serial_number=key.serial_number,
            profile=profile,
            issuer=issuer,
            issuer_key=issuer_key,
        )
        return signer.sign_certificate(linted)
