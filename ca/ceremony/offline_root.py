"""A root that is kept offline, as the records of its folder tell of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from ca.authorities import Authority
from ca.ceremony.document import ReviewedDocument, parse_document
from ca.ceremony.errors import RecordBroken, RequestRefused
from ca.ceremony.folder import CeremonyFolder
from ca.ceremony.records import (
    Act,
    CertifiedIssuing,
    Record,
    RevokedIssuing,
    SignedCrl,
    SignedRecord,
)
from ca.ceremony.request import IssuingRequest
from ca.ceremony.session import RootSession
from ca.errors import CertificateAlreadyRevoked, KeyUnavailable
from ca.key_types import CaPrivateKey
from ca.keys import KeyStore
from ca.names.authority_names import ROOT, next_issuing_name
from ca.rollover.ending import require_authority_reason
from ca.rollover.errors import AuthorityUnknown
from ca.serial_numbers import draw_serial_number
from ca.signing import KeySigner
from foundation.clock import Clock
from foundation.randomness import Randomness


@dataclass(frozen=True)
class RootHistory:
    """What the records say, oldest first; all of them verified."""

    records: Sequence[SignedRecord]

    @property
    def certificate(self) -> x509.Certificate:
        """Return the root's certificate."""
        return x509.load_pem_x509_certificate(self._last.root_certificate.encode())

    @property
    def fingerprint_sha256(self) -> str:
        """Return the root's fingerprint in upper-case hex."""
        return self.certificate.fingerprint(hashes.SHA256()).hex().upper()

    @property
    def key_name(self) -> str:
        """Return what the root's key is called."""
        return self._last.root_key_name

    @property
    def document(self) -> ReviewedDocument:
        """Return the document of the last session."""
        return parse_document(self._last.document.encode())

    @property
    def issuing(self) -> Sequence[CertifiedIssuing]:
        """Return every issuing CA that the root has certified."""
        return [each for signed in self.records for each in signed.record.issuing]

    @property
    def newest_crl(self) -> SignedCrl:
        """Return the root's newest CRL; every history begins with one."""
        crls = [signed.record.root_crl for signed in self.records]
        newest = [crl for crl in crls if crl is not None]
        if not newest:
            raise RecordBroken(self.records[0].name)
        return newest[-1]

    @property
    def _last(self) -> Record:
        return self.records[-1].record


class OfflineRoot:
    """Continues a history with the root's key."""

    def __init__(
        self, folder: CeremonyFolder, keys: KeyStore, *, clock: Clock, randomness: Randomness
    ) -> None:
        """Read and verify the history and open the key.

        Raises `CeremonyMissing`, `RecordBroken`, and `KeyUnavailable`, also for
        a key that is not the root's.
        """
        self.history = RootHistory(folder.read_records())
        self._key = _open_key(self.history, keys)
        self._clock = clock
        self._randomness = randomness

    def sign_issuing(
        self, request: IssuingRequest, document: ReviewedDocument | None = None
    ) -> SignedRecord:
        """Certify the key of a request as the next issuing CA; return the record.

        `document` takes the place of the one of the last session: for other
        server names, say. The CRL is signed anew along with it, so that the
        server gets a fresh one. Raises `RequestRefused` for a key that was
        certified before, `LintRefused` and `IssuerExpired`.
        """
        history = self.history
        if any(each.key_name == request.key_name for each in history.issuing):
            raise RequestRefused("its key was certified before")
        name = next_issuing_name([each.name for each in history.issuing])
        session = self._session("sign-issuing", document)
        session.note("request-verified", key_name=request.key_name)
        session.certify_issuing(
            name, draw_serial_number(self._randomness), request.key_name, request.public_key
        )
        newest = history.newest_crl
        session.sign_crl(newest.entries, newest.crl_number)
        return session.close()

    def sign_crl(self, revoke: str | None = None, reason: str = "unspecified") -> SignedRecord:
        """Sign the root's next CRL, on which the issuing CA `revoke` is new; return the record.

        What was on the last one stays: a revocation never comes back. Raises
        `AuthorityUnknown` for a name that the root did not certify,
        `CertificateAlreadyRevoked`, and `RolloverRefused` for the reason.
        """
        newest = self.history.newest_crl
        entries = list(newest.entries)
        session = self._session("root-crl", None)
        if revoke is not None:
            entries.append(self._revocation(revoke, reason, entries))
            session.note("issuing-revoked", name=revoke, reason=reason)
        session.sign_crl(entries, newest.crl_number)
        return session.close()

    def _revocation(
        self, name: str, reason: str, present: Sequence[RevokedIssuing]
    ) -> RevokedIssuing:
        require_authority_reason(reason)
        certified = next((each for each in self.history.issuing if each.name == name), None)
        if certified is None:
            raise AuthorityUnknown(name)
        if any(each.serial_number == certified.serial_number for each in present):
            raise CertificateAlreadyRevoked(certified.serial_number)
        return RevokedIssuing(
            serial_number=certified.serial_number,
            reason=reason,
            revoked_at=self._clock.now().replace(microsecond=0),
        )

    def _session(self, act: Act, document: ReviewedDocument | None) -> RootSession:
        history = self.history
        return RootSession(
            act,
            document=document or history.document,
            root=Authority(ROOT, history.certificate, KeySigner(self._key)),
            root_key_name=history.key_name,
            root_key=self._key,
            before=history.records,
            clock=self._clock,
        )


def _open_key(history: RootHistory, keys: KeyStore) -> CaPrivateKey:
    key = keys.get(history.key_name)
    if key.public_key() != history.certificate.public_key():
        raise KeyUnavailable(history.key_name)
    return key
