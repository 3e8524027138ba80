"""Successors whose key the server makes: a PKCS#12 under a password shown once.

The password is drawn for this one file and shown on the page that answers the
request. The server keeps the finished file and never the password, so what it
keeps opens nothing. The file can be downloaded again until the first login with
it; whoever lost the password discards the successor and starts over. A crash
before the file was stored leaves a successor without one, with the same way out.
"""

from dataclasses import dataclass, field

from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy import select, update

from ca.keys.algorithms import EndEntityKeyAlgorithm, generate_key
from ca.pkcs12 import build_pkcs12
from ca.serial_numbers import serial_number_of
from enrollment.conditional_updates import changed_one
from enrollment.models import Renewal, Subscriber
from enrollment.pickup.picked_up import accept_form
from enrollment.renewal.renewals import Renewals
from enrollment.slips.secrets import SlipSecret
from enrollment.subscribers.finding import subject_of
from foundation.audit import Actor, AuditLog
from foundation.database import Database
from foundation.errors import Conflict, NotFound
from foundation.randomness import Randomness


@dataclass(frozen=True)
class RenewalFile:
    """A PKCS#12 that waits to be downloaded, and the password nobody can show again."""

    file_name: str
    download_password: str = field(repr=False)


@dataclass(frozen=True)
class SealedFile:
    """A PKCS#12 as the server keeps it."""

    file_name: str
    pkcs12: bytes = field(repr=False)


class RenewalFiles:
    """Makes and hands out files. Opens its own transactions."""

    def __init__(
        self,
        *,
        database: Database,
        renewals: Renewals,
        secret: SlipSecret,
        key_algorithm: EndEntityKeyAlgorithm,
        audit: AuditLog,
        randomness: Randomness,
    ) -> None:
        self._database = database
        self._renewals = renewals
        self._secret = secret
        self._key_algorithm = key_algorithm
        self._audit = audit
        self._randomness = randomness

    def make(self, serial_number: str, form: str, by: Actor) -> RenewalFile:
        """Return the password of a new file for the successor of this certificate.

        Raises as `Renewals.renew` and `Invalid` ("pickup-format-unknown").
        """
        accepted_form = accept_form(form)
        private_key = generate_key(self._key_algorithm)
        renewed = self._renewals.renew(serial_number, private_key.public_key(), "file", by)
        password = self._secret.draw(self._randomness)
        container = build_pkcs12(
            private_key=private_key,
            certificate=renewed.certificate,
            chain=renewed.chain,
            password=password,
            friendly_name=_friendly_name(renewed.certificate),
            form=accepted_form,
        )
        self._keep(serial_number_of(renewed.certificate.serial_number), container)
        return RenewalFile(f"certgate-{renewed.username}.p12", password)

    def take(self, serial_number: str, by: Actor) -> SealedFile:
        """Return the file of the certificate's pending successor.

        Raises `NotFound` ("renewal-file-gone").
        """
        query = (
            select(Renewal.new_serial_number, Renewal.sealed_pkcs12, Subscriber)
            .join(Subscriber, Subscriber.id == Renewal.subscriber_id)
            .where(Renewal.old_serial_number == serial_number, Renewal.ended_at.is_(None))
        )
        with self._database.writing() as session:
            row = session.execute(query).one_or_none()
            if row is None or row.sealed_pkcs12 is None:
                raise NotFound("renewal-file-gone")
            subscriber: Subscriber = row.Subscriber
            self._audit.record(
                session,
                "renewal.file_taken",
                by=by,
                subject=subject_of(subscriber),
                new_serial_number=row.new_serial_number,
            )
            return SealedFile(f"certgate-{subscriber.username}.p12", row.sealed_pkcs12)

    def _keep(self, successor: str, container: bytes) -> None:
        statement = (
            update(Renewal)
            .where(Renewal.new_serial_number == successor, Renewal.ended_at.is_(None))
            .values(sealed_pkcs12=container)
        )
        with self._database.writing() as session:
            if not changed_one(session, statement):
                raise Conflict("renewal-ended")


def _friendly_name(certificate: x509.Certificate) -> str:
    # The date tells it from the certificate that lies beside it in the browser.
    (common_name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return f"{common_name.value!s} {certificate.not_valid_after_utc:%Y-%m-%d}"
