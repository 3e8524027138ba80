"""Which of several conditions is looked up, when each has an index and none has them together.

Officers' certificates are few among those revoked, a retired authority's lie far
behind those of its successor: no order of conditions is right for all. But every
such index lists its certificates newest first. So each is asked how far back its
next two thousand reach; the one that reaches furthest passes over most of what
does not fit, and the other conditions are asked of each row in it.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from ca.inventory.certificate_filter import CertificateFilter
from ca.inventory.conditions import Further, behind, columns_of, conditions_of, order_of, sorting
from ca.models import USUAL_KEY, CertificateRecord

_LOOKED_AHEAD = 2_000
# Each finds a handful by itself.
_FEW: Final = ("serial_number", "subscribers", "spki_sha256", "fingerprint_sha256")
_LISTED: Final = ("state", "key_type", "profile", "issuer")
# Nearly every certificate has these, and no index lists them.
_USUAL: Final = {"state": "good", "key_type": USUAL_KEY}

Last = CertificateRecord | Row[*tuple[Any, ...]] | None


def looked_up_and_asked(
    session: Session, wanted: CertificateFilter, further: Further, last: Last
) -> Further:
    """Return the conditions of a verified filter and `further`, for what is behind `last`."""
    lists = _lists(wanted)
    if len(lists) < 2 or further.looked_up:
        return Further(tuple(conditions_of(wanted))) + further
    chosen = _furthest(session, lists, last)
    others = {name: getattr(wanted, name) for name in lists if name != chosen}
    walked = conditions_of(replace(wanted, **dict.fromkeys(others)))
    asked = conditions_of(CertificateFilter(**others))
    return Further(tuple(walked), tuple(asked)) + further


def _lists(wanted: CertificateFilter) -> Mapping[str, tuple[ColumnElement[bool], ...]]:
    if order_of(wanted) != "newest" or any(getattr(wanted, name) is not None for name in _FEW):
        return {}
    values = {name: getattr(wanted, name) for name in _LISTED}
    return {
        name: tuple(conditions_of(CertificateFilter(**{name: value})))
        for name, value in values.items()
        if value is not None and value != _USUAL.get(name)
    }


def _furthest(
    session: Session, lists: Mapping[str, tuple[ColumnElement[bool], ...]], last: Last
) -> str:
    reached: dict[str, tuple[Any, ...]] = {}
    for name, conditions in lists.items():
        statement = select(*columns_of("newest")).where(*conditions).order_by(*sorting("newest"))
        if last is not None:
            statement = statement.where(behind("newest", last))
        row = session.execute(statement.offset(_LOOKED_AHEAD).limit(1)).first()
        if row is None:
            # It ends before.
            return name
        reached[name] = tuple(row)
    return min(reached, key=lambda name: reached[name])
