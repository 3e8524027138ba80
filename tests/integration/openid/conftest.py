"""Storage of the provider, on both databases."""

import pytest

from foundation.audit import AuditLog
from foundation.database import Database
from foundation.randomness import SystemRandomness
from gateway.openid.grants import Grants
from gateway.openid.registration import RelyingParties
from gateway.sessions import SessionLimits, Sessions
from policies.parameters import load_parameters
from tests.support.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def grants(clock: FakeClock) -> Grants:
    return Grants(clock, SystemRandomness(), AuditLog(clock))


@pytest.fixture
def parties(clock: FakeClock) -> RelyingParties:
    return RelyingParties(AuditLog(clock), clock)


@pytest.fixture
def sessions(clock: FakeClock, database: Database) -> Sessions:
    rules = load_parameters().sessions
    return Sessions(clock, SystemRandomness(), SessionLimits(rules.idle, rules.absolute))
