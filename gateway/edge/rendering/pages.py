"""The answers that refuse a request: a page or a problem, in every language.

HAProxy reads them when it starts and fills in the request's identifier, so
each must fit into one of its buffers.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from foundation.i18n import LANGUAGES, Catalogues, Translator
from foundation.web.problem import Problem, problem_of
from foundation.web.static_files import FOLDER as ASSETS
from gateway.edge.rendering.reasons import REFUSALS, Refusal

PAGE, PROBLEM, BOTH = "html", "json", "both"

# HAProxy's log-format: filled in for each request.
_REQUEST_ID = "%[unique-id]"
_MARK = "0request0id0"


@dataclass(frozen=True)
class AnswerFile:
    """One answer by the name of its file."""

    name: str
    text: str


class Answers:
    """Writes every answer of the edge."""

    def __init__(self, catalogues: Catalogues, public_url: str) -> None:
        self._catalogues = catalogues
        self._public_url = public_url
        environment = Environment(
            loader=PackageLoader("gateway.edge.rendering"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._template = environment.get_template("refusal.html")
        self._style = environment.get_template("refusal.css").render()
        self._emblem = (ASSETS / "emblem.svg").read_text(encoding="utf-8")

    @property
    def content_security_policy(self) -> str:
        """What the pages may do: show their one style sheet."""
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        return (
            f"default-src 'none'; style-src 'sha256-{digest}'; "
            "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
        )

    def files(self) -> Mapping[str, str]:
        """Return the text of every answer by the name of its file."""
        found = {}
        for refusal in REFUSALS:
            for language in LANGUAGES:
                t = self._catalogues.translator(language)
                problem = problem_of(refusal.failure, t, _MARK)
                found[file_name(refusal.code, language, PAGE)] = self._page([(t, problem)])
                found[file_name(refusal.code, language, PROBLEM)] = _document(t, problem)
        for status, refusal in UNASKED.items():
            told = []
            for language in LANGUAGES:
                t = self._catalogues.translator(language)
                told.append((t, problem_of(refusal.failure, t, _MARK)))
            found[f"{status}.{BOTH}.html"] = self._page(told)
        return found

    def _page(self, told: list[tuple[Translator, Problem]]) -> str:
        html = self._template.render(
            told=told, style=self._style, emblem=self._emblem, public_url=self._public_url
        )
        return _as_log_format(html)


def file_name(code: str, language: str, form: str) -> str:
    """Return the name of the file of one answer."""
    return f"{code}.{language}.{form}"


def _document(t: Translator, problem: Problem) -> str:
    document = problem.document(t)
    document.pop("params", None)
    return _as_log_format(json.dumps(document, ensure_ascii=False))


def _as_log_format(text: str) -> str:
    return text.replace("%", "%%").replace(_MARK, _REQUEST_ID)


def _of(code: str) -> Refusal:
    return next(one for one in REFUSALS if one.code == code)


# What HAProxy says by itself, before or after anything was decided: in both
# languages, because the request may be too broken to tell which.
UNASKED = {
    400: _of("malformed-request"),
    403: _of("malformed-request"),
    408: _of("malformed-request"),
    500: _of("unavailable"),
    502: _of("unavailable"),
    503: _of("unavailable"),
    504: _of("unavailable"),
}
