"""Fixtures of the doors; whoever opens one also shows that nothing went wrong unseen."""

import logging
from collections.abc import Iterator

import pytest

from tests.integration.gateway.listeners.doors import (
    Echo,
    OpenDoor,
    open_door,
    portal_tls,
    public_tls,
)


@pytest.fixture
def echo() -> Iterator[Echo]:
    echo = Echo()
    yield echo
    echo.released.set()


@pytest.fixture
def portal(echo: Echo, nothing_logged: None) -> Iterator[OpenDoor]:
    """The door that asks for a client certificate."""
    with open_door(echo, portal_tls()) as door:
        yield door


@pytest.fixture
def public(echo: Echo, nothing_logged: None) -> Iterator[OpenDoor]:
    """The TLS door that asks for none."""
    with open_door(echo, public_tls()) as door:
        yield door


@pytest.fixture
def plain(echo: Echo, nothing_logged: None) -> Iterator[OpenDoor]:
    """The door without TLS."""
    with open_door(echo, None) as door:
        yield door


@pytest.fixture(params=["plain", "public", "portal"])
def any_door(request: pytest.FixtureRequest) -> OpenDoor:
    """Each door in turn."""
    door: OpenDoor = request.getfixturevalue(request.param)
    return door


@pytest.fixture(params=["public", "portal"])
def tls_door(request: pytest.FixtureRequest) -> OpenDoor:
    """Each TLS door in turn."""
    door: OpenDoor = request.getfixturevalue(request.param)
    return door


@pytest.fixture
def nothing_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail the test when anything was logged as an error, by asyncio or the HTTP server."""
    with caplog.at_level(logging.WARNING):
        yield
        errors = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert [record.getMessage() for record in errors] == []
