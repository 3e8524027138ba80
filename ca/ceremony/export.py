"""The root's key leaves the server, for an installation that was made with it there.

1. the key is written into an empty folder under another passphrase
2. read back from there and proved by a signature
3. the record of it begins the history of the offline root: every issuing CA it
   has certified, and a CRL that lasts until the folder is next opened
4. that CRL is published here
5. this server's copy is destroyed

Whoever is killed before 5 has two copies and may begin again with another
folder. Backups made before keep the key as well (docs/operations.md).
"""

from collections.abc import Callable
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy.orm import Session

from ca.authorities import Authority
from ca.authorities.records import read_authorities
from ca.ceremony.document import ReviewedDocument
from ca.ceremony.errors import RootKeyFixed
from ca.ceremony.folder import CeremonyFolder
from ca.ceremony.records import RevokedIssuing, SignedRecord
from ca.ceremony.session import RootSession
from ca.crl import RootKeyOffline, find_crl_number
from ca.encoding.signature_algorithms import sign_raw
from ca.errors import HierarchyMissing
from ca.key_types import CaPrivateKey
from ca.keys import EncryptedFileKeys, KeyStore
from ca.models import AuthorityName, AuthorityRecord
from ca.names.authority_names import ROOT
from ca.reasons import UNSPECIFIED
from ca.records import get_record
from ca.signing import KeySigner
from ca.signing.proof import verify_signature
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database

# Begins unlike anything that is signed in earnest.
_TRIAL = b"certgate: the root's key was moved"

ImportRootCrl = Callable[[Session, bytes, Actor], object]


@dataclass(frozen=True)
class _Known:
    """What the database knows of an issuing CA."""

    name: AuthorityName
    key_name: str
    certificate: x509.Certificate
    revocation: RevokedIssuing | None


class RootExport:
    """Moves the root's key out of the server's key folder."""

    def __init__(
        self,
        *,
        database: Database,
        keys: KeyStore,
        import_root_crl: ImportRootCrl,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        """`keys` is where the root's key is now."""
        self._database = database
        self._keys = keys
        self._import_root_crl = import_root_crl
        self._audit = audit
        self._clock = clock

    def write(
        self, folder: CeremonyFolder, moved_keys: EncryptedFileKeys, document: ReviewedDocument
    ) -> SignedRecord:
        """Steps 1 to 3: return the first record of the offline root.

        `moved_keys` keeps its files in the folder's `keys`. Raises
        `RootKeyOffline`, `RootKeyFixed` for a key on a token,
        `CeremonyFolderInUse`, `HierarchyMissing` and `KeyUnavailable`.
        """
        root, known, previous_number = self._read()
        key = self._keys.find(root.key_name)
        if key is None:
            raise RootKeyOffline
        if not isinstance(self._keys, EncryptedFileKeys):
            raise RootKeyFixed
        # 1.
        folder.begin()
        folder.keep_document(document.octets)
        moved_keys.keep(root.key_name, key)
        # 2.
        moved = moved_keys.get(root.key_name)
        certificate = x509.load_der_x509_certificate(root.certificate)
        signer = KeySigner(moved)
        verify_signature(signer.public_key, sign_raw(moved, _TRIAL), _TRIAL)
        if signer.public_key != certificate.public_key():
            raise RootKeyOffline
        # 3.
        return self._record(
            document, Authority(ROOT, certificate, signer), root.key_name, moved, known,
            previous_number,
        )  # fmt: skip

    def publish(self, signed: SignedRecord, by: Actor) -> None:
        """Step 4, in a transaction of its own."""
        crl = signed.record.root_crl
        assert crl is not None, "an export signs a CRL"
        der = x509.load_pem_x509_crl(crl.crl.encode()).public_bytes(Encoding.DER)
        with self._database.writing() as session:
            self._audit.lock_chain(session)
            self._import_root_crl(session, der, by)
            self._audit.record(
                session,
                "authority.exported",
                by=by,
                subject="authority:root",
                record_sha256=signed.sha256,
            )

    def destroy(self, signed: SignedRecord) -> None:
        """Step 5: this server's copy is gone; the folder's is the only one it leaves."""
        self._keys.discard(signed.record.root_key_name)

    def _record(
        self,
        document: ReviewedDocument,
        root: Authority,
        key_name: str,
        key: CaPrivateKey,
        known: list[_Known],
        previous_number: int,
    ) -> SignedRecord:
        session = RootSession(
            "export",
            document=document,
            root=root,
            root_key_name=key_name,
            root_key=key,
            before=(),
            clock=self._clock,
        )
        for person in document.content.participants:
            session.note("participant", name=person.name, role=person.role)
        session.note("root-key-moved", key_name=key_name)
        session.note_certificate("root-certified", root.certificate)
        for each in known:
            session.record_issuing(each.name, each.key_name, each.certificate)
            session.note_certificate("issuing-known", each.certificate)
        entries = [each.revocation for each in known if each.revocation is not None]
        session.sign_crl(entries, previous_number)
        return session.close()

    def _read(self) -> tuple[AuthorityRecord, list[_Known], int]:
        with self._database.reading() as session:
            authorities = dict(read_authorities(session))
            root = authorities.pop(ROOT, None)
            if root is None:
                raise HierarchyMissing
            oldest_first = reversed(list(authorities.values()))
            known = [_known(session, record) for record in oldest_first]
            return root, known, find_crl_number(session, ROOT) or 0


def _known(session: Session, record: AuthorityRecord) -> _Known:
    certificate = get_record(session, record.serial_number)
    revocation = None
    if certificate.state == "revoked":
        assert certificate.revoked_at is not None, "set together with the state"
        revocation = RevokedIssuing(
            serial_number=record.serial_number,
            reason=certificate.reason or UNSPECIFIED,
            revoked_at=certificate.revoked_at.replace(microsecond=0),
        )
    return _Known(
        record.name,
        record.key_name,
        x509.load_der_x509_certificate(record.certificate),
        revocation,
    )
