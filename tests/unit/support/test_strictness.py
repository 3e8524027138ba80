import pytest

pytest_plugins = ["pytester"]

SKIPPING_TESTS = """
import pytest

def test_runs():
    pass

def test_lacks_something():
    pytest.skip("no such program")

@pytest.mark.xfail(reason="known")
def test_expected_to_fail():
    assert False
"""

SKIPPING_FILE = """
import pytest
pytest.skip("not on this system", allow_module_level=True)
"""


def test_a_skip_is_a_failure_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(SKIPPING_TESTS)

    result = pytester.runpytest("-p", "tests.support.strictness")

    result.assert_outcomes(passed=1, failed=1, xfailed=1)
    result.stdout.fnmatch_lines(["*CI=true, and this did not run: Skipped: no such program*"])


def test_a_file_that_skips_itself_is_an_error_in_ci(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    pytester.makepyfile(SKIPPING_FILE)

    result = pytester.runpytest("-p", "tests.support.strictness")

    result.assert_outcomes(errors=1)


def test_a_skip_is_a_skip_elsewhere(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    pytester.makepyfile(SKIPPING_TESTS)

    result = pytester.runpytest("-p", "tests.support.strictness")

    result.assert_outcomes(passed=1, skipped=1, xfailed=1)
