"""Issuing CAs that follow one another under one root."""

from ca.rollover.ending import IssuingCaEnding
from ca.rollover.errors import AuthorityNotRetired, RolloverConflict, RolloverRefused
from ca.rollover.rollover import Rollover
from ca.rollover.summary import AuthoritySummary, summarise_authorities

__all__ = [
    "AuthorityNotRetired",
    "AuthoritySummary",
    "IssuingCaEnding",
    "Rollover",
    "RolloverConflict",
    "RolloverRefused",
    "summarise_authorities",
]
