"""Who is insured: units, people and the periods in which somebody pays for them."""

from workflow_core.registry.coverages import Coverages
from workflow_core.registry.models import Coverage, InsuredUnit, Person
from workflow_core.registry.people import People, PersonFacts
from workflow_core.registry.standing import InsuranceStatus, Registry
from workflow_core.registry.units import UnitFacts, Units

__all__ = [
    "Coverage",
    "Coverages",
    "InsuranceStatus",
    "InsuredUnit",
    "People",
    "Person",
    "PersonFacts",
    "Registry",
    "UnitFacts",
    "Units",
]
