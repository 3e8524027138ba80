"""What an answer says to a program, and what a page gives to the form on it."""

import re

from httpx import Response


def code_of(answer: Response) -> str:
    """Return the code of the failure that a problem document tells (RFC 9457)."""
    return str(answer.json()["type"]).rsplit("/", 1)[-1]


def form_token_in(page: str) -> str:
    """Return the token that the forms of a page carry."""
    found = re.search(r'name="form_token" value="([^"]+)"', page)
    assert found is not None, "a page without a form"
    return found[1]
