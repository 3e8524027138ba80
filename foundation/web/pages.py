"""Pages: a template, rendered for one request in its language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from jinja2 import Environment
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from foundation.clock import Clock
from foundation.i18n import LANGUAGE_PARAMETER, LANGUAGES, Catalogues, Translator
from foundation.web.middleware.form_token import FORM_TOKEN_FIELD, form_token_of
from foundation.web.requests import language_of, principal_or_none

Variant = Literal["portal", "public"]


@dataclass(frozen=True)
class NavigationItem:
    """One entry of the main navigation."""

    label_key: str
    href: str
    active: bool = False
    waiting: int = 0
    """How many things wait for the reader there; 0 shows nothing."""


NavigationOf = Callable[[Request], Sequence[NavigationItem]]


def no_navigation(_: Request) -> Sequence[NavigationItem]:
    """Return an empty navigation, as on the public listener."""
    return ()


@dataclass(frozen=True)
class LanguageChoice:
    """One language a page can be switched to."""

    language: str
    href: str
    active: bool


class Pages:
    """Renders templates; one instance for each listener.

    Every template sees ``t``, ``lang``, ``principal`` (or None), ``navigation``,
    ``form_token``, ``form_token_field()``, ``now``, ``request``, ``variant`` and
    ``languages`` besides what its route passes.
    """

    def __init__(
        self,
        environment: Environment,
        catalogues: Catalogues,
        clock: Clock,
        *,
        variant: Variant = "portal",
        navigation: NavigationOf = no_navigation,
    ) -> None:
        self._environment = environment
        self._catalogues = catalogues
        self._clock = clock
        self._variant = variant
        self._navigation = navigation

    def translator(self, request: Request) -> Translator:
        """Return the translator for the language of `request`."""
        return self._catalogues.translator(language_of(request))

    def render(
        self,
        request: Request,
        template: str,
        status_code: int = 200,
        *,
        headers: Mapping[str, str] | None = None,
        **context: object,
    ) -> HTMLResponse:
        """Return `template` filled in with `context` as an HTML answer."""
        html = self._environment.get_template(template).render({**self._common(request), **context})
        return HTMLResponse(
            html,
            status_code,
            headers={"content-language": language_of(request), **(headers or {})},
        )

    def _common(self, request: Request) -> dict[str, object]:
        token = form_token_of(request)
        return {
            "t": self.translator(request),
            "lang": language_of(request),
            "languages": _language_choices(request),
            "principal": principal_or_none(request),
            "navigation": self._navigation(request),
            "variant": self._variant,
            "form_token": token,
            "form_token_field": lambda: _hidden_field(token),
            "now": self._clock.now(),
            "request": request,
        }


def _hidden_field(token: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(FORM_TOKEN_FIELD, token)


def _language_choices(request: Request) -> list[LanguageChoice]:
    """Return links to this page in each language.

    A link is a query alone: a path such as ``//elsewhere`` would lead away.
    """
    return [
        LanguageChoice(
            language,
            f"?{request.url.include_query_params(**{LANGUAGE_PARAMETER: language}).query}",
            language == language_of(request),
        )
        for language in LANGUAGES
    ]
