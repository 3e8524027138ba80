"""Texts of the interface in Chinese (default) and English, kept in catalogues."""

from foundation.i18n.catalogues import CatalogueError, Catalogues
from foundation.i18n.negotiation import (
    DEFAULT_LANGUAGE,
    LANGUAGE_COOKIE,
    LANGUAGE_PARAMETER,
    LANGUAGES,
    negotiate_language,
)
from foundation.i18n.translator import MissingText, Translator

__all__ = [
    "DEFAULT_LANGUAGE",
    "LANGUAGES",
    "LANGUAGE_COOKIE",
    "LANGUAGE_PARAMETER",
    "CatalogueError",
    "Catalogues",
    "MissingText",
    "Translator",
    "negotiate_language",
]
