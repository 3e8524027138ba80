"""Pickup: serial number and download password for certificate and key (DL-07 to DL-12).

1. verify    the pair, throttled, at equal cost (`enrollment.pickup.verification`);
             the charge of the attempt is forgiven with the first of the steps below
             that is kept, and at the end in any case
2. key       made and sealed under the download password, or taken from a request
             of the subscriber's own, once (`enrollment.pickup.slip_keys`)
3. prepare   the certificate's content, in the transaction of step 2
4. complete  sign and store, safe to repeat (`ca.issuance`)
5. build     the PKCS#12, in memory, when the key is the server's
6. record    the pickup, as long as the slip still stands; when there is nothing to
             build, in the transaction that stores the certificate
7. hand out  only now

A crash after 3 leaves a key and a prepared certificate; the next pickup
goes on at 4 with the same key. The same pair yields the same certificate until
the first login or the slip's end (AMB-04).
"""

from datetime import datetime

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ca.csr import accept_csr
from ca.issuance import Intent
from ca.pkcs12 import build_pkcs12
from enrollment.authenticators.charges import Charge
from enrollment.issuer_chains import IssuerChains
from enrollment.pickup.picked_up import (
    Form,
    OpenedPickup,
    PickedUp,
    PickedUpCertificate,
    PickedUpKey,
    accept_form,
)
from enrollment.pickup.sealed_keys import unseal_private_key
from enrollment.pickup.slip_certificates import SlipCertificates
from enrollment.pickup.slip_keys import SlipKeys
from enrollment.pickup.slips import find_slip_by_id
from enrollment.pickup.tickets import Tickets
from enrollment.pickup.verification import PickupVerifier, VerifiedPair
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Denied

__all__ = ["Form", "OpenedPickup", "PickedUp", "Pickup"]


class Pickup:
    """Hands out certificates. Its methods open their own transactions.

    Each of them raises `Denied` ("pickup-refused"), `Throttled`
    ("pickup-throttled") and `Unavailable`; `CertificatePending` says that the
    certificate is on its way and the same call will fetch it.
    """

    def __init__(
        self,
        *,
        database: Database,
        verifier: PickupVerifier,
        tickets: Tickets,
        certificates: SlipCertificates,
        keys: SlipKeys,
        chains: IssuerChains,
        audit: AuditLog,
        clock: Clock,
    ) -> None:
        self._database = database
        self._verifier = verifier
        self._tickets = tickets
        self._certificates = certificates
        self._keys = keys
        self._chains = chains
        self._audit = audit
        self._clock = clock

    def redeem(
        self,
        unverified_serial_number: str,
        unverified_download_password: str,
        form: str,
        by: Actor,
    ) -> PickedUp:
        """Return the PKCS#12 for a right pair, the same certificate every time.

        Raises `Invalid` ("pickup-format-unknown") and `Conflict`
        ("pickup-own-key") when there is no key to put into it.
        """
        accepted_form = accept_form(form)
        pair = self._verifier.verify(unverified_serial_number, unverified_download_password, by)
        return self._hand_out_file(pair, accepted_form, by)

    def redeem_csr(
        self,
        unverified_serial_number: str,
        unverified_download_password: str,
        unverified_csr: bytes,
        by: Actor,
    ) -> PickedUpCertificate:
        """Return the certificate for the key of a PKCS#10 request (RFC 2986).

        Only the key is taken from it. The same pair with the same key yields
        the same certificate. Raises `CsrRefused`, `PublicKeyRefused` and
        `Conflict` ("pickup-other-key", "pickup-server-key").
        """
        # First the pair: whoever does not know it makes nobody parse anything.
        pair = self._verifier.verify(unverified_serial_number, unverified_download_password, by)
        return self._hand_out_certificate(pair, unverified_csr, by)

    def redeem_key(
        self, unverified_serial_number: str, unverified_download_password: str, by: Actor
    ) -> PickedUpKey:
        """Return certificate and key of a right pair for a program (RFC 7030 section 4.4).

        It is the key that `redeem` puts into the PKCS#12. Raises `Conflict`
        ("pickup-own-key").
        """
        pair = self._verifier.verify(unverified_serial_number, unverified_download_password, by)
        with pair.charge:
            sealed, certificate = self._certificates.make(pair, self._keys.make, by)
            private_key = unseal_private_key(sealed, pair.download_password)
            self._certificates.count(pair, "pkcs8", by)
        return PickedUpKey(
            certificate,
            private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        )

    def open(
        self, unverified_serial_number: str, unverified_download_password: str, by: Actor
    ) -> OpenedPickup:
        """Check the pair for the page and return a ticket for it; hands out nothing yet."""
        pair = self._verifier.verify(unverified_serial_number, unverified_download_password, by)
        slip = pair.slip
        with pair.charge, self._database.writing() as session:
            pair.charge.forgive(session)
            ticket, ends_at = self._tickets.issue(
                session, slip.slip_id, pair.download_password, self._clock.now()
            )
            self._audit.record(
                session,
                "pickup.opened",
                by=by,
                subject=slip.audit_subject,
                serial_number=slip.serial_number,
                form=None,
            )
        return OpenedPickup(
            ticket, slip.serial_number, slip.username, slip.display_name, ends_at, slip.expires_at
        )

    def for_ticket(self, unverified_ticket: str) -> OpenedPickup | None:
        """Return what the page of a ticket shows, or None when the ticket is over."""
        found = self._find_pair(unverified_ticket)
        if found is None:
            return None
        pair, ends_at = found
        slip = pair.slip
        if slip.end_at(self._clock.now()) is not None:
            return None
        return OpenedPickup(
            unverified_ticket,
            slip.serial_number,
            slip.username,
            slip.display_name,
            ends_at,
            slip.expires_at,
        )

    def redeem_ticket(self, unverified_ticket: str, form: str, by: Actor) -> PickedUp:
        """Return the PKCS#12 for a ticket, otherwise as `redeem`.

        Raises `Denied` ("pickup-ticket-ended", and "pickup-refused" when the
        slip ended meanwhile).
        """
        accepted_form = accept_form(form)
        return self._hand_out_file(self._get_pair(unverified_ticket), accepted_form, by)

    def redeem_ticket_csr(
        self, unverified_ticket: str, unverified_csr: bytes, by: Actor
    ) -> PickedUpCertificate:
        """Return the certificate for a ticket and a request, as the two methods above."""
        return self._hand_out_certificate(self._get_pair(unverified_ticket), unverified_csr, by)

    def _get_pair(self, unverified_ticket: str) -> VerifiedPair:
        found = self._find_pair(unverified_ticket)
        if found is None:
            raise Denied("pickup-ticket-ended")
        return found[0]

    def _find_pair(self, unverified_ticket: str) -> tuple[VerifiedPair, datetime] | None:
        with self._database.reading() as session:
            ticket = self._tickets.open(session, unverified_ticket, self._clock.now())
            slip = find_slip_by_id(session, ticket.slip_id) if ticket else None
        if ticket is None or slip is None:
            return None
        nothing = Charge(self._database, ())
        return VerifiedPair(slip, ticket.download_password, nothing), ticket.expires_at

    def _hand_out_file(self, pair: VerifiedPair, form: Form, by: Actor) -> PickedUp:
        slip = pair.slip
        with pair.charge:
            sealed, certificate = self._certificates.make(pair, self._keys.make, by)
            # 5. build
            container = build_pkcs12(
                private_key=unseal_private_key(sealed, pair.download_password),
                certificate=certificate,
                chain=self._chains.above(certificate),
                password=pair.download_password,
                friendly_name=f"{slip.display_name} ({slip.username})",
                form=form,
            )
            # 6. record
            self._certificates.count(pair, form, by)
        # 7. hand out
        return PickedUp(
            container,
            f"certgate-{slip.username}.p12",
            certificate,
            slip.username,
            slip.display_name,
            form,
        )

    def _hand_out_certificate(
        self, pair: VerifiedPair, unverified_csr: bytes, by: Actor
    ) -> PickedUpCertificate:
        with pair.charge:
            accepted = accept_csr(unverified_csr)

            def settle_key(pair: VerifiedPair, by: Actor) -> tuple[None, Intent | None]:
                return self._keys.accept(pair, accepted.public_key, by)

            # 6. record, with the certificate: there is nothing to build
            _, certificate = self._certificates.make(pair, settle_key, by, counted_as="own-key")
        return PickedUpCertificate(certificate, self._chains.above(certificate), pair.slip.username)
