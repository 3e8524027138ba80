"""The language of the command line: the terminal's, Chinese when it names none."""

import os

from foundation.i18n import DEFAULT_LANGUAGE, Catalogues, Translator
from gateway.composition.ground import ROOMS

_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
# "C" is what a machine speaks that nobody has asked about language: the
# operator's manuals there are in English.
_ENGLISH = ("en", "C", "POSIX")


def terminal_language() -> str:
    """Return ``zh`` or ``en`` by the locale variables of POSIX (XBD 8.2)."""
    for variable in _VARIABLES:
        if value := os.environ.get(variable):
            return "en" if value.startswith(_ENGLISH) else DEFAULT_LANGUAGE
    return DEFAULT_LANGUAGE


def translator() -> Translator:
    """Return the texts in the terminal's language."""
    return Catalogues.load(ROOMS).translator(terminal_language())
