"""The counter with a real CA behind it, and steps of a credential's life in one call."""

from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from ca.crl import CrlPublication, CrlRules
from ca.models import CertificateRecord
from ca.revocation import Revocation
from enrollment.events import Subscriptions
from enrollment.services import EnrollmentServices, assemble
from enrollment.settings import EnrollmentSettings
from enrollment.slips.issued_slip import IssuedSlip
from enrollment.subscribers.officers import OfficerApplication
from enrollment.subscribers.units import UnitApplication
from foundation.audit import Actor, AuditEntry
from foundation.database import Database
from foundation.randomness import SystemRandomness
from policies.parameters import load_parameters
from policies.passwords import PasswordPolicy
from tests.support.certification import PKI_URL, Certification, make_certification
from tests.support.clock import FakeClock

OFFICER = Actor("li.na", "10.0.0.7", "request-1")
VISITOR = Actor.anonymous("203.0.113.9", "request-2")
CREDIT_CODE = "91420100177590265L"
ANOTHER_CREDIT_CODE = "91420100300000000X"
NEW_PASSWORD = "correct horse battery 42"
APPLICATION = UnitApplication(
    name="武汉长江贸易有限公司", credit_code=CREDIT_CODE, district="wuchang"
)

_PARAMETERS = load_parameters()
# The cheapest that the policy allows: most tests do not look at the cost.
# Less than policy allows: what is hashed here need not withstand anybody.
CHEAP = _PARAMETERS.argon2.model_copy(update={"time_cost": 1, "memory_cost": 8, "parallelism": 1})
SETTINGS = EnrollmentSettings(
    pickup_url="https://portal.example.org:8443/pickup",
    slips=_PARAMETERS.slips,
    argon2=CHEAP,
    throttling=_PARAMETERS.throttling,
)


@dataclass(frozen=True)
class Heard:
    """Every event that was published, in order."""

    events: list[object] = field(default_factory=list)

    def subscriptions(self) -> Subscriptions:
        """Return subscriptions that note everything."""

        def note(session: object, event: object) -> None:
            self.events.append(event)

        return Subscriptions(*[(note,)] * len(fields(Subscriptions)))


@dataclass(frozen=True)
class Counter:
    """Enrollment on a fresh CA."""

    services: EnrollmentServices
    certification: Certification
    revocation: Revocation
    heard: Heard

    @property
    def database(self) -> Database:
        """The database under everything."""
        return self.services.database

    @property
    def clock(self) -> FakeClock:
        """The clock that tests move."""
        return self.certification.clock

    def register(self, credit_code: str = CREDIT_CODE) -> IssuedSlip:
        """Enrol a unit."""
        with self.database.writing() as session:
            return self.services.units.register(
                session, replace(APPLICATION, credit_code=credit_code), OFFICER
            )

    def appoint(self, username: str = "zhang.wei", *roles: str) -> IssuedSlip:
        """Enrol an officer."""
        application = OfficerApplication(username, roles or ("review_officer",), "张伟")
        with self.database.writing() as session:
            return self.services.officers.add(session, application, OFFICER)

    def log_in(self, slip: IssuedSlip, password: str | None = None) -> None:
        """Do what a login does to authenticators."""
        verified = self.services.authenticators.verify_password(
            slip.username, password or slip.initial_password, VISITOR
        )
        with self.database.writing() as session:
            self.services.authenticators.bind_certificate(
                session, verified, slip.serial_number, VISITOR
            )

    def reissue(self, slip: IssuedSlip, reason: str = "keyCompromise") -> IssuedSlip:
        """Collect again after a loss."""
        with self.database.writing() as session:
            return self.services.reissue.reissue(session, slip.username, reason, OFFICER)

    def certificate_state(self, serial_number: str) -> str:
        """Return the CA's state of a serial number."""
        with self.database.reading() as session:
            return session.scalars(
                select(CertificateRecord.state).where(
                    CertificateRecord.serial_number == serial_number
                )
            ).one()

    def audit(self) -> list[AuditEntry]:
        """Return the whole audit log."""
        with self.database.reading() as session:
            return list(session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)))

    def actions(self, prefix: str = "") -> list[str]:
        """Return the actions in the audit log that begin with `prefix`."""
        return [entry.action for entry in self.audit() if entry.action.startswith(prefix)]


def open_counter(
    database: Database,
    folder: Path,
    *,
    settings: EnrollmentSettings = SETTINGS,
    clock: FakeClock | None = None,
) -> Counter:
    """Make a CA and the services of enrollment in a database that has all tables."""
    certification = make_certification(database, folder, clock=clock)
    crls = CrlPublication(
        authorities=certification.hierarchy,
        audit=certification.audit,
        clock=certification.clock,
        rules=CrlRules(
            pki_url=PKI_URL, validity=timedelta(days=7), refresh_after=timedelta(days=1)
        ),
    )
    revocation = Revocation(crls=crls, audit=certification.audit, clock=certification.clock)
    heard = Heard()
    services = assemble(
        database=database,
        clock=certification.clock,
        randomness=SystemRandomness(),
        audit=certification.audit,
        issuance=certification.issuance,
        revocation=revocation,
        password_policy=PasswordPolicy(_PARAMETERS.passwords, frozenset({"password1234"})),
        settings=settings,
        root=certification.hierarchy.root.certificate,
        issuers=certification.issuer_certificates,
        subscribers=heard.subscriptions(),
    )
    return Counter(services, certification, revocation, heard)
