"""A CA with everything that depends on the standing of its certificates."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import ocsp

from ca.crl import CrlPublication, CrlRules, find_crl, read_der
from ca.crl.scopes import FULL, Scope, scope_of
from ca.inventory import Inventory
from ca.keys import KeyAlgorithm
from ca.models import AuthorityName
from ca.ocsp import OcspResponder
from ca.records import get_record
from ca.revocation import Revocation, RevocationRecord
from ca.verification import ClientCertificateVerifier, VerifiedCertificate
from foundation.audit import Actor
from foundation.database import Database
from tests.support.certification import PKI_URL, Certification, Issued, make_certification
from tests.support.clock import FakeClock

CRL_VALIDITY = timedelta(days=7)
RULES = CrlRules(pki_url=PKI_URL, validity=CRL_VALIDITY, refresh_after=CRL_VALIDITY / 2)
SECURITY_OFFICER = Actor("li.security")


@dataclass(frozen=True)
class RevocableCa:
    """A `Certification` with its CRLs published."""

    ca: Certification
    crls: CrlPublication
    revocation: Revocation
    responder: OcspResponder
    verifier: ClientCertificateVerifier
    inventory: Inventory

    @property
    def database(self) -> Database:
        """The CA's database."""
        return self.ca.database

    def revoke(self, serial_number: str, reason: str = "keyCompromise") -> RevocationRecord:
        """Revoke in a transaction of its own."""
        with self.database.writing() as session:
            return self.revocation.revoke(session, serial_number, reason, SECURITY_OFFICER)

    def hold(self, serial_number: str) -> RevocationRecord:
        """Hold in a transaction of its own."""
        with self.database.writing() as session:
            return self.revocation.hold(session, serial_number, SECURITY_OFFICER)

    def release(self, serial_number: str) -> RevocationRecord:
        """Release in a transaction of its own."""
        with self.database.writing() as session:
            return self.revocation.release(session, serial_number, SECURITY_OFFICER)

    def state_of(self, serial_number: str) -> str:
        """Return the state on record."""
        with self.database.reading() as session:
            return get_record(session, serial_number).state

    def crl(
        self, issuer: AuthorityName = "issuing", scope: Scope = FULL
    ) -> x509.CertificateRevocationList:
        """Return the newest stored CRL of a scope."""
        with self.database.reading() as session:
            record = find_crl(session, issuer, scope)
            assert record is not None
            return x509.load_der_x509_crl(read_der(session, record))

    def shard_of(self, serial_number: str) -> x509.CertificateRevocationList:
        """Return the newest CRL of the shard that a certificate points at."""
        with self.database.reading() as session:
            record = get_record(session, serial_number)
        return self.crl(record.issuer, scope_of(record.crl_shard))

    def listed(self, serial_number: str) -> x509.RevokedCertificate | None:
        """Return the certificate's entry in the newest full CRL; its shard says the same."""
        number = int(serial_number, 16)
        whole = self.crl().get_revoked_certificate_by_serial_number(number)
        part = self.shard_of(serial_number).get_revoked_certificate_by_serial_number(number)
        assert (whole is None) == (part is None)
        return whole

    def ask(
        self,
        serial_number: str,
        algorithm: hashes.HashAlgorithm | None = None,
        nonce: bytes | None = None,
    ) -> ocsp.OCSPResponse:
        """Return the responder's answer about a serial number."""
        request = request_for(
            self.ca.hierarchy.issuing.certificate, serial_number, algorithm, nonce
        )
        return ocsp.load_der_ocsp_response(self.responder.respond(request))

    def verify(self, certificate: x509.Certificate) -> VerifiedCertificate:
        """Verify a certificate as the gateway does."""
        return self.verifier.verify([certificate.public_bytes(Encoding.DER)])

    def issue(self) -> Issued:
        """Return a new unit certificate."""
        return self.ca.issue()


def make_revocable(
    database: Database,
    folder: Path,
    *,
    clock: FakeClock | None = None,
    pki_url: str = PKI_URL,
    rules: CrlRules = RULES,
    algorithm: KeyAlgorithm = "ecdsa-p256",
) -> RevocableCa:
    """Make a CA with its first CRLs in a database that has all tables."""
    ca = make_certification(database, folder, clock=clock, pki_url=pki_url, algorithm=algorithm)
    rules = replace(rules, pki_url=pki_url)
    crls = CrlPublication(authorities=ca.hierarchy, audit=ca.audit, clock=ca.clock, rules=rules)
    crls.refresh_due(database)
    return RevocableCa(
        ca=ca,
        crls=crls,
        revocation=Revocation(crls=crls, audit=ca.audit, clock=ca.clock),
        responder=OcspResponder(database=database, hierarchy=ca.hierarchy, clock=ca.clock),
        verifier=ClientCertificateVerifier(database, ca.clock),
        inventory=Inventory(),
    )


def request_for(
    issuer: x509.Certificate,
    serial_number: str,
    algorithm: hashes.HashAlgorithm | None = None,
    nonce: bytes | None = None,
) -> bytes:
    """Return an OCSP request in DER about any serial number of `issuer`."""
    chosen = algorithm or hashes.SHA256()
    key_hash = _hash(chosen, _key_bits(issuer))
    builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
        _hash(chosen, issuer.subject.public_bytes()), key_hash, int(serial_number, 16), chosen
    )
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def _key_bits(issuer: x509.Certificate) -> bytes:
    # SEQUENCE { algorithm, BIT STRING }: its octets without the count of unused bits.
    info = issuer.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    contents: bytes = core.SequenceOf.load(info, spec=core.Any)[1].contents
    return contents[1:]


def _hash(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    context = hashes.Hash(algorithm)
    context.update(content)
    return context.finalize()
