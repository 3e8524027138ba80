"""The pieces that a name is cut into, and the codes that a subscriber goes by.

Chinese words are mostly of two characters, so a name is cut into its single
characters and its pairs. Pairs of Latin letters or digits tell little apart,
so their runs are cut into threes as well.
"""

import re
from collections.abc import Iterator

# No folded name holds a space, so no piece of one looks like a code.
CODE_MARK = " "

_LATIN = re.compile(r"[0-9a-z]{3,}")
_CODE_FORM = re.compile(r"[0-9a-z._-]{1,32}")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Where the organisation code begins in a unified social credit code (GB 32100-2015).
_ORGANISATION = 8
# A term more would hardly be rarer, and each is looked at before the search.
_MOST_ASKED = 16


def pieces_of(folded_name: str) -> set[str]:
    """Return every piece a part of this name could be asked for with."""
    return {*folded_name, *_runs(folded_name, 2), *_threes(folded_name)}


def asked_pieces(folded_text: str) -> list[str]:
    """Return pieces that every name with this text in it has, those that tell most first.

    The names with a text of one or two characters are exactly those that have
    the only piece.
    """
    if len(folded_text) < 2:
        return [folded_text]
    pieces = {*_runs(folded_text, 2), *_threes(folded_text)}
    return sorted(pieces, key=lambda piece: (-len(piece), piece))[:_MOST_ASKED]


def codes_of(username: str, credit_code: str | None) -> list[str]:
    """Return what a subscriber is known by beside the name, sorted, without a mark.

    That is the username, the number in it, the credit code and the
    organisation code, which is its second half and printed on older papers.
    """
    codes = {username, username.lstrip(_LETTERS)}
    if credit_code is not None:
        codes |= {credit_code.lower(), credit_code[_ORGANISATION:].lower()}
    return sorted(codes - {""})


def terms_of(folded_name: str, username: str, credit_code: str | None) -> set[str]:
    """Return all rows of a subscriber's own in the table of terms."""
    codes = (CODE_MARK + code for code in codes_of(username, credit_code))
    return {*pieces_of(folded_name), *codes}


def could_begin_code(folded_text: str) -> bool:
    """Say whether any username or code could begin with this text."""
    return _CODE_FORM.fullmatch(folded_text) is not None


def _threes(text: str) -> Iterator[str]:
    for run in _LATIN.findall(text):
        yield from _runs(run, 3)


def _runs(text: str, length: int) -> Iterator[str]:
    return (text[start : start + length] for start in range(len(text) - length + 1))
