"""What a security officer may do with credentials, asked of the policies each time.

The one place that both the pages and the JSON calls go through.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Literal

from ca.errors import CertificateNotFound
from ca.inventory import CertificateDetail
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Invalid
from gateway.approvals import Approvals, ProposalView
from gateway.approvals.release import release_content
from gateway.consoles.certificate_history import Event, history_of
from gateway.consoles.filter_form import FilterForm
from gateway.consoles.moments import read_moment
from gateway.credentials import Credential, CredentialSearch, Found, Wanted
from gateway.edge.registry import Edge, KnownEdges
from gateway.revocation import CredentialRevocation, Receipt, confirmed
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
HOLD = "certificateHold"

_Act = Literal["revoke_certificate", "hold_certificate", "release_certificate"]


@dataclass(frozen=True)
class Decoded:
    """A credential with all that is known about it."""

    credential: Credential
    detail: CertificateDetail
    history: tuple[Event, ...]


class CredentialActs:
    """Find, revoke, hold and release, each behind its permission."""

    def __init__(
        self,
        *,
        database: Database,
        access: AccessPolicy,
        search: CredentialSearch,
        revocation: CredentialRevocation,
        approvals: Approvals,
        officers_for_release: int,
        audit: AuditLog,
        clock: Clock,
        zone: tzinfo,
        edges: KnownEdges,
    ) -> None:
        """`officers_for_release` is 1 or 2; `zone` is where days begin."""
        self._database = database
        self._access = access
        self._search = search
        self._revocation = revocation
        self._approvals = approvals
        self._officers_for_release = officers_for_release
        self._audit = audit
        self._clock = clock
        self._zone = zone
        self._edges = edges

    @property
    def release_takes_two(self) -> bool:
        """Whether a release waits for a second officer."""
        return self._officers_for_release > 1

    def find(self, principal: Principal, form: FilterForm, after: str | None = None) -> Found:
        """Return a page of the credentials that fit; raises `Denied` and `Invalid`."""
        wanted = self.wanted(principal, form)
        with self._database.reading() as session:
            return self._search.find(session, wanted, after)

    def export(
        self, principal: Principal, form: FilterForm, by: Actor
    ) -> Iterator[tuple[Credential, ...]]:
        """Yield everything that fits in batches, and put on record who took it away."""
        wanted = self.wanted(principal, form)
        batches = self._search.walk(self._database, wanted)
        with self._database.writing() as session:
            self._audit.record(
                session,
                "certificates.exported",
                by=by,
                subject="certificate:*",
                conditions=[f"{name}={value}" for name, value in wanted.as_document().items()],
            )
        return batches

    def wanted(self, principal: Principal, form: FilterForm) -> Wanted:
        """Return what this officer may look for; raises `Denied` and `Invalid`."""
        self._access.require(principal, "find_certificates")
        wanted = form.read(self._zone, self._clock.now())
        if principal.district is None:
            return wanted
        # ACT-04: an officer of a district sees that district alone.
        if wanted.district not in {None, principal.district}:
            resource = Resource("Certificate", "*", district=wanted.district)
            self._access.require(principal, "find_certificates", resource)
        return replace(wanted, district=principal.district)

    def get(self, principal: Principal, serial_number: str) -> Credential:
        """Return one credential; raises `Denied` and `NotFound`."""
        self._access.require(principal, "find_certificates")
        with self._database.reading() as session:
            credential = self._search.get(session, serial_number)
        number = credential.certificate.serial_number
        resource = Resource("Certificate", number, district=credential.district)
        if not self._access.allows(principal, "find_certificates", resource):
            raise CertificateNotFound(number)
        return credential

    def decoded(self, principal: Principal, serial_number: str) -> Decoded:
        """Return one credential with its content and history; raises as `get`."""
        credential = self.get(principal, serial_number)
        number = credential.certificate.serial_number
        with self._database.reading() as session:
            detail = self._search.detail(session, number)
            return Decoded(credential, detail, history_of(session, number))

    def revoke(
        self,
        principal: Principal,
        serial_number: str,
        reason: str,
        by: Actor,
        unverified_invalidity_date: str = "",
    ) -> Receipt:
        """Revoke for good, or hold when the reason is ``certificateHold`` (RFC 5280 5.3.1).

        The invalidity date (5.3.2) is a day or RFC 3339; `Invalid` tells what
        is wrong with it.
        """
        invalidity_date = self.read_invalidity_date(unverified_invalidity_date)
        if reason == HOLD:
            if invalidity_date is not None:
                raise Invalid("invalidity-date-with-hold", field="invalidity_date")
            return self.hold(principal, serial_number, by)
        number = self._permitted(principal, "revoke_certificate", serial_number)
        with self._database.writing() as session:
            receipt = self._revocation.revoke(session, number, reason, by, invalidity_date)
        return confirmed(receipt, self._edges)

    def read_invalidity_date(self, unverified_text: str) -> datetime | None:
        """Return the moment, or None for nothing; raises `Invalid` for nonsense or the future."""
        moment = read_moment(unverified_text, self._zone, "invalidity_date")
        if moment is not None and moment > self._clock.now():
            raise Invalid("invalidity-date-in-future", field="invalidity_date")
        return moment

    def hold(self, principal: Principal, serial_number: str, by: Actor) -> Receipt:
        """Suspend a certificate; one officer is enough, for it may be urgent."""
        number = self._permitted(principal, "hold_certificate", serial_number)
        with self._database.writing() as session:
            receipt = self._revocation.hold(session, number, by)
        return confirmed(receipt, self._edges)

    def release(
        self, principal: Principal, serial_number: str, by: Actor, note: str = ""
    ) -> Receipt | ProposalView:
        """Lift a hold, or propose it when that takes two officers.

        Raises `Denied`, `NotFound` and `Conflict`: not on hold, or proposed already.
        """
        if not self.release_takes_two:
            number = self._permitted(principal, "release_certificate", serial_number)
            with self._database.writing() as session:
                receipt = self._revocation.release(session, number, by)
            return confirmed(receipt, self._edges)
        content = release_content(self.get(principal, serial_number))
        with self._database.writing() as session:
            return self._approvals.propose(session, principal, "release", content, by, note)

    def edges_of_concern(self) -> Sequence[Edge]:
        """Return the edges that are away or ask for an operator; nothing secret."""
        return self._edges.of_concern()

    def _permitted(self, principal: Principal, act: _Act, serial_number: str) -> str:
        credential = self.get(principal, serial_number)
        number = credential.certificate.serial_number
        resource = Resource("Certificate", number, district=credential.district)
        self._access.require(principal, act, resource)
        return number
