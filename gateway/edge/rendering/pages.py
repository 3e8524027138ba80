"""The answers that refuse a request: a page or a problem, in every language.

HAProxy reads them when it starts and fills in the request's identifier, so
each must fit into one of its buffers.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from jinja2 import Environment, PackageLoader, StrictUndefined

from foundation.errors import Unavailable
from foundation.i18n import LANGUAGES, Catalogues, Translator
from foundation.web.problem import Problem, problem_of
from foundation.web.static_files import FOLDER as ASSETS
from gateway.edge.rendering.reasons import REFUSALS, Refusal

PAGE, PROBLEM = "html", "json"
BEFORE, AFTER = "before", "after"

# HAProxy's log-format: filled in for each request.
_REQUEST_ID = "%[unique-id]"
_MARK = "0request0id0"


class Answers:
    """Writes every answer of the edge."""

    def __init__(self, catalogues: Catalogues, public_url: str, portal_url: str) -> None:
        """The addresses are those that the pages lead on to."""
        self._catalogues = catalogues
        self._addresses = {"public_url": public_url, "portal_url": portal_url}
        environment = Environment(
            loader=PackageLoader("gateway.edge.rendering"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._template = environment.get_template("refusal.html")
        # On one line, as a map's value has to be.
        self._style = environment.get_template("refusal.css").render().replace("\n", "")
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
                page, document = self._page([(t, problem)]), _document([(t, problem)])
                found[file_name(refusal.code, language, PAGE)] = _as_log_format(page)
                found[file_name(refusal.code, language, PROBLEM)] = _as_log_format(document)
        for status in UNASKED:
            found |= self._unasked(status)
        return found

    def _unasked(self, status: int) -> Mapping[str, str]:
        """Return maps from the form of an answer to its text before and after the identifier.

        A map's value is one line, and taken as it is.
        """
        translators = [self._catalogues.translator(language) for language in LANGUAGES]
        failure = UNASKED[status].failure
        told = [(t, replace(problem_of(failure, t, _MARK), status=status)) for t in translators]
        forms = {PAGE: self._page(told), PROBLEM: _document(told)}
        halves = {form: text.replace("\n", " ").split(_MARK) for form, text in forms.items()}
        return {
            f"{status}.{half}.map": "".join(
                f"{form} {halves[form][place].strip()}\n" for form in forms
            )
            for place, half in enumerate((BEFORE, AFTER))
        }

    def _page(self, told: list[tuple[Translator, Problem]]) -> str:
        return self._template.render(
            told=told, style=self._style, emblem=self._emblem, **self._addresses
        )


def file_name(code: str, language: str, form: str) -> str:
    """Return the name of the file of one answer."""
    return f"{code}.{language}.{form}"


def _document(told: list[tuple[Translator, Problem]]) -> str:
    documents = [problem.document(t) for t, problem in told]
    document = dict(documents[0])
    document.pop("params", None)
    for member in ("title", "detail"):
        document[member] = " / ".join(one[member] for one in documents)
    return json.dumps(document, ensure_ascii=False)


def _as_log_format(text: str) -> str:
    return text.replace("%", "%%").replace(_MARK, _REQUEST_ID)


def _of(code: str) -> Refusal:
    return next(one for one in REFUSALS if one.code == code)


# What HAProxy says by itself, before or after anything was decided: in both
# languages, because the request may be too broken to tell which. Where the
# answer was lost on the way, whoever asked must not think that nothing was done.
_ANSWER_LOST = Refusal(Unavailable("answer-lost"), ())
UNASKED = {
    400: _of("malformed-request"),
    403: _of("malformed-request"),
    408: _of("malformed-request"),
    500: _of("unavailable"),
    502: _ANSWER_LOST,
    503: _of("unavailable"),
    504: _ANSWER_LOST,
}
