"""Who decides a filing: the automatic reviewer, or an officer (TASK-22, TASK-23, AMB-09)."""

from collections.abc import Collection
from pathlib import Path
from typing import Literal

from policies.cedar import CedarDocument, Entity
from policies.documents import POLICY_FOLDER
from policies.principal import UnitClass

REVIEW_DOCUMENT = "review.cedar"

Route = Literal["automatic", "officer"]


class ReviewPolicy:
    """Routes by ``review.cedar``; whatever it cannot decide goes to an officer."""

    def __init__(self, document: CedarDocument, officer_years: Collection[int]) -> None:
        self._document = document
        self._officer_years = frozenset(officer_years)

    @classmethod
    def load(
        cls, folder: Path = POLICY_FOLDER, *, officer_years: Collection[int] = ()
    ) -> "ReviewPolicy":
        """Read the policy; `officer_years` are ``review.annual_wages_officer_for_all``.

        Raises `policies.documents.BrokenDocument` if the document cannot be used.
        """
        return cls(CedarDocument.load(folder, REVIEW_DOCUMENT), officer_years)

    def route(self, module: str, unit_class: UnitClass | None, year: int) -> Route:
        """Return who decides a filing, asked once, when it is submitted (AMB-21).

        `unit_class` is None for a filing that no unit made. `year` is the year
        of the filing and matters for annual wages only.
        """
        attributes = {"username": "filer", "standing": "active"}
        if unit_class is not None:
            attributes["unit_class"] = unit_class
        unit = Entity("UnitUser", "filer", attributes)
        automatic = self._document.permits(
            unit,
            "approve_automatically",
            Entity("Module", module),
            {"officer_for_all": year in self._officer_years},
            known=(unit,),
        )
        return "automatic" if automatic else "officer"
