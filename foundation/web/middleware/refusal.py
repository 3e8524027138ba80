"""How a layer says no: it hands a failure to whoever writes answers."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

Refuse = Callable[[Request, Exception], Response]
"""Turns a failure into the answer for this request; `Problems.answer` is the one."""
