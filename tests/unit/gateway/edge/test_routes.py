"""``routes.toml``: closed by default, and nothing in it can write HAProxy's configuration."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gateway.edge.routes import Application, Routes, RoutesError

GOOD: dict[str, Any] = {
    "name": "statements",
    "path": "/apps/statements",
    "upstream": ["http://127.0.0.1:9100"],
    "kinds": ["unit"],
}
HOSTILE = [
    "x y", "x\nuse_backend nodes", "x\r\nhttp-request allow", "x\t", "x#", 'x"', "x'", "x\\",
    "x{ }", "x$HOME", "x%[src]", "x,", "x(", "x\x00", "x\u2028", "ｘ", " ", "x\n",
]  # fmt: skip
FIELDS: dict[str, dict[str, Any]] = {
    "name": {},
    "host": {"path": None},
    "path": {},
    "ca_file": {"upstream": ["https://127.0.0.1:9100"]},
    "health": {},
    "logout_url": {},
    "client_id": {},
}
LISTS = ("upstream", "roles", "kinds", "unit_classes")
FORMS = {
    "host": "{}.example", "path": "/apps/{}", "ca_file": "/etc/{}", "health": "/{}",
    "logout_url": "https://{}", "upstream": "http://{}:80",
}  # fmt: skip


def application(**changed: Any) -> Application:
    values = GOOD | changed
    return Application.model_validate({k: v for k, v in values.items() if v is not None})


def test_control_the_good_one_is_good() -> None:
    assert application().upstream == ("http://127.0.0.1:9100",)


@pytest.mark.parametrize("hostile", HOSTILE, ids=repr)
@pytest.mark.parametrize("field", FIELDS)
def test_no_value_leaves_its_word(field: str, hostile: str) -> None:
    value = FORMS.get(field, "{}").format(hostile)

    with pytest.raises(ValidationError):
        application(**FIELDS[field], **{field: value})


@pytest.mark.parametrize("hostile", HOSTILE, ids=repr)
@pytest.mark.parametrize("field", LISTS)
def test_no_value_in_a_list_leaves_its_word(field: str, hostile: str) -> None:
    with pytest.raises(ValidationError):
        application(**{field: [FORMS.get(field, "{}").format(hostile)]})


@pytest.mark.parametrize(
    "changed",
    [
        {"kinds": []},  # for nobody in particular
        {"kinds": ["unit"], "everybody": True},
        {"kinds": ["officer"], "unit_classes": ["vip"]},
        {"host": "apps.example"},  # and a path
        {"path": None},
        {"path": None, "host": "apps.example", "strip_path": True},
        {"path": "/"},
        {"path": "/login"},
        {"path": "/apps"},
        {"path": "/apps/"},
        {"path": "/apps/a/../b"},
        {"path": "/apps/a/"},
        {"path": "/Apps/a"},
        {"path": None, "host": "10.0.0.1"},
        {"path": None, "host": "Apps.Example"},
        {"path": None, "host": "*.example"},
        {"upstream": []},
        {"upstream": ["http://127.0.0.1"]},
        {"upstream": ["http://127.0.0.1:0"]},
        {"upstream": ["http://127.0.0.1:65536"]},
        {"upstream": ["http://127.0.0.1:80/path"]},
        {"upstream": ["ftp://127.0.0.1:80"]},
        {"upstream": ["http://a:80", "https://b:443"], "ca_file": "/etc/ca.pem"},
        {"upstream": ["https://a:443"]},  # unverified
        {"ca_file": "/etc/ca.pem"},  # of nobody
        {"logout_url": "http://127.0.0.1:9100/logout"},
        {"largest_body_kilobytes": 0},
        {"role": ["auditor"]},  # misspelt
    ],
)
def test_what_is_unclear_or_open_by_mistake_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        application(**changed)


def test_no_file_is_a_portal_alone(tmp_path: Path) -> None:
    assert Routes.load(tmp_path / "routes.toml").applications == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[application]]\nname = 1", "application.0.name"),
        ("[[application]", "routes.toml"),
        ("[[applications]]", "applications"),
        ("\udcff", "routes.toml"),
    ],
)
def test_an_error_says_where_it_is(tmp_path: Path, text: str, told: str) -> None:
    file = tmp_path / "routes.toml"
    file.write_text(text, encoding="utf-8", errors="surrogateescape")

    with pytest.raises(RoutesError, match=told):
        Routes.load(file)


@pytest.mark.parametrize("what", ["name", "path", "host"])
def test_two_applications_are_not_in_one_place(what: str) -> None:
    first = GOOD if what != "host" else {**GOOD, "host": "a.example"}
    first = {k: v for k, v in first.items() if not (what == "host" and k == "path")}
    other = {**first, "name": "other", **({} if what != "name" else {"path": "/apps/other"})}
    if what == "name":
        other["name"] = first["name"]

    with pytest.raises(ValidationError, match=f"two applications have the {what}"):
        Routes.model_validate({"application": [first, other]})
