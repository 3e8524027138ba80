"""One session with the root's key: what it signs, and the record of it."""

from collections.abc import Sequence
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authorities import Authority
from ca.authorities.certificates import AuthorityCertificates
from ca.ceremony.document import ReviewedDocument
from ca.ceremony.programs import program_versions
from ca.ceremony.records import (
    Act,
    CertifiedIssuing,
    Record,
    RevokedIssuing,
    SignedCrl,
    SignedRecord,
    Step,
    sign_record,
    spell_time,
)
from ca.ceremony.root_crl import sign_root_crl
from ca.encoding.signature_algorithms import algorithm_name_of
from ca.key_types import CaPrivateKey, CaPublicKey
from ca.models import AuthorityName
from foundation.clock import Clock


class RootSession:
    """Signs with the root's key and writes down every step, until it is closed."""

    def __init__(
        self,
        act: Act,
        *,
        document: ReviewedDocument,
        root: Authority,
        root_key_name: str,
        root_key: CaPrivateKey,
        before: Sequence[SignedRecord],
        clock: Clock,
    ) -> None:
        """`before` are the records of the sessions so far; `root_key` is that of `root`."""
        self._act = act
        self._document = document
        self._root = root
        self._root_key_name = root_key_name
        self._root_key = root_key
        self._before = before
        self._clock = clock
        self._certificates = AuthorityCertificates(
            profiles=document.content.profiles(),
            lifetimes=document.content.lifetimes(),
            clock=clock,
        )
        self._steps: list[Step] = []
        self._issuing: list[CertifiedIssuing] = []
        self._root_crl: SignedCrl | None = None
        self.note("document-reviewed", sha256=document.sha256)

    def note(self, what: str, **facts: str | int) -> None:
        """Write down a step."""
        self._steps.append(Step(at=self._clock.now(), what=what, facts=facts))

    def note_certificate(self, what: str, certificate: x509.Certificate) -> None:
        """Write down a step and everything by which the certificate is known."""
        self.note(what, **describe_certificate(certificate))

    def certify_issuing(
        self, name: AuthorityName, serial_number: str, key_name: str, public_key: CaPublicKey
    ) -> None:
        """Sign the certificate of an issuing CA; raises `LintRefused` and `IssuerExpired`.

        Does not check that anybody holds its private key: a request proves it.
        """
        certificate = self._certificates.make_issuing(name, serial_number, public_key, self._root)
        self.record_issuing(name, key_name, certificate)
        self.note_certificate("issuing-certified", certificate)

    def record_issuing(
        self, name: AuthorityName, key_name: str, certificate: x509.Certificate
    ) -> None:
        """Remember an issuing CA that the root has certified, here or before."""
        self._issuing.append(
            CertifiedIssuing(
                name=name,
                key_name=key_name,
                serial_number=f"{certificate.serial_number:X}",
                certificate=certificate.public_bytes(Encoding.PEM).decode(),
            )
        )

    def sign_crl(self, entries: Sequence[RevokedIssuing], previous_number: int) -> SignedCrl:
        """Sign the root's next CRL with exactly these entries."""
        this_update = self._clock.now().replace(microsecond=0)
        life = timedelta(days=self._document.content.days.root_crl)
        signed = sign_root_crl(
            self._root,
            previous_number=previous_number,
            this_update=this_update,
            next_update=min(this_update + life, self._root.certificate.not_valid_after_utc),
            entries=entries,
        )
        self.note(
            "root-crl-signed",
            crl_number=signed.crl_number,
            entries=len(entries),
            next_update=spell_time(signed.next_update),
        )
        self._root_crl = signed
        return signed

    def close(self) -> SignedRecord:
        """Return the record of the session, signed by the root; nothing is signed after it."""
        self.note("record-signed")
        last = self._before[-1] if self._before else None
        record = Record(
            number=len(self._before) + 1,
            previous_sha256=last.sha256 if last else None,
            act=self._act,
            document_sha256=self._document.sha256,
            document=self._document.octets.decode(),
            program=program_versions(),
            root_key_name=self._root_key_name,
            root_certificate=self._root.certificate.public_bytes(Encoding.PEM).decode(),
            steps=self._steps,
            issuing=self._issuing,
            root_crl=self._root_crl,
        )
        return sign_record(record, self._root_key)


def describe_certificate(certificate: x509.Certificate) -> dict[str, str | int]:
    """Return what people compare: names, numbers, fingerprint, times."""
    identifier = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return {
        "subject": certificate.subject.rfc4514_string(),
        "issuer": certificate.issuer.rfc4514_string(),
        "serial_number": f"{certificate.serial_number:X}",
        "key_algorithm": algorithm_name_of(certificate.public_key()),
        "key_identifier": identifier.value.digest.hex().upper(),
        "not_before": spell_time(certificate.not_valid_before_utc),
        "not_after": spell_time(certificate.not_valid_after_utc),
        "fingerprint_sha256": certificate.fingerprint(hashes.SHA256()).hex().upper(),
    }
