"""Structured logs: one JSON object a line on standard error, never a secret.

What is logged is chosen field by field where it is logged (see
`foundation.web.middleware.request_context`); the filter here is the second
line: a field whose name says "secret" is masked whoever wrote it.
"""

import io
import logging
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, WrappedLogger

_SECRET_WORDS = ("password", "secret", "token", "passphrase", "private_key", "pkcs12", "cookie")
_MASK = "[hidden]"


def configure_logs(level: int = logging.INFO) -> None:
    """Send structlog's and the standard library's records to standard error as JSON."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Never with local variables: they hold passwords.
        structlog.processors.ExceptionRenderer(),
        mask_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(ensure_ascii=False)],
        logger_factory=structlog.WriteLoggerFactory(file=cast(TextIO, _StandardError())),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        # A kept logger would keep the first configuration: a command sets one, then `up` its own.
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(_StandardError())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(ensure_ascii=False),
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)


class _StandardError(io.TextIOBase):
    """Standard error as it is when something is written: who runs a command may replace it."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def mask_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Hide the value of every field whose name speaks of a secret, however deep it lies."""
    for name, value in event.items():
        event[name] = _masked(name, value)
    return event


@lru_cache(maxsize=1024)
def _speaks_of_a_secret(name: str) -> bool:
    # Each line has the same few names; those in a line's content may be anybody's.
    return any(word in name.lower() for word in _SECRET_WORDS)


def _masked(name: object, value: object) -> object:
    if _speaks_of_a_secret(str(name)):
        return _MASK
    match value:
        case Mapping():
            return {key: _masked(key, inner) for key, inner in value.items()}
        case list() | tuple():
            return [_masked("", inner) for inner in value]
        case _:
            return value
