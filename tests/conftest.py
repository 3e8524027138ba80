"""What every test shares: strictness, databases, and who runs beside whom."""

import pytest
from hypothesis import settings

# No assertion about time: a busy machine is no fault of the code.
settings.register_profile("certgate", deadline=None)
settings.load_profile("certgate")

pytest_plugins = [
    "tests.support.strictness",
    "tests.support.databases",
    "tests.support.chromium",
    "tests.support.bureau",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep browser tests on one worker: they share the machine's browser policy."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))
