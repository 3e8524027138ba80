"""JSON answers that are made where their content was found."""

from pydantic import BaseModel
from starlette.responses import Response


def answer_with(document: BaseModel) -> Response:
    """Return `document` as a JSON answer.

    A route that returns the document itself has it checked and written in
    another thread, which costs a way there and back. The route names its class
    as `response_model`, for the description of the interface.
    """
    content = document.model_dump_json(by_alias=True)
    return Response(content, media_type="application/json")
