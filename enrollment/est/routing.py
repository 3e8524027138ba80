"""Routes whose failures are told as EST wants them, and not as problem documents."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from enrollment.est.answers import failure_answer
from foundation.errors import Failure
from foundation.web.pages import Pages

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def est_route(pages: Pages) -> type[APIRoute]:
    """Return the class of routes that answer in the languages of `pages`."""

    class EstRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            handle = super().get_route_handler()

            async def handle_with_text(request: Request) -> Response:
                try:
                    return await handle(request)
                except Failure as failure:
                    return failure_answer(failure, pages.translator(request))

            return handle_with_text

    return EstRoute
