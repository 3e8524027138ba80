"""A translator: the texts of one language, looked up by key."""

import re
from collections.abc import Mapping

import structlog

PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")

_log = structlog.get_logger(__name__)


class MissingText(LookupError):
    """A key has no text in this language, or the text asks for a value nobody gave."""


class Translator:
    """Looks up texts of one language and fills in their ``{placeholders}``.

    A strict translator raises `MissingText`; the other kind logs the gap and
    shows the key, because a page with a hole is better than no page. Values are
    put in as plain text and never escaped: templates escape the result.
    """

    def __init__(self, language: str, texts: Mapping[str, str], *, strict: bool = False) -> None:
        self.language = language
        self._texts = texts
        self._strict = strict

    def __call__(self, key: str, /, **params: object) -> str:
        """Return the text of `key`, filled in with `params`; surplus ones are ignored."""
        text = self._texts.get(key)
        if text is None:
            return self._missing(key, shown=key)
        wanted = set(PLACEHOLDER.findall(text))
        if absent := wanted - params.keys():
            return self._missing(f"{key} {{{', '.join(sorted(absent))}}}", shown=text)
        return PLACEHOLDER.sub(lambda match: str(params[match[1]]), text)

    def __contains__(self, key: object) -> bool:
        return key in self._texts

    def first(self, *keys: str, **params: object) -> str:
        """Return the text of the first of `keys` that has one; the last is the fallback."""
        for key in keys[:-1]:
            if key in self._texts:
                return self(key, **params)
        return self(keys[-1], **params)

    def _missing(self, what: str, *, shown: str) -> str:
        if self._strict:
            raise MissingText(f"{self.language}: {what}")
        _log.warning("text-missing", language=self.language, key=what)
        return shown
