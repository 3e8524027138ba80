"""A new issuing CA takes the place of the one before (docs/operations.md).

1. a key for it, kept durably
2. its certificate, signed by the root, here or in a ceremony
3. in one transaction: the new one is entered as active, the old one retired,
   a new epoch begins, and all of it is audited

Whoever is killed before 3 leaves a key that nobody uses and, when the root is
here, a certificate that nobody has seen; the hierarchy is as before. After 3
every process takes the new one over (`HierarchyStore.take_over`), which gives
it its OCSP signer, its server certificate and its CRLs.

The old one's certificates verify until they expire or are revoked: it goes on
signing CRLs, and its OCSP signer is renewed.
"""

from cryptography import x509
from sqlalchemy.orm import Session

from ca.authorities import Authority, load_authorities
from ca.authorities.certificates import AuthorityCertificates, make_authority_key
from ca.authorities.records import find_active, read_authorities, retire
from ca.authorities.register import AuthorityRegister
from ca.crl import RootKeyOffline
from ca.epoch import advance_epoch
from ca.keys import KeyAlgorithm
from ca.models import AuthorityName
from ca.names.authority_names import issuing_number, next_issuing_name
from ca.rollover.errors import RolloverConflict
from ca.signing import Signers
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.randomness import Randomness


class Rollover:
    """Lets one issuing CA follow another."""

    def __init__(
        self,
        *,
        database: Database,
        signers: Signers,
        certificates: AuthorityCertificates,
        register: AuthorityRegister,
        audit: AuditLog,
        clock: Clock,
        randomness: Randomness,
        algorithm: KeyAlgorithm,
    ) -> None:
        self._database = database
        self._signers = signers
        self._certificates = certificates
        self._register = register
        self._audit = audit
        self._clock = clock
        self._randomness = randomness
        self._algorithm = algorithm

    def roll_over(self, by: Actor) -> AuthorityName:
        """Make the next issuing CA and return its name; the root's key is on this machine.

        Opens its own transactions. Raises `RootKeyOffline` when the key is not
        here, `RolloverConflict` when somebody else was faster, `LintRefused`,
        `HierarchyMissing` and `KeyUnavailable`. Does not ask whether `by` may.
        """
        authorities = load_authorities(self._database, self._signers, self._clock)
        if not isinstance(authorities.root, Authority):
            raise RootKeyOffline
        # 1.
        with self._database.reading() as session:
            name = next_issuing_name(read_authorities(session))
        key = make_authority_key(name, self._signers, self._randomness, self._algorithm)
        # 2.
        certificate = self._certificates.make_issuing(
            name, key.serial_number, key.signer.public_key, authorities.root
        )
        # 3.
        with self._database.writing() as session:
            self.succeed(session, name, certificate, key.key_name, by)
        return name

    def succeed(
        self,
        session: Session,
        name: AuthorityName,
        certificate: x509.Certificate,
        key_name: str,
        by: Actor,
    ) -> None:
        """Step 3, in the caller's transaction; raises `RolloverConflict`.

        Does not verify the certificate: `roll_over` made it, or
        `ca.ceremony.installation` has verified it.
        """
        self._audit.lock_chain(session)
        if name != next_issuing_name(read_authorities(session)):
            raise RolloverConflict
        before = find_active(session)
        if before is None or not retire(session, before.name):
            raise RolloverConflict
        self._register.enter(session, name, certificate, key_name, by)
        advance_epoch(session)
        self._audit.record(
            session,
            "authority.succeeded",
            by=by,
            subject=f"certificate:{before.serial_number}",
            authority=before.name,
            successor=name,
            number=issuing_number(name),
        )
