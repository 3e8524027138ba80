"""Certificates of the services and rollovers, put to use without a restart."""

from collections.abc import Sequence
from typing import Final

from gateway.composition.certification import Certification
from gateway.listeners.tls_context import TlsContext

# Once in an hour is often for certificates that last for months.
RENEWAL_SECONDS: Final = 3_600.0


class Renewal:
    """Keeps what the doors serve and ask for up to what the CA has."""

    def __init__(self, certification: Certification, doors: Sequence[TlsContext]) -> None:
        self._certification = certification
        self._doors = doors
        self._served = certification.hierarchy.server

    def renew(self) -> None:
        """Renew what is due; a job calls it, long before anything ends."""
        self.take_over()
        self._certification.renew_services()
        if self._certification.hierarchy.server is not self._served:
            self._put_to_use()

    def take_over(self) -> None:
        """Take over a rollover of another process: issue below the new CA, ask for both."""
        if self._certification.take_over():
            self._put_to_use()

    def _put_to_use(self) -> None:
        server = self._certification.hierarchy.server
        for door in self._doors:
            door.renew(
                [server.certificate, server.issuing],
                server.private_key,
                ask_for_certificate_of=self._certification.issuer_certificates(),
            )
        self._served = server
