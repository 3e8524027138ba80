"""Line breaking for Chinese and Latin text together.

Between two Chinese characters a line may break anywhere; a Latin word or a
number stays whole; closing punctuation never opens a line (the core of the
W3C Requirements for Chinese Text Layout, section 3.1).
"""

import re
from collections.abc import Callable, Iterator

_UNIT = re.compile(r"[!-~]+ ?|.", re.DOTALL)
_NEVER_FIRST = frozenset("，。、；：！？）》」』”’…·%")
_NEVER_LAST = frozenset("（《「『“‘")


def wrapped(text: str, width: float, measure: Callable[[str], float]) -> Iterator[str]:
    """Yield the lines of `text`, each no wider than `width` as `measure` sees it.

    A single unit wider than `width` (a long address) gets a line of its own.
    """
    line = ""
    for unit in _unbreakable(text):
        if line and measure((line + unit).rstrip()) > width:
            yield line.rstrip()
            line = unit.lstrip()
        else:
            line += unit
    if line:
        yield line.rstrip()


def _unbreakable(text: str) -> Iterator[str]:
    held = ""
    for unit in _UNIT.findall(text):
        joins = held and (unit[0] in _NEVER_FIRST or held[-1] in _NEVER_LAST)
        if held and not joins:
            yield held
            held = ""
        held += unit
    if held:
        yield held
