"""Steps 5 to 8 of an issuance: prepared content is signed, compared, stored and handed out."""

from collections.abc import Callable
from functools import partial

from cryptography import x509
from sqlalchemy.orm import Session

from ca.errors import CertificateStateConflict
from ca.issuance.drafting import Drafting, Wanted
from ca.issuance.intents import Intent
from ca.issuance.reserved_rows import wanted_of
from ca.linting import LintedTbs
from ca.models import CertificateRecord
from ca.records import change_state, get_record, issued_columns
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.observing import Observer


class Completion:
    """Makes certificates of what is prepared."""

    def __init__(
        self, *, drafting: Drafting, audit: AuditLog, clock: Clock, observer: Observer
    ) -> None:
        self._drafting = drafting
        self._audit = audit
        self._clock = clock
        self._observer = observer

    def complete(
        self,
        database: Database,
        serial_number: str,
        by: Actor,
        *,
        intent: Intent | None = None,
        together: Callable[[Session], None] | None = None,
    ) -> x509.Certificate:
        """Return the certificate of a prepared serial number; see `Issuance.complete`."""
        if intent is not None:
            if intent.wanted.serial_number != serial_number:
                raise ValueError("the intent is for another certificate")
            wanted, take = intent.wanted, intent.take
        else:
            with database.reading() as session:
                record = get_record(session, serial_number)
                if record.state != "good":
                    if record.state != "prepared" or record.tbs is None:
                        raise CertificateStateConflict(serial_number, record.state)
                    wanted = self._wanted_again(record, record.tbs)
                    take = partial(self._drafting.lint, record.tbs, wanted)
            if record.state == "good":
                return _stored(database, record, together)

        with self._observer.act("issuance", profile=wanted.profile):
            return self._sign(database, wanted, take(), by, together)

    def _sign(
        self,
        database: Database,
        wanted: Wanted,
        linted: LintedTbs,
        by: Actor,
        together: Callable[[Session], None] | None,
    ) -> x509.Certificate:
        serial_number = wanted.serial_number
        # 5. sign and 6. compare
        certificate = self._drafting.issuer(wanted.issuer).signer.sign_certificate(linted)

        # 7. store
        def store(session: Session) -> None:
            self._store(session, certificate, serial_number, by)
            if together is not None:
                together(session)

        try:
            database.write_together(store)
        except CertificateStateConflict as conflict:
            if conflict.state != "good":
                raise
            # Somebody else completed the same content first: theirs is the one.
            with database.reading() as session:
                record = get_record(session, serial_number)
            return _stored(database, record, together)

        # 8. hand out
        return certificate

    def _wanted_again(self, record: CertificateRecord, tbs: bytes) -> Wanted:
        if record.profile != "server":
            return wanted_of(record)
        # A server's names are kept nowhere but in its content.
        return wanted_of(record, self._drafting.server_names(tbs, record.issuer))

    def _store(
        self, session: Session, certificate: x509.Certificate, serial_number: str, by: Actor
    ) -> None:
        columns = issued_columns(certificate)
        self._audit.lock_chain(session)
        change_state(
            session,
            serial_number,
            ("prepared",),
            "good",
            issued_at=self._clock.now(),
            **columns,
        )
        self._audit.record(
            session,
            "certificate.issued",
            by=by,
            subject=f"certificate:{serial_number}",
            fingerprint_sha256=str(columns["fingerprint_sha256"]),
        )


def _stored(
    database: Database, record: CertificateRecord, together: Callable[[Session], None] | None
) -> x509.Certificate:
    if together is not None:
        database.write_together(together)
    return _certificate_of(record)


def _certificate_of(record: CertificateRecord) -> x509.Certificate:
    assert record.der is not None, "the table refuses an issued certificate without content"
    return x509.load_der_x509_certificate(record.der)
