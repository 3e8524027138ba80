"""Texts as they are compared: what looks or sounds the same to a searcher is the same."""

import unicodedata

# Control and format characters, lone surrogates, and every kind of space.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})


def fold(unverified_text: str) -> str:
    """Return the text without spaces, in one width and one case; possibly empty.

    Full-width letters become ASCII and half-width katakana the usual ones
    (NFKC, Unicode Standard Annex 15). Traditional and simplified forms stay
    what they are. What is returned can be stored and asked for on both
    databases: it holds no NUL and no lone surrogate.
    """
    folded = unicodedata.normalize("NFKC", unverified_text).casefold()
    # Once more: case folding and what is left out can bring marks to their letters.
    folded = unicodedata.normalize("NFKC", _seen(folded)).casefold()
    return _seen(unicodedata.normalize("NFKC", folded))


def _seen(text: str) -> str:
    return "".join(each for each in text if unicodedata.category(each) not in _UNSEEN)
