"""Parameters of contributions, dated as the law is dated (CALC-01 to CALC-08)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from policies.parameter_model import ParameterModel

Rate = Annotated[Decimal, Field(ge=0, le=Decimal("0.5"), decimal_places=4)]
Money = Annotated[Decimal, Field(gt=0, le=Decimal(1_000_000), decimal_places=2)]


class SharedRate(ParameterModel):
    """A rate of the contribution base, split between unit and employee."""

    unit: Rate
    employee: Rate

    @property
    def total(self) -> Decimal:
        """What both pay together."""
        return self.unit + self.employee


class RateRange(ParameterModel):
    """A rate that the agency fixes for each unit, within these bounds (CALC-03)."""

    lowest: Rate
    highest: Rate

    @model_validator(mode="after")
    def _is_a_range(self) -> "RateRange":
        if self.lowest > self.highest:
            raise ValueError("lowest must not exceed highest")
        return self


class Amount(ParameterModel):
    """An amount in yuan; a placeholder stands in for one that the sources do not give (AMB-15)."""

    amount: Money
    placeholder: bool


class ContributionParameters(ParameterModel):
    """What holds from `effective_from` until the next set begins.

    `floor` and `cap` bound the monthly contribution base; `large_medical` is a
    fixed monthly amount for each employee.
    """

    effective_from: date
    floor: Amount
    cap: Amount
    large_medical: Amount
    pension: SharedRate
    medical: SharedRate
    unemployment: SharedRate
    maternity: SharedRate
    work_injury: RateRange

    @model_validator(mode="after")
    def _floor_lies_below_cap(self) -> "ContributionParameters":
        if self.floor.amount >= self.cap.amount:
            raise ValueError("floor must lie below cap")
        return self

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names of the amounts that still await their true value."""
        amounts = {"floor": self.floor, "cap": self.cap, "large_medical": self.large_medical}
        return tuple(name for name, amount in amounts.items() if amount.placeholder)

    def clamp(self, wage: Decimal) -> Decimal:
        """Return the contribution base for a declared wage (CALC-08, BIZ-WAGE-05)."""
        return min(max(wage, self.floor.amount), self.cap.amount)


def effective_on(day: date, history: Sequence[ContributionParameters]) -> ContributionParameters:
    """Return the set in force on `day`, from a history in ascending order.

    Raises LookupError when the history begins later.
    """
    for parameters in reversed(history):
        if parameters.effective_from <= day:
            return parameters
    raise LookupError(f"no contribution parameters are dated {day} or earlier")
