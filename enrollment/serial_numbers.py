"""Serial numbers as people type them from a slip."""

import re
import unicodedata

_HEX = re.compile(r"[0-9A-F]{1,40}")
# A serial number has 40 digits; whoever writes more, even with separators, means something else.
_LONGEST_INPUT = 120


def normalise_serial_number(unverified_serial_number: str) -> str | None:
    """Return upper-case hex without separators, or None when it cannot be a serial number."""
    if len(unverified_serial_number) > _LONGEST_INPUT:
        return None
    text = unicodedata.normalize("NFKC", unverified_serial_number).upper()
    digits = "".join(
        character
        for character in text
        if unicodedata.category(character) not in {"Pd", "Zs", "Cc", "Cf"} and character != ":"
    )
    return digits if _HEX.fullmatch(digits) else None
