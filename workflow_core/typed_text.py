"""Free text typed by people: trimmed, bounded, and fit for storage."""

from foundation.errors import Invalid

_LINE_BREAKS = str.maketrans({"\r": None})


def read_text(unverified_text: str, *, field: str, longest: int) -> str:
    """Return the text trimmed.

    Raises Invalid when it is empty, longer than `longest` characters, or holds
    characters that nobody can read (control characters, lone surrogates).
    """
    text = unverified_text.translate(_LINE_BREAKS).strip()
    if not text:
        raise Invalid("field-required", field=field)
    if len(text) > longest:
        raise Invalid("text-too-long", field=field, longest=longest)
    if not text.replace("\n", "").isprintable():
        raise Invalid("text-unprintable", field=field)
    return text


def read_query(unverified_text: str) -> str:
    """Return what somebody searches for, without characters no record can hold."""
    return "".join(letter for letter in unverified_text if letter.isprintable()).strip()[:100]
