"""Parameters of credentials: passwords, their hashing, throttling, slips, sessions."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, model_validator

from policies.durations import Duration
from policies.parameter_model import ParameterModel

LOOK_ALIKES = frozenset("0O1Il")


class PasswordParameters(ParameterModel):
    """Rules for passwords that a subscriber chooses (SP 800-63B-4, section 3.1.1.2)."""

    # 8 is the least that is allowed beside another factor; the certificate is one.
    minimum_length: Annotated[int, Field(ge=8, le=64)]
    # Passphrases of 64 characters must be possible; the upper end bounds the work.
    maximum_length: Annotated[int, Field(ge=64, le=1024)]
    context_words: tuple[Annotated[str, Field(min_length=2)], ...] = Field(strict=False)


class Argon2Parameters(ParameterModel):
    """Cost of Argon2id (RFC 9106); `memory_cost` is in KiB."""

    time_cost: Annotated[int, Field(ge=2, le=10)]
    memory_cost: Annotated[int, Field(ge=19_456, le=1_048_576)]
    parallelism: Annotated[int, Field(ge=1, le=16)]


class ThrottleParameters(ParameterModel):
    """How failures against one account, serial number or address slow down and lock."""

    free_attempts: Annotated[int, Field(ge=1, le=100)]
    first_backoff: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(minutes=5))]
    longest_backoff: Annotated[Duration, Field(ge=timedelta(seconds=1), le=timedelta(hours=1))]
    # SP 800-63B-4, section 3.2.2: no more than 100 failures in a row.
    lock_after: Annotated[int, Field(ge=3, le=100)]
    lock_duration: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(days=1))]

    @model_validator(mode="after")
    def _slows_before_it_locks(self) -> "ThrottleParameters":
        if self.free_attempts >= self.lock_after:
            raise ValueError("free_attempts must be fewer than lock_after")
        if self.first_backoff > self.longest_backoff:
            raise ValueError("first_backoff must not exceed longest_backoff")
        return self

    def backoff_after(self, failures: int) -> timedelta:
        """Return how long to wait after so many failures in a row: doubling, then locked."""
        if failures >= self.lock_after:
            return self.lock_duration
        if failures < self.free_attempts:
            return timedelta(0)
        # 2**32 seconds are more than any bound above, so larger powers need not be built.
        doublings = min(failures - self.free_attempts, 32)
        return min(self.first_backoff * (1 << doublings), self.longest_backoff)


class ThrottlingParameters(ParameterModel):
    """One set of limits for each thing that failures are counted against."""

    account: ThrottleParameters
    serial: ThrottleParameters
    address: ThrottleParameters


class PrintedSecretParameters(ParameterModel):
    """A random secret that is printed in groups and typed in by hand."""

    groups: Annotated[int, Field(ge=2, le=16)]
    group_length: Annotated[int, Field(ge=3, le=8)]

    @property
    def length(self) -> int:
        """The number of random characters, separators not counted."""
        return self.groups * self.group_length


class SlipParameters(ParameterModel):
    """The printed slip: how long it is good for, and how strong its secrets are."""

    validity: Annotated[Duration, Field(ge=timedelta(days=1), le=timedelta(days=90))]
    alphabet: Annotated[str, Field(min_length=16, max_length=64, pattern=r"^[2-9A-Za-z]+$")]
    initial_password: PrintedSecretParameters
    download_password: PrintedSecretParameters

    @model_validator(mode="after")
    def _is_strong_and_legible(self) -> "SlipParameters":
        symbols = len(self.alphabet)
        if len(set(self.alphabet.casefold())) != symbols:
            raise ValueError("the alphabet repeats a character")
        if LOOK_ALIKES & set(self.alphabet):
            raise ValueError("the alphabet has characters that look alike")
        # The download password also seals the key file, which may be attacked offline.
        if symbols**self.download_password.length < 2**80:
            raise ValueError("the download password has fewer than 80 random bits")
        if symbols**self.initial_password.length < 2**50:
            raise ValueError("the initial password has fewer than 50 random bits")
        return self


class SessionParameters(ParameterModel):
    """How long a login lasts (SP 800-63B-4, section 2.2.3: at most 24 h, idle at most 1 h)."""

    idle: Annotated[Duration, Field(ge=timedelta(minutes=1), le=timedelta(hours=1))]
    absolute: Annotated[Duration, Field(ge=timedelta(minutes=5), le=timedelta(hours=24))]

    @model_validator(mode="after")
    def _idles_within_its_life(self) -> "SessionParameters":
        if self.idle > self.absolute:
            raise ValueError("idle must not exceed absolute")
        return self
