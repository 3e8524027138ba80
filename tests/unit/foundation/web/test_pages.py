"""Pages: the frame around every screen, and every part that screens are made of."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, UndefinedError
from starlette.requests import Request

from foundation.errors import FieldError
from foundation.i18n import Catalogues
from foundation.web.pages import NavigationItem, Pages
from foundation.web.static_files import StaticFiles
from foundation.web.templates import template_environment
from tests.support.clock import FakeClock

TEMPLATES = Path(__file__).parent / "templates"
MORNING = datetime(2027, 3, 21, 1, 5, tzinfo=UTC)
ROWS = [
    ("202703210001", "增员（续保）", "审核中", "info", 6500),
    ("202703210002", "暂停缴费", "回退", "bad", 7200),
]
ERRORS = [
    FieldError("id_number", "field-invalid"),
    FieldError("insurance", "field-required"),
    FieldError("confirm_name", "field-required"),
]


@dataclass(frozen=True)
class SamplePrincipal:
    username: str = "wh000123"
    display_name: str = "武汉<江城>科技"


@pytest.fixture
def environment(static: StaticFiles) -> Environment:
    environment = template_environment(
        ["foundation"], zone=ZoneInfo("Asia/Shanghai"), static=static
    )
    assert environment.loader
    environment.loader = ChoiceLoader([environment.loader, FileSystemLoader(TEMPLATES)])
    return environment


def make_pages(environment: Environment, **options: object) -> Pages:
    catalogues = Catalogues.load(["foundation"], strict=True)
    return Pages(environment, catalogues, FakeClock(MORNING), **options)  # type: ignore[arg-type]


def make_request(**state: object) -> Request:
    return Request(
        {
            "type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [],
            "server": ("localhost", 9443), "scheme": "https", "state": state,
        }
    )  # fmt: skip


def render_components(environment: Environment, **state: object) -> str:
    answer = make_pages(environment).render(
        make_request(**state), "every_component.html", errors=ERRORS, rows=ROWS, width="wide"
    )
    return bytes(answer.body).decode()


def test_every_component_can_be_rendered_in_both_languages(environment: Environment) -> None:
    assert "必填" in render_components(environment)
    assert "required" in render_components(environment, language="en")


def test_an_error_summary_leads_to_each_field(environment: Environment) -> None:
    html = render_components(environment)
    summary = html[html.index("error-summary") : html.index("资料已保存")]
    targets = re.findall(r'href="#(\w+)"', summary)
    assert targets == ["id_number", "insurance", "confirm_name"]
    for target in targets:
        assert len(re.findall(rf'id="{target}"', html)) == 1


def test_ids_are_unique_and_every_reference_has_its_target(environment: Environment) -> None:
    html = render_components(environment)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    referred = re.findall(r'\b(?:for|aria-describedby|aria-labelledby)="([^"]+)"', html)
    assert {name for names in referred for name in names.split()} <= set(ids)


def test_every_control_has_a_label_or_a_legend(environment: Environment) -> None:
    html = render_components(environment)
    labelled = set(re.findall(r'<label for="([^"]+)"', html))
    controls = re.findall(r"<(?:input|select|textarea)\b[^>]*>", html)
    for control in controls:
        if 'type="hidden"' not in control:
            name = re.search(r'\bid="([^"]+)"', control)
            assert name, control
            assert name[1] in labelled, control


def test_mandatory_is_said_in_words(environment: Environment) -> None:
    """TASK-04; WCAG 2.2, 1.4.1: colour is not the only sign."""
    label = re.search(r'<label for="name">(.*?)</label>', render_components(environment))
    assert label
    assert "必填" in label[1]


def test_a_password_is_never_sent_back(environment: Environment) -> None:
    field = re.search(r'<input[^>]+type="password"[^>]*>', render_components(environment))
    assert field
    assert "value=" not in field[0]


def test_the_frame_names_the_service_and_leads_home(environment: Environment) -> None:
    """AMB-24, LOGIN-08."""
    html = render_components(environment)
    assert "武汉市社会保险公共服务平台(单位)" in html
    assert re.search(r'<a class="home" href="/">首页</a>', html)
    assert 'href="#content"' in html


def test_a_principal_is_named_escaped_and_may_log_out(environment: Environment) -> None:
    html = render_components(environment, principal=SamplePrincipal())
    assert "武汉&lt;江城&gt;科技" in html
    assert 'action="/logout"' in html
    assert 'action="/logout"' not in render_components(environment)


def test_navigation_is_what_the_gateway_gives(environment: Environment) -> None:
    pages = make_pages(
        environment, navigation=lambda _: [NavigationItem("site.home", "/tasks", active=True)]
    )
    html = bytes(pages.render(make_request(), "layout.html").body).decode()
    assert '<a href="/tasks" aria-current="page">首页</a>' in html


def test_times_are_told_in_shanghai(environment: Environment) -> None:
    assert "2027-03-21 09:05" in render_components(environment)


def test_a_name_that_was_not_given_is_an_error(environment: Environment) -> None:
    with pytest.raises(UndefinedError):
        make_pages(environment).render(make_request(), "every_component.html")


def test_htmx_is_kept_from_what_the_policy_forbids(environment: Environment) -> None:
    html = render_components(environment)
    assert '"includeIndicatorStyles":false' in html
    assert '"allowEval":false' in html
    assert '"historyCacheSize":0' in html
