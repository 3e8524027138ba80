"""The two credentials the CA issues to itself: OCSP signer and TLS server.

They go the same way as everybody's certificate (`ca.issuance`). A crash on the
way leaves a serial number or a key that nobody uses, and the next attempt
starts afresh.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy import select
from sqlalchemy.orm import Session

from ca.authority import CaPrivateKey, OcspSigner, ServerCredential
from ca.general_names import spell_general_name
from ca.issuance import Issuance, IssuingAuthorities
from ca.keys import KeyAlgorithm, KeyStore
from ca.lifetimes import needs_renewal
from ca.models import CertificateRecord, ProfileName
from ca.subject import UPPER_BOUNDS, Subject
from foundation.audit import Actor
from foundation.clock import Clock
from foundation.database import Database


@dataclass(frozen=True)
class _Credential:
    certificate: x509.Certificate
    private_key: CaPrivateKey
    key_name: str


class ServiceCredentials:
    """Keeps the service credentials present and young enough."""

    def __init__(
        self,
        *,
        database: Database,
        keys: KeyStore,
        authorities: IssuingAuthorities,
        issuance: Issuance,
        clock: Clock,
        algorithm: KeyAlgorithm,
    ) -> None:
        self._database = database
        self._keys = keys
        self._authorities = authorities
        self._issuance = issuance
        self._clock = clock
        self._algorithm = algorithm

    def ensure_ocsp_signer(self, by: Actor) -> OcspSigner:
        """Return the OCSP signer, a new one when it is missing or due for renewal."""
        present = self._find("ocsp", ())
        used = present or self._issue("ocsp", "OCSP Responder", (), by)
        return OcspSigner(used.certificate, used.private_key)

    def ensure_server(self, names: Sequence[str], by: Actor) -> ServerCredential:
        """Return a server credential for exactly these host names and addresses.

        A new one is issued when it is missing, due for renewal, or for other
        names. Raises `LintRefused` for a name outside the issuing CA's name
        constraints (RFC 5280 section 4.2.1.10).
        """
        present = self._find("server", names)
        used = present or self._issue("server", names[0], names, by)
        issuing = self._authorities.issuing.certificate
        return ServerCredential(used.certificate, used.private_key, used.key_name, issuing)

    def _find(self, profile: ProfileName, names: Sequence[str]) -> _Credential | None:
        with self._database.reading() as session:
            found = (self._open(record, names) for record in self._newest_first(session, profile))
            return next((credential for credential in found if credential is not None), None)

    def _open(self, record: CertificateRecord, names: Sequence[str]) -> _Credential | None:
        """Return the credential when it serves these names and its key is here."""
        assert record.der is not None
        assert record.key_name is not None
        certificate = x509.load_der_x509_certificate(record.der)
        if needs_renewal(certificate, self._clock.now()) or not self._is_for(certificate, names):
            return None
        # None: another node made it and holds its key.
        key = self._keys.find(record.key_name)
        return _Credential(certificate, key, record.key_name) if key is not None else None

    def _newest_first(self, session: Session, profile: ProfileName) -> Iterable[CertificateRecord]:
        query = (
            select(CertificateRecord)
            .where(CertificateRecord.profile == profile)
            .where(CertificateRecord.state == "good")
            .where(CertificateRecord.key_name.is_not(None))
            .where(CertificateRecord.not_after > self._clock.now())
            .order_by(CertificateRecord.issued_at.desc())
        )
        return session.scalars(query)

    def _is_for(self, certificate: x509.Certificate, names: Sequence[str]) -> bool:
        issuer = self._authorities.issuing.certificate
        if certificate.issuer != issuer.subject:
            return False
        return _names_of(certificate) == set(map(spell_general_name, names))

    def _issue(
        self, profile: ProfileName, common_name: str, names: Sequence[str], by: Actor
    ) -> _Credential:
        with self._database.writing() as session:
            serial_number = self._issuance.reserve_serial(
                session, profile=profile, subscriber=None, by=by
            )
        key_name = f"{profile}-{serial_number.lower()}"
        key = self._keys.create(key_name, self._algorithm)
        with self._database.writing() as session:
            self._issuance.prepare(
                session,
                serial_number,
                subject=Subject(common_name[: UPPER_BOUNDS[NameOID.COMMON_NAME]]),
                public_key=key.public_key(),
                by=by,
                server_names=names,
                key_name=key_name,
            )
        certificate = self._issuance.complete(self._database, serial_number, by)
        return _Credential(certificate, key, key_name)


def _names_of(certificate: x509.Certificate) -> set[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return set()
    return {spell_general_name(str(name.value)) for name in names.value}
