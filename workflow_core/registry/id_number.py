"""Citizen identity numbers (GB 11643-1999): what the eighteen characters say.

Not checked: whether the leading district code was ever assigned (lists of
codes lag behind the papers people carry), nor whether the number was issued.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum.cn import ric
from stdnum.exceptions import InvalidComponent

Sex = Literal["male", "female"]

_SHAPE = re.compile(r"[1-9][0-9]{16}[0-9X]")
_OLDEST_YEAR = 1900


class IdNumberError(ValueError):
    """The text is no identity number; `code` names the first thing wrong."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class IdNumber:
    """A well-formed identity number and the facts it carries."""

    text: str
    birth_date: date
    sex: Sex


def read_id_number(unverified_text: str) -> IdNumber:
    """Read an identity number as typed; spaces and a small x are forgiven.

    Raises IdNumberError: `id-number-format`, `id-number-birth-date` or
    `id-number-checksum` (ISO 7064 MOD 11-2).
    """
    text = "".join(unverified_text.split()).upper()
    if not _SHAPE.fullmatch(text):
        raise IdNumberError("id-number-format")
    try:
        birth_date = ric.get_birth_date(text)
    except InvalidComponent as error:
        raise IdNumberError("id-number-birth-date") from error
    if birth_date.year < _OLDEST_YEAR:
        raise IdNumberError("id-number-birth-date")
    if text[-1] != ric.calc_check_digit(text):
        raise IdNumberError("id-number-checksum")
    sex: Sex = "male" if int(text[16]) % 2 else "female"
    return IdNumber(text, birth_date, sex)
