"""What everything stands on: settings, rules, clock, database, audit, texts."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from foundation.audit import AuditLog
from foundation.clock import Clock, SystemClock
from foundation.database import Database
from foundation.i18n import Catalogues
from foundation.randomness import Randomness, SystemRandomness
from foundation.settings import Settings
from gateway.composition.observation import Observation
from policies.access import AccessPolicy
from policies.parameters import Parameters, load_parameters
from policies.review import ReviewPolicy

ROOMS = ("foundation", "policies", "ca", "enrollment", "workflow_core", "gateway")


@dataclass(frozen=True)
class Ground:
    """The ground floor of one process."""

    settings: Settings
    parameters: Parameters
    access: AccessPolicy
    review: ReviewPolicy
    catalogues: Catalogues
    clock: Clock
    randomness: Randomness
    database: Database
    audit: AuditLog
    zone: ZoneInfo
    observation: Observation


def lay_ground(
    settings: Settings,
    *,
    clock: Clock | None = None,
    randomness: Randomness | None = None,
    observation: Observation | None = None,
) -> Ground:
    """Read the rules and open the database; refuses to start on a broken document.

    Raises `policies.documents.BrokenDocument`, `foundation.i18n.CatalogueError`.
    """
    present = clock or SystemClock()
    parameters = load_parameters()
    return Ground(
        settings=settings,
        parameters=parameters,
        access=AccessPolicy.load(),
        review=ReviewPolicy.load(officer_years=parameters.review.annual_wages_officer_for_all),
        catalogues=Catalogues.load(ROOMS),
        clock=present,
        randomness=randomness or SystemRandomness(),
        database=Database(settings.resolved_database_url),
        audit=AuditLog(present),
        zone=ZoneInfo(settings.timezone),
        observation=observation or Observation(),
    )
