"""What every test shares: strictness, databases, and who runs beside whom."""

import os

import pytest
from hypothesis import settings

# No assertion about time: a busy machine is no fault of the code.
settings.register_profile("certgate", deadline=None)
# CI tells whether a change is good, so it draws the same examples every time;
# developers' machines go on looking for new ones.
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "certgate")

pytest_plugins = [
    "tests.support.scratch",
    "tests.support.strictness",
    "tests.support.databases",
    "tests.support.chromium",
    "tests.support.bureau",
    "tests.support.installation",
    "tests.support.worker_groups",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep on one worker what shares something: a browser's policy, a server made for a module."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group("browser"))
        elif item.get_closest_marker("xdist_group") is None and _shares_with_its_module(item):
            item.add_marker(pytest.mark.xdist_group(f"{item.path.parent.name}-{item.path.stem}"))


def _shares_with_its_module(item: pytest.Item) -> bool:
    """Whether a fixture of the test is made once for its module, so once for each worker."""
    if not isinstance(item, pytest.Function):
        return False
    made = item._fixtureinfo.name2fixturedefs.values()
    return any(definitions[-1].scope == "module" for definitions in made)
