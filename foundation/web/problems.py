"""Answers to failed requests: problem documents for programs, pages for people."""

from collections.abc import Callable, Collection, Mapping

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from foundation.database.failures import find_unavailability
from foundation.errors import Failure
from foundation.i18n import Translator
from foundation.web.allowed_methods import allowed_methods
from foundation.web.pages import Pages
from foundation.web.problem import MEDIA_TYPE, Problem, problem_of
from foundation.web.requests import request_id_of, wants_json
from foundation.web.statuses import UNEXPECTED
from foundation.web.translation import failure_of_http, failure_of_validation

Answer = Callable[[Request, Failure, Translator], Response | None]

_log = structlog.get_logger(__name__)


class Unexpected(Failure):
    """Whatever went wrong inside; shows nothing but the request's identifier."""

    def __init__(self) -> None:
        super().__init__(UNEXPECTED)


class Problems:
    """Turns failures into answers.

    `redirects` sends people (not programs) who meet a code to a page instead:
    ``{"login-required": "/login"}``.
    """

    def __init__(
        self,
        pages: Pages,
        *,
        redirects: Mapping[str, str] | None = None,
        on_failure: Callable[[Request, Failure], None] = lambda request, failure: None,
        otherwise: Answer = lambda request, failure, t: None,
    ) -> None:
        """`on_failure` hears of every failure before it is answered; it never raises.

        `otherwise` answers in a form that some protocol prescribes, or returns None.
        """
        self._pages = pages
        self._otherwise = otherwise
        self._redirects = dict(redirects or {})
        self._on_failure = on_failure

    def answer(self, request: Request, error: Exception) -> Response:
        """Return the answer to `request` that met `error`; never raises."""
        failure = _as_failure(error)
        self._on_failure(request, failure)
        try:
            return self._answer(request, failure, error)
        except Exception:
            _log.exception("problem-page-failed", code=failure.code)
            return PlainTextResponse(f"500 {request_id_of(request) or ''}", 500)

    def _answer(self, request: Request, failure: Failure, error: Exception) -> Response:
        t = self._pages.translator(request)
        prescribed = self._otherwise(request, failure, t)
        headers = error.headers or {} if isinstance(error, HTTPException) else {}
        if prescribed is not None:
            # Allow of a 405, which has to be there (RFC 9110 section 15.5.6).
            prescribed.headers.update(headers)
            return prescribed
        problem = problem_of(failure, t, request_id_of(request))
        problem.headers.update(headers)
        if wants_json(request):
            return JSONResponse(
                problem.document(t), problem.status, problem.headers, media_type=MEDIA_TYPE
            )
        if problem.code in self._redirects:
            return self._elsewhere(request, problem)
        return self._pages.render(
            request, "error.html", problem.status, headers=problem.headers, problem=problem
        )

    def _elsewhere(self, request: Request, problem: Problem) -> Response:
        target = self._redirects[problem.code]
        if "hx-request" in request.headers:  # a 303 would be swapped into the page
            return Response(status_code=problem.status, headers={"hx-redirect": target})
        return RedirectResponse(target, 303)


def install_problem_handlers(
    app: FastAPI, problems: Problems, *, without_head: Collection[str] = ()
) -> None:
    """Let `problems` answer every failure of `app`.

    `without_head` are the paths where HEAD is refused
    (`foundation.web.middleware.head_requests`).
    """

    def handle(request: Request, error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.status_code == 405:
            has_head = request.scope["path"] not in without_head
            allowed = allowed_methods(app.routes, request.scope, has_head=has_head)
            error = HTTPException(405, headers={"allow": allowed})
        return problems.answer(request, error)

    for kind in (Failure, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, handle)


def _as_failure(error: Exception) -> Failure:
    if isinstance(error, Failure):
        return error
    if isinstance(error, RequestValidationError):
        return failure_of_validation(error)
    if isinstance(error, HTTPException):
        return failure_of_http(error)
    return find_unavailability(error) or Unexpected()
