"""Which papers the counter must have seen before it enrols a unit (ENR-02 .. ENR-05, AMB-01)."""

from collections.abc import Collection

from foundation.errors import FieldError

ALWAYS = ("commitment_letter", "operator_id")
"""The signed and sealed Commitment Letter, and the operator's ID card with a copy."""

NEW_UNIT = (
    "registration_form",
    "business_licence",
    "organization_code",
    "tax_registration",
    "legal_representative_id",
)
"""The licence set: required only where credentials come with the insurance registration itself."""


def missing_papers(presented: Collection[str], *, new_unit: bool) -> list[FieldError]:
    """Return one error for each paper that is required and was not ticked."""
    required = ALWAYS + (NEW_UNIT if new_unit else ())
    return [
        FieldError("papers", f"paper-missing-{paper.replace('_', '-')}")
        for paper in required
        if paper not in presented
    ]
