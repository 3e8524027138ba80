"""``parameters.toml``: every number of the rules, bounded and checked once at start."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError, field_validator, model_validator

from foundation.errors import Unavailable
from policies.approvals import ApprovalParameters
from policies.certificates import CertificateParameters
from policies.contribution import ContributionParameters, effective_on
from policies.credentials import (
    Argon2Parameters,
    PasswordParameters,
    SessionParameters,
    SlipParameters,
    ThrottlingParameters,
)
from policies.documents import POLICY_FOLDER, BrokenDocument, read_document
from policies.edge import EdgeParameters
from policies.parameter_model import ParameterModel

PARAMETERS_DOCUMENT = "parameters.toml"

DayOfMonth = Annotated[int, Field(ge=1, le=28)]


class CalendarParameters(ParameterModel):
    """Days and months of the business calendar (CALC-12, AMB-07, AMB-08)."""

    papers_due_day: DayOfMonth
    registration_first_day: DayOfMonth
    registration_last_day: DayOfMonth
    founding_days: Annotated[int, Field(ge=1, le=366)]
    hiring_days: Annotated[int, Field(ge=1, le=366)]
    # Counts the current month (BIZ-ADD-14).
    back_pay_months: Annotated[int, Field(ge=1, le=24)]

    @model_validator(mode="after")
    def _window_is_open(self) -> "CalendarParameters":
        if self.registration_first_day > self.registration_last_day:
            raise ValueError("registration_first_day must not come after registration_last_day")
        return self


class AgeParameters(ParameterModel):
    """Completed years on submission day for a first enrolment (BIZ-ADD-15, AMB-17)."""

    minimum: Annotated[int, Field(ge=16, le=60)]
    women_below: Annotated[int, Field(ge=17, le=100)]
    men_below: Annotated[int, Field(ge=17, le=100)]

    @model_validator(mode="after")
    def _window_is_open(self) -> "AgeParameters":
        if self.minimum >= min(self.women_below, self.men_below):
            raise ValueError("minimum must lie below women_below and men_below")
        return self


class ReviewParameters(ParameterModel):
    """Yearly exceptions to the routing in ``review.cedar`` (AMB-09)."""

    annual_wages_officer_for_all: frozenset[Annotated[int, Field(ge=2000, le=2999)]] = Field(
        strict=False
    )


class SignerParameters(ParameterModel):
    """How much a signer process signs at most (`ca.signer.rate_limit`)."""

    keys_per_day: Annotated[int, Field(ge=1, le=1_000)]
    certificates_per_minute: Annotated[int, Field(ge=1, le=100_000)]
    crls_per_minute: Annotated[int, Field(ge=1, le=100_000)]
    ocsp_per_second: Annotated[int, Field(ge=1, le=100_000)]


class Parameters(ParameterModel):
    """All of ``parameters.toml``."""

    passwords: PasswordParameters
    argon2: Argon2Parameters
    throttling: ThrottlingParameters
    slips: SlipParameters
    sessions: SessionParameters
    certificates: CertificateParameters
    signer: SignerParameters
    edge: EdgeParameters
    approvals: ApprovalParameters
    calendar: CalendarParameters
    ages: AgeParameters
    review: ReviewParameters
    contribution: tuple[ContributionParameters, ...] = Field(min_length=1, strict=False)

    @field_validator("contribution")
    @classmethod
    def _ascends(
        cls, history: tuple[ContributionParameters, ...]
    ) -> tuple[ContributionParameters, ...]:
        days = [parameters.effective_from for parameters in history]
        if days != sorted(set(days)):
            raise ValueError("sets must be in order of effective_from, one for each day")
        return history

    def contribution_on(self, day: date) -> ContributionParameters:
        """Return the contribution parameters in force on `day`.

        Raises `Unavailable` ("contribution-undated") for a day before the first set.
        """
        try:
            return effective_on(day, self.contribution)
        except LookupError as error:
            raise Unavailable("contribution-undated", day=day.isoformat()) from error


def load_parameters(folder: Path = POLICY_FOLDER) -> Parameters:
    """Read ``parameters.toml``; raises `BrokenDocument` if it is missing or out of bounds."""
    text = read_document(folder, PARAMETERS_DOCUMENT)
    try:
        # Rates and amounts are exact: a binary 0.007 is not 0.7 %.
        values = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BrokenDocument(PARAMETERS_DOCUMENT, str(error)) from error
    try:
        return Parameters.model_validate(values)
    except ValidationError as error:
        raise BrokenDocument(PARAMETERS_DOCUMENT, str(error)) from error
