"""Catalogues: every package's ``locale/zh.po`` and ``locale/en.po``, read at start.

The message identifier is a key (``login.title``), the message string its text.
"""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from babel.messages.pofile import PoFileError, read_po

from foundation.i18n.negotiation import DEFAULT_LANGUAGE, LANGUAGES
from foundation.i18n.translator import Translator


class CatalogueError(Exception):
    """A catalogue cannot be read, or two packages give one key different texts."""


class Catalogues:
    """The texts of all packages in all languages."""

    def __init__(self, texts: Mapping[str, Mapping[str, str]], *, strict: bool = False) -> None:
        self.texts = texts
        self._translators = {
            language: Translator(language, texts.get(language, {}), strict=strict)
            for language in LANGUAGES
        }

    @classmethod
    def load(cls, packages: Iterable[str], *, strict: bool = False) -> "Catalogues":
        """Read the catalogues of `packages`; a package without a locale folder has none.

        Raises `CatalogueError` for a file that is not a catalogue and for a key
        that two packages translate differently.
        """
        return cls(_texts_of(tuple(packages)), strict=strict)

    def translator(self, language: str) -> Translator:
        """Return the translator of `language`, of the default one if it is unknown."""
        return self._translators.get(language, self._translators[DEFAULT_LANGUAGE])


@cache
def _texts_of(packages: tuple[str, ...]) -> Mapping[str, Mapping[str, str]]:
    """Return the texts by language; the files of a package do not change while it runs."""
    texts: dict[str, dict[str, str]] = {language: {} for language in LANGUAGES}
    for package in packages:
        folder = files(package) / "locale"
        for language in LANGUAGES:
            source = folder / f"{language}.po"
            if source.is_file():
                _merge(texts[language], read_catalogue(source), source)
    return texts


def read_catalogue(source: Traversable) -> dict[str, str]:
    """Return the texts of one file by key; untranslated entries are left out."""
    with source.open("rb") as stream:
        try:
            catalogue = read_po(stream, abort_invalid=True)
        except (PoFileError, UnicodeDecodeError) as error:
            raise CatalogueError(f"{source}: {error}") from error
    return {
        message.id: message.string
        for message in catalogue
        if isinstance(message.id, str)
        and isinstance(message.string, str)
        and message.id
        and message.string
    }


def _merge(into: dict[str, str], texts: dict[str, str], source: Traversable) -> None:
    differing = [key for key in into.keys() & texts.keys() if into[key] != texts[key]]
    if differing:
        raise CatalogueError(f"{source}: other text elsewhere: {', '.join(sorted(differing))}")
    into.update(texts)
