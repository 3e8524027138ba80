"""The two credentials the CA issues to itself: OCSP signer and TLS server.

They go the same way as everybody's certificate (`ca.issuance`). A crash on the
way leaves a serial number or a key that nobody uses, and the next attempt
starts afresh.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy import select

from ca.authorities import Authority, OcspSigner, ServerCredential
from ca.issuance import Issuance
from ca.key_types import CaPublicKey, EndEntityPrivateKey
from ca.keys import EndEntityKeyAlgorithm, KeyStore
from ca.models import AuthorityName, CertificateRecord, ProfileName
from ca.names.subject import UPPER_BOUNDS, Subject
from ca.profiles.general_names import spell_general_name
from ca.profiles.lifetimes import needs_renewal
from ca.signing import Signers, public_key_of
from foundation.audit import Actor
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Failure


class ServicedAuthorities(Protocol):
    """Where the issuing CAs are found that need services."""

    @property
    def issuing(self) -> Authority:
        """Return the one that issues now."""
        ...

    @property
    def issuers(self) -> Mapping[AuthorityName, Authority]:
        """Return all that still sign."""
        ...


class ServiceCredentials:
    """Keeps the service credentials present and young enough.

    The server's key is opened here, since TLS needs it in this process; those
    of OCSP signers stay where the CA's are.
    """

    def __init__(
        self,
        *,
        database: Database,
        keys: KeyStore,
        signers: Signers,
        authorities: ServicedAuthorities,
        issuance: Issuance,
        clock: Clock,
        algorithm: EndEntityKeyAlgorithm,
    ) -> None:
        self._database = database
        self._keys = keys
        self._signers = signers
        self._authorities = authorities
        self._issuance = issuance
        self._clock = clock
        self._algorithm = algorithm

    def ensure_ocsp_signers(self, by: Actor) -> dict[AuthorityName, OcspSigner]:
        """Return an OCSP signer of each issuing CA, new where it is missing or due for renewal."""
        return {
            name: self._find_ocsp_signer(issuer) or self._new_ocsp_signer(issuer, by)
            for name, issuer in self._authorities.issuers.items()
        }

    def ensure_server(self, names: Sequence[str], by: Actor) -> ServerCredential:
        """Return a server credential for exactly these host names and addresses.

        A new one is issued when it is missing, due for renewal, or for other
        names. Raises `LintRefused` for a name outside the issuing CA's name
        constraints (RFC 5280 section 4.2.1.10).
        """
        found = self._find_server(names)
        if found is not None:
            return found
        try:
            return self._issue_server(names, by)
        except OSError:
            # A node whose keys are mounted read-only serves on with what it has
            # until somebody brings the new one.
            due = self._find_server(names, or_due=True)
            if due is None:
                raise
            return due

    def _new_ocsp_signer(self, issuer: Authority, by: Actor) -> OcspSigner:
        try:
            return self._issue_ocsp_signer(issuer, by)
        except OSError:
            due = self._find_ocsp_signer(issuer, or_due=True)
            if due is None:
                raise
            return due

    def _find_ocsp_signer(self, issuer: Authority, *, or_due: bool = False) -> OcspSigner | None:
        for certificate, key_name in self._usable("ocsp", issuer, (), or_due=or_due):
            signer = self._signers.find(key_name, public_key_of(certificate))
            if signer is not None:
                return OcspSigner(certificate, signer)
        return None

    def _find_server(
        self, names: Sequence[str], *, or_due: bool = False
    ) -> ServerCredential | None:
        issuer = self._authorities.issuing
        for certificate, key_name in self._usable("server", issuer, names, or_due=or_due):
            # None: another node made it and holds its key.
            key = self._keys.find(key_name)
            if isinstance(key, EndEntityPrivateKey):
                return ServerCredential(certificate, key, key_name, issuer.certificate)
        return None

    def _usable(
        self,
        profile: ProfileName,
        issuer: Authority,
        names: Sequence[str],
        *,
        or_due: bool,
    ) -> list[tuple[x509.Certificate, str]]:
        """Return certificates of `issuer` for these names that last, with their keys' names.

        With `or_due` also those that are valid and should be renewed.
        """
        query = (
            select(CertificateRecord.der, CertificateRecord.key_name)
            .where(CertificateRecord.profile == profile)
            .where(CertificateRecord.issuer == issuer.name)
            .where(CertificateRecord.state == "good")
            .where(CertificateRecord.key_name.is_not(None))
            .where(CertificateRecord.not_after > self._clock.now())
            .order_by(CertificateRecord.issued_at.desc())
        )
        with self._database.reading() as session:
            rows = session.execute(query).all()
        found = [
            (x509.load_der_x509_certificate(der), key_name)
            for der, key_name in rows
            if der is not None and key_name is not None
        ]
        wanted = set(map(spell_general_name, names))
        return [
            (certificate, key_name)
            for certificate, key_name in found
            if (or_due or not needs_renewal(certificate, self._clock.now()))
            and _names_of(certificate) == wanted
        ]

    def _issue_ocsp_signer(self, issuer: Authority, by: Actor) -> OcspSigner:
        serial_number = self._reserve("ocsp", by, issuer.name)
        key_name = f"ocsp-{serial_number.lower()}"
        try:
            signer = self._signers.create(key_name, self._algorithm)
        except OSError:
            self._abandon(serial_number, by)
            raise
        public_key = signer.public_key
        self._prepare(serial_number, "OCSP Responder", public_key, key_name, (), by)
        certificate = self._issuance.complete(self._database, serial_number, by)
        return OcspSigner(certificate, signer)

    def _issue_server(self, names: Sequence[str], by: Actor) -> ServerCredential:
        issuer = self._authorities.issuing
        serial_number = self._reserve("server", by, issuer.name)
        key_name = f"server-{serial_number.lower()}"
        try:
            key = self._keys.create(key_name, self._algorithm)
        except OSError:
            self._abandon(serial_number, by)
            raise
        assert isinstance(key, EndEntityPrivateKey)
        try:
            self._prepare(serial_number, names[0], key.public_key(), key_name, names, by)
        except Failure:
            # Refused names must not leave a key and a number behind at every start.
            self._keys.discard(key_name)
            self._abandon(serial_number, by)
            raise
        certificate = self._issuance.complete(self._database, serial_number, by)
        return ServerCredential(certificate, key, key_name, issuer.certificate)

    def _reserve(self, profile: ProfileName, by: Actor, issuer: AuthorityName) -> str:
        with self._database.writing() as session:
            return self._issuance.reserve_serial(
                session, profile=profile, subscriber=None, by=by, issuer=issuer
            )

    def _abandon(self, serial_number: str, by: Actor) -> None:
        with self._database.writing() as session:
            self._issuance.abandon(session, serial_number, by)

    def _prepare(
        self,
        serial_number: str,
        common_name: str,
        public_key: CaPublicKey,
        key_name: str,
        names: Sequence[str],
        by: Actor,
    ) -> None:
        with self._database.writing() as session:
            self._issuance.prepare(
                session,
                serial_number,
                subject=Subject(common_name[: UPPER_BOUNDS[NameOID.COMMON_NAME]]),
                public_key=public_key,
                by=by,
                server_names=names,
                key_name=key_name,
            )


def _names_of(certificate: x509.Certificate) -> set[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return set()
    return {spell_general_name(str(name.value)) for name in names.value}
