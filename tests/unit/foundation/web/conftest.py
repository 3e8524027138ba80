"""A small application inside all layers, with pages in both languages."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

import pytest
from fastapi import Body, FastAPI, Form, UploadFile
from fastapi.testclient import TestClient
from starlette.requests import Request
from starlette.responses import Response

from foundation.errors import Conflict, Denied, FieldError, Invalid, NotFound, Throttled
from foundation.i18n import Catalogues
from foundation.web.middleware.stack import WebStack
from foundation.web.pages import Pages
from foundation.web.problems import Problems, install_problem_handlers
from foundation.web.requests import actor_of
from foundation.web.static_files import StaticFiles
from foundation.web.templates import template_environment
from tests.support.clock import FakeClock
from tests.support.randomness import FakeRandomness

SESSION_COOKIE = "__Host-certgate-session"
ORIGIN = "https://localhost:9443"


@pytest.fixture
def static() -> StaticFiles:
    return StaticFiles()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def pages(static: StaticFiles, clock: FakeClock) -> Pages:
    environment = template_environment(
        ["foundation"], zone=ZoneInfo("Asia/Shanghai"), static=static
    )
    return Pages(environment, Catalogues.load(["foundation"], strict=True), clock)


@pytest.fixture
def problems(pages: Pages) -> Problems:
    return Problems(pages, redirects={"login-required": "/login"})


@pytest.fixture
def app(problems: Problems, pages: Pages, static: StaticFiles) -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None)
    install_problem_handlers(app, problems)
    app.router.routes.extend(static.routes())
    _add_failing_routes(app)

    @app.get("/form")
    def form(request: Request) -> Response:
        token = pages._common(request)["form_token"]
        return Response(str(token))

    @app.post("/form")
    @app.post("/api/form")
    def posted(request: Request, name: Annotated[str, Form(max_length=20)]) -> dict[str, str]:
        return {"name": name, "actor": actor_of(request).name}

    @app.post("/upload")
    async def upload(file: UploadFile) -> dict[str, int]:
        return {"size": len(await file.read())}

    @app.post("/api/json")
    def json(amount: Annotated[int, Body(embed=True)]) -> dict[str, int]:
        return {"amount": amount}

    return app


def _add_failing_routes(app: FastAPI) -> None:
    failures: dict[str, Callable[[], Exception]] = {
        "invalid": lambda: Invalid(
            "input-invalid", fields=[FieldError("name", "field-required", {})]
        ),
        "missing": lambda: NotFound("not-found"),
        "conflict": lambda: Conflict("unavailable"),
        "denied": lambda: Denied("not-allowed"),
        "login": lambda: Denied("login-required"),
        "throttled": lambda: Throttled("unavailable", retry_after=timedelta(seconds=61)),
        "broken": lambda: RuntimeError("the password is hunter2"),
    }

    @app.get("/fail/{kind}")
    @app.get("/api/fail/{kind}")
    def fail(kind: str) -> None:
        raise failures[kind]()


@pytest.fixture
def client(app: FastAPI, problems: Problems, clock: FakeClock) -> Iterator[TestClient]:
    stack = WebStack(
        refuse=problems.answer,
        clock=clock,
        randomness=FakeRandomness(),
        session_cookie=SESSION_COOKIE,
        body_limit=2048,
        larger_bodies={"/upload": 10_000},
        strict_transport=True,
    )
    with TestClient(stack.around(app), base_url=ORIGIN) as client:
        yield client
