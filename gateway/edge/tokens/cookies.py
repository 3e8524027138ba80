"""The two cookies that an edge reads; no application gets to see them."""

from starlette.responses import Response

from gateway.edge.tokens.claims import ASSERTION_COOKIE, SESSION_TOKEN_COOKIE
from gateway.edge.tokens.minting import Minted


def put_on(answer: Response, minted: Minted) -> None:
    """Put a pair of tokens into `answer`; Lax, so that links to an application work."""
    for name, value in (
        (SESSION_TOKEN_COOKIE, minted.session_token),
        (ASSERTION_COOKIE, minted.assertion),
    ):
        answer.set_cookie(
            name,
            value,
            expires=minted.expires_at,
            path="/",
            secure=True,
            httponly=True,
            samesite="lax",
        )


def take_off(answer: Response) -> None:
    """Make the browser forget the pair."""
    for name in (SESSION_TOKEN_COOKIE, ASSERTION_COOKIE):
        answer.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")
