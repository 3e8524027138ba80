"""Assets are served from memory; their URL changes with their content."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from foundation.web.static_files import FOLDER, StaticFiles


def test_an_asset_with_its_hash_may_be_kept_for_ever(
    client: TestClient, static: StaticFiles
) -> None:
    answer = client.get(static.url("certgate.css"))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == (FOLDER / "certgate.css").read_bytes()


@pytest.mark.parametrize("query", ["", "?v=0123456789abcdef"])
def test_any_other_url_must_ask_again(client: TestClient, query: str) -> None:
    answer = client.get(f"/static/certgate.css{query}")
    assert answer.headers["cache-control"] == "public, no-cache"
    again = client.get("/static/certgate.css", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_other_content_has_another_url(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("one", encoding="utf-8")
    before = StaticFiles(tmp_path).url("a.css")
    (tmp_path / "a.css").write_text("two", encoding="utf-8")
    assert StaticFiles(tmp_path).url("a.css") != before


@pytest.mark.parametrize(
    "path", ["../pages.py", "..%2fpages.py", "vendor/README.md", "/etc/passwd", "vendor", ""]
)
def test_nothing_else_is_served(client: TestClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404


def test_browsers_find_an_icon(client: TestClient) -> None:
    assert client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"


def test_a_template_that_names_an_absent_asset_fails(static: StaticFiles) -> None:
    with pytest.raises(KeyError):
        static.url("absent.css")
