"""How a refusal is told: to a person or a program, in the language asked for."""

import base64
import hashlib
import re

import pytest

from tests.integration.edge.conftest import Scene
from tests.support.edge_client import Answered

HTML, JSON = "text/html; charset=utf-8", "application/problem+json"
FORMS = [
    ("/tasks", {}, HTML),
    ("/tasks", {"Accept": "text/html,application/json"}, HTML),
    ("/tasks", {"Accept": "application/json"}, JSON),
    ("/api/v1/tasks", {"Accept": "text/html"}, JSON),
    ("/.well-known/openid-configuration", {}, JSON),
]
LANGUAGES = [
    ("/", {}, "zh"),
    ("/", {"Accept-Language": "en-GB,en;q=0.9,zh;q=0.5"}, "en"),
    ("/", {"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}, "zh"),
    ("/", {"Accept-Language": "fr"}, "zh"),
    ("/", {"Accept-Language": "zh-CN", "Cookie": "certgate_lang=en"}, "en"),
    ("/?lang=zh", {"Cookie": "certgate_lang=en"}, "zh"),
    ("/?lang=en", {}, "en"),
    ("/?lang=fr", {}, "zh"),
]


def refused(scene: Scene, path: str, headers: dict[str, str]) -> Answered:
    return scene.client(bare=True).ask(path, headers=headers)


@pytest.mark.parametrize(("path", "headers", "form"), FORMS)
def test_people_get_a_page_and_programs_a_problem(
    scene: Scene, path: str, headers: dict[str, str], form: str
) -> None:
    answer = refused(scene, path, headers)

    assert (answer.status, answer.headers["content-type"]) == (403, form)
    if form == JSON:
        assert answer.document["type"] == "/problems/certificate-required"
        assert answer.document["status"] == 403
        assert answer.document["request_id"] == answer.request_id


@pytest.mark.parametrize(("path", "headers", "language"), LANGUAGES)
def test_in_the_language_asked_for(
    scene: Scene, path: str, headers: dict[str, str], language: str
) -> None:
    answer = refused(scene, path, headers)

    assert answer.headers["content-language"] == language
    title = {"zh": "请先安装数字证书", "en": "Install your digital certificate first"}[language]
    assert f"<h1>{title}</h1>" in answer.body.decode()
    assert answer.request_id in answer.body.decode()


def test_a_page_may_do_nothing_but_show_its_own_style(scene: Scene) -> None:
    answer = refused(scene, "/", {})

    policy = answer.headers["content-security-policy"]
    [style] = re.findall(r"<style>(.*?)</style>", answer.body.decode(), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_language_of_the_request_line_is_never_echoed(scene: Scene) -> None:
    answer = refused(scene, "/?lang=<script>", {"Accept-Language": "<script>"})

    assert b"<script" not in answer.body


def test_the_log_has_no_query_no_cookie_and_no_token(scene: Scene) -> None:
    cookies = scene.tokens.cookies()

    assert scene.client().ask("/apps/statements/x?secret=s3cr3t", cookies=cookies).status == 200

    line = scene.edge.logged_where(lambda line: line["application"] == "statements")
    assert line["path"] == "/apps/statements/x"
    assert (line["unit"], line["kind"], line["session"]) == ("wh000123", "unit", "42")
    assert line["decision"] == line["token"] == "-"
    told = "".join(scene.edge.lines)
    assert "s3cr3t" not in told
    assert cookies["__Host-certgate-edge"] not in told
    assert cookies["__Host-certgate-assertion"] not in told


def test_a_line_of_the_log_stays_one_whatever_a_client_writes(scene: Scene) -> None:
    scene.client().ask('/quote"%20and%E4%B8%AD', headers={"Host": 'x",'})
    scene.client().ask("/%22%7B")

    assert scene.edge.logged_where(lambda line: line["path"] == "/%22%7B")["status"] == 200


def test_decisions_are_counted(scene: Scene) -> None:
    scene.edge.command("clear table decisions")
    refused(scene, "/", {})
    refused(scene, "/", {})
    scene.client().ask("/tasks")

    shown = scene.edge.command("show table decisions").splitlines()

    counts = {
        cells["key"]: int(cells["http_req_cnt"])
        for cells in (
            dict(cell.split("=") for cell in line.split()[1:]) for line in shown[1:] if line
        )
    }
    assert counts == {"portal/certificate-required": 2, "portal/admitted": 1}
