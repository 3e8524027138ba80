"""Parameters of certificates: how long each kind is valid, and how fresh CRLs are."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from policies.durations import Duration
from policies.parameter_model import ParameterModel

_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)


class CertificateParameters(ParameterModel):
    """Lifetimes from not_before to not_after, and of CRLs from this_update to next_update."""

    root: Annotated[Duration, Field(ge=2 * _YEAR, le=40 * _YEAR)]
    issuing: Annotated[Duration, Field(ge=_YEAR, le=20 * _YEAR)]
    unit: Annotated[Duration, Field(ge=_DAY, le=5 * _YEAR)]
    person: Annotated[Duration, Field(ge=_DAY, le=5 * _YEAR)]
    officer: Annotated[Duration, Field(ge=_DAY, le=2 * _YEAR)]
    # Browsers refuse server certificates of more than 398 days.
    server: Annotated[Duration, Field(ge=_DAY, le=398 * _DAY)]
    # Carries id-pkix-ocsp-nocheck, so its life is the only limit (RFC 6960, section 4.2.2.2.1).
    ocsp: Annotated[Duration, Field(ge=_DAY, le=90 * _DAY)]
    edge: Annotated[Duration, Field(ge=_DAY, le=2 * _YEAR)]
    crl_validity: Annotated[Duration, Field(ge=timedelta(hours=1), le=31 * _DAY)]
    # From this_update to next_update of an OCSP answer: how long a client may go
    # on believing one that a revocation has overtaken.
    ocsp_validity: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(days=1))]
    crl_publication_interval: Annotated[Duration, Field(ge=timedelta(minutes=1), le=7 * _DAY)]
    # How long before its end a subscriber's certificate may be renewed, and how
    # long the new one waits for its first login.
    renewal_window: Annotated[Duration, Field(ge=_DAY, le=180 * _DAY)]
    renewal_unused: Annotated[Duration, Field(ge=_DAY, le=90 * _DAY)]
    # A letter goes out when this many days are left, or fewer.
    notice_days: tuple[Annotated[int, Field(ge=1, le=180)], ...] = Field(
        max_length=10, strict=False
    )
    crl_shards: Annotated[int, Field(ge=1, le=1024)]
    full_crl_in_act: Annotated[int, Field(ge=0, le=100_000)]
    crl_alarm: Annotated[Duration, Field(ge=timedelta(minutes=1), le=31 * _DAY)]
    # Zero: without a current CRL nobody is let in.
    stale_crl_grace: Annotated[Duration, Field(ge=timedelta(0), le=2 * _DAY)]

    @model_validator(mode="after")
    def _nests(self) -> "CertificateParameters":
        if self.issuing >= self.root:
            raise ValueError("issuing must live shorter than root")
        longest_leaf = max(self.unit, self.person, self.officer, self.server, self.ocsp, self.edge)
        if longest_leaf >= self.issuing:
            raise ValueError("every certificate must live shorter than issuing")
        if self.renewal_window >= min(self.unit, self.person, self.officer):
            raise ValueError("renewal_window must be shorter than subscribers' certificates live")
        if list(self.notice_days) != sorted(set(self.notice_days), reverse=True):
            raise ValueError("notice_days must descend, each day once")
        # One missed publication must not leave clients without a fresh CRL.
        if 2 * self.crl_publication_interval > self.crl_validity:
            raise ValueError("crl_publication_interval must be at most half of crl_validity")
        # One that is refreshed in time never has less left than this.
        if self.crl_alarm > self.crl_validity - self.crl_publication_interval:
            raise ValueError("crl_alarm must fit between crl_publication_interval and crl_validity")
        return self
