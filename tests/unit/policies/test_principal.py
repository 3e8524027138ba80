"""The principal of a request is what the gateway put there, and nothing else."""

from types import SimpleNamespace

import pytest
from starlette.requests import Request

from foundation.errors import Denied
from policies.principal import Principal, principal_of


def request_with(**state: object) -> Request:
    request = Request({"type": "http", "headers": []})
    for name, value in state.items():
        setattr(request.state, name, value)
    return request


def test_the_principal_of_the_session_is_returned() -> None:
    principal = Principal("wh000123", "某公司", "unit", unit_class="vip")
    assert principal_of(request_with(principal=principal)) is principal


@pytest.mark.parametrize(
    "state",
    [{}, {"principal": None}, {"principal": SimpleNamespace(username="wh000123")}],
    ids=["absent", "none", "something else"],
)
def test_a_request_without_one_is_refused(state: dict[str, object]) -> None:
    with pytest.raises(Denied) as refusal:
        principal_of(request_with(**state))
    assert refusal.value.code == "login-required"
