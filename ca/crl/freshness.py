"""How fresh the published CRLs of an issuer are: what an alarm looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ca.crl.models import CrlRecord, CrlScopeRecord
from ca.crl.scopes import FULL, Scope, crl_name
from ca.crl.stored import list_crls
from ca.models import AuthorityName


@dataclass(frozen=True)
class Freshness:
    """One CRL and how long it is good for; `left` is None when there is none."""

    name: str
    left: timedelta | None
    validity: timedelta = timedelta(0)

    def alarms(self, alarm: timedelta) -> bool:
        """Return whether it is missing or has less than `alarm` left."""
        return self.left is None or self.left < alarm


def find_freshness(
    session: Session, issuer: AuthorityName, scopes: Sequence[Scope], now: datetime
) -> list[Freshness]:
    """Return how fresh each CRL of an issuer is, the one with the least left first.

    Those of `scopes` are missed when they are not there.
    """
    newest = {crl.scope: crl for crl in list_crls(session, issuer)}
    found = [_freshness(crl, now) for crl in newest.values()]
    missing = [Freshness(crl_name(issuer, scope), None) for scope in scopes if scope not in newest]
    return [*missing, *sorted(found, key=lambda each: each.left or timedelta.min)]


def count_overdue(session: Session, issuer: AuthorityName) -> int:
    """Return how many CRLs of an issuer do not show an act that happened."""
    query = (
        select(func.count())
        .select_from(CrlScopeRecord)
        .where(CrlScopeRecord.issuer == issuer)
        .where(CrlScopeRecord.overdue_since.is_not(None))
    )
    return session.scalar(query) or 0


def scopes_of(issuer: AuthorityName, root: AuthorityName, shards: int) -> list[Scope]:
    """Return which CRLs an issuer has to have."""
    return [FULL] if issuer == root else [FULL, *map(str, range(shards))]


def _freshness(crl: CrlRecord, now: datetime) -> Freshness:
    name = crl_name(crl.issuer, crl.scope)
    return Freshness(name, crl.next_update - now, crl.next_update - crl.this_update)
