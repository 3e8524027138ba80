"""What a security officer may do with credentials, asked of the policies each time.

The one place that both the pages and the JSON calls go through.
"""

from typing import Literal

from foundation.audit import Actor
from foundation.database import Database
from gateway.consoles.credential_search import Credential, CredentialSearch, Found
from gateway.revocation import CredentialRevocation, Receipt
from policies.access import AccessPolicy, Resource
from policies.principal import Principal

# RFC 5280 5.3.1, those that fit a subscriber's certificate; a hold is an act
# of its own.
REASONS = (
    "keyCompromise",
    "superseded",
    "cessationOfOperation",
    "affiliationChanged",
    "privilegeWithdrawn",
    "unspecified",
)

_Act = Literal["revoke_certificate", "hold_certificate", "release_certificate"]


class CredentialActs:
    """Find, revoke, hold and release, each behind its permission."""

    def __init__(
        self,
        database: Database,
        access: AccessPolicy,
        search: CredentialSearch,
        revocation: CredentialRevocation,
    ) -> None:
        self._database = database
        self._access = access
        self._search = search
        self._revocation = revocation

    def find(self, principal: Principal, query: str, after: str | None = None) -> Found:
        """Return a page of the credentials that fit `query`; raises `Denied` and `Invalid`."""
        self._access.require(principal, "find_certificates")
        with self._database.reading() as session:
            return self._search.find(session, query, after)

    def get(self, principal: Principal, serial_number: str) -> Credential:
        """Return one credential; raises `Denied` and `NotFound`."""
        self._access.require(principal, "find_certificates")
        with self._database.reading() as session:
            return self._search.get(session, serial_number)

    def revoke(self, principal: Principal, serial_number: str, reason: str, by: Actor) -> Receipt:
        """Revoke for good, or hold when the reason is ``certificateHold`` (RFC 5280 5.3.1)."""
        if reason == "certificateHold":
            return self.hold(principal, serial_number, by)
        number = self._permitted(principal, "revoke_certificate", serial_number)
        with self._database.writing() as session:
            return self._revocation.revoke(session, number, reason, by)

    def hold(self, principal: Principal, serial_number: str, by: Actor) -> Receipt:
        """Suspend a certificate."""
        number = self._permitted(principal, "hold_certificate", serial_number)
        with self._database.writing() as session:
            return self._revocation.hold(session, number, by)

    def release(self, principal: Principal, serial_number: str, by: Actor) -> Receipt:
        """Lift a hold."""
        number = self._permitted(principal, "release_certificate", serial_number)
        with self._database.writing() as session:
            return self._revocation.release(session, number, by)

    def _permitted(self, principal: Principal, act: _Act, serial_number: str) -> str:
        credential = self.get(principal, serial_number)
        number = credential.certificate.serial_number
        resource = Resource("Certificate", number, district=credential.district)
        self._access.require(principal, act, resource)
        return number
