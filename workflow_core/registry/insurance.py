"""The six kinds of insurance (BIZ-ADD-12) and their one order."""

from collections.abc import Iterable
from typing import Literal

InsuranceType = Literal[
    "pension", "medical", "large_medical", "work_injury", "unemployment", "maternity"
]

INSURANCE_TYPES: tuple[InsuranceType, ...] = (
    "pension",
    "medical",
    "large_medical",
    "work_injury",
    "unemployment",
    "maternity",
)


def in_order(types: Iterable[str]) -> list[str]:
    """The given types, each once, in the order in which the forms print them."""
    given = set(types)
    return [known for known in INSURANCE_TYPES if known in given]
