"""Making and reading dry runs: the set is fixed here, and nothing is revoked yet."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, exists, func, insert, literal, select
from sqlalchemy.orm import Session, aliased

from ca.inventory.conditions import conditions_of
from ca.models import CertificateRecord
from enrollment.models import CertificateAuthenticator, OfficerRole, Subscriber
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.errors import Invalid, NotFound
from gateway.bulk_revocation.candidates import candidates
from gateway.bulk_revocation.models import RevocationSelection, SelectedCertificate
from gateway.bulk_revocation.serial_list import SerialList
from gateway.bulk_revocation.views import SelectedPage, SelectedView, SelectionView
from gateway.credentials import CredentialSearch, Wanted
from gateway.credentials.owners import belongs_to

PAGE = 50
_AT_ONCE = 500
_COLUMNS = ("serial_number", "verdict", "profile", "subscriber", "display_name", "district")


class Selections:
    """Fixed sets of certificates, each the result of one dry run."""

    def __init__(self, search: CredentialSearch, audit: AuditLog, clock: Clock) -> None:
        self._search = search
        self._audit = audit
        self._clock = clock

    def by_criteria(self, session: Session, wanted: Wanted, by: Actor) -> SelectionView:
        """Fix everything that fits; one statement, however many there are.

        Raises `Invalid` when nothing is asked for: "everything" is never meant.
        """
        if wanted.is_unbounded:
            raise Invalid("selection-unbounded", field="q")
        understood = self._search.understood(session, wanted)
        conditions = (
            *conditions_of(understood.conditions.verified()),
            *understood.further.conditions,
        )
        selection = self._begin(session, wanted.as_document(), by)
        found = candidates(conditions, username=by.name, now=selection.made_at).subquery()
        columns = [found.c[index] for index in range(len(_COLUMNS))]
        position = func.row_number().over(order_by=columns[0])
        rows = select(literal(selection.id), position, *columns)
        names = ["selection_id", "position", *_COLUMNS]
        session.execute(insert(SelectedCertificate).from_select(names, rows))
        return self._finish(session, selection, by)

    def by_list(
        self, session: Session, listed: SerialList, name: str, district: str | None, by: Actor
    ) -> SelectionView:
        """Fix the numbers of a list; with `district` others are as good as unknown."""
        selection = self._begin(session, {"list": name[:100]}, by, listed)
        everything = listed.serial_numbers
        for start in range(0, len(everything), _AT_ONCE):
            numbers = everything[start : start + _AT_ONCE]
            known = self._known(session, numbers, district, by.name, selection.made_at)
            rows = [
                {"selection_id": selection.id, "position": position, **_facts(known, number)}
                for position, number in enumerate(numbers, start=start + 1)
            ]
            session.execute(insert(SelectedCertificate), rows)
        return self._finish(session, selection, by)

    def get(self, session: Session, selection_id: int) -> SelectionView:
        """Return one; raises `NotFound` ("selection-not-found")."""
        return self._view(session, get_selection(session, selection_id))

    def page(
        self, session: Session, selection_id: int, verdict: str | None, after: int = 0
    ) -> SelectedPage:
        """Return a page of its rows, with `verdict` those that have it."""
        query = _rows(selection_id, after).limit(PAGE + 1)
        if verdict is not None:
            query = query.where(SelectedCertificate.verdict == verdict)
        rows = session.scalars(query).all()
        items = tuple(map(SelectedView.of, rows[:PAGE]))
        return SelectedPage(items, items[-1].position if len(rows) > PAGE else None)

    def rows(self, database: Database, selection_id: int) -> Iterator[tuple[SelectedView, ...]]:
        """Yield all its rows in batches, each read in a transaction of its own."""
        after = 0
        while True:
            with database.reading() as session:
                rows = session.scalars(_rows(selection_id, after).limit(_AT_ONCE)).all()
            if not rows:
                return
            yield tuple(map(SelectedView.of, rows))
            after = rows[-1].position

    def _begin(
        self,
        session: Session,
        criteria: Mapping[str, str],
        by: Actor,
        listed: SerialList | None = None,
    ) -> RevocationSelection:
        self._audit.lock_chain(session)
        told = listed.malformed if listed else ()
        selection = RevocationSelection(
            made_by=by.name,
            made_at=self._clock.now(),
            criteria=json.dumps(dict(criteria), sort_keys=True, ensure_ascii=False),
            malformed=json.dumps(
                {
                    "count": listed.malformed_count if listed else 0,
                    "lines": [[each.line, each.text] for each in told],
                },
                ensure_ascii=False,
            ),
            hits=0,
            digest="",
        )
        session.add(selection)
        session.flush()
        return selection

    def _finish(self, session: Session, selection: RevocationSelection, by: Actor) -> SelectionView:
        selection.digest, selection.hits = digest_of_hits(session, selection.id)
        selection.district = _common_district(session, selection.id)
        session.flush()
        self._audit.record(
            session,
            "bulk_revocation.dry_run",
            by=by,
            subject=f"selection:{selection.id}",
            criteria=[f"{name}={value}" for name, value in json.loads(selection.criteria).items()],
            hits=selection.hits,
            digest=selection.digest,
        )
        return self._view(session, selection)

    def _known(
        self,
        session: Session,
        numbers: tuple[str, ...],
        district: str | None,
        username: str,
        now: datetime,
    ) -> dict[str, dict[str, Any]]:
        listed = (
            CertificateRecord.serial_number.in_(numbers),
            *belongs_to(session, district=district).conditions,
        )
        found = session.execute(candidates(listed, username=username, now=now))
        return {row[0]: dict(zip(_COLUMNS, row, strict=True)) for row in found}

    def _view(self, session: Session, selection: RevocationSelection) -> SelectionView:
        malformed = json.loads(selection.malformed)
        return SelectionView(
            id=selection.id,
            made_by=selection.made_by,
            made_at=selection.made_at,
            criteria=json.loads(selection.criteria),
            malformed=tuple((line, text) for line, text in malformed["lines"]),
            malformed_count=malformed["count"],
            hits=selection.hits,
            digest=selection.digest,
            district=selection.district,
            verdicts=_counted(session, selection.id, "verdict", hits_only=False),
            districts=_counted(session, selection.id, "district"),
            profiles=_counted(session, selection.id, "profile"),
            security_officers_left=_security_officers_left(session, selection.id),
        )


def get_selection(session: Session, selection_id: int) -> RevocationSelection:
    """Return the row; raises `NotFound` ("selection-not-found")."""
    query = select(RevocationSelection).where(RevocationSelection.id == selection_id)
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("selection-not-found", id=selection_id)
    return row


def digest_of_hits(session: Session, selection_id: int) -> tuple[str, int]:
    """Return SHA-256 over the numbers that would be revoked, one a line, and their count."""
    query = (
        select(SelectedCertificate.serial_number)
        .where(SelectedCertificate.selection_id == selection_id)
        .where(SelectedCertificate.verdict == "hit")
        .order_by(SelectedCertificate.position)
    )
    digest, count = hashlib.sha256(), 0
    for number in session.scalars(query.execution_options(yield_per=1_000)):
        digest.update(f"{number}\n".encode())
        count += 1
    return digest.hexdigest().upper(), count


def _facts(known: Mapping[str, dict[str, Any]], number: str) -> dict[str, Any]:
    nothing = {**dict.fromkeys(_COLUMNS), "serial_number": number, "verdict": "unknown"}
    return known.get(number, nothing)


def _rows(selection_id: int, after: int) -> Select[SelectedCertificate]:
    return (
        select(SelectedCertificate)
        .where(SelectedCertificate.selection_id == selection_id)
        .where(SelectedCertificate.position > after)
        .order_by(SelectedCertificate.position)
    )


def _common_district(session: Session, selection_id: int) -> str | None:
    districts = _counted(session, selection_id, "district")
    only = next(iter(districts), "") if len(districts) == 1 else ""
    return only or None


def _counted(
    session: Session, selection_id: int, name: str, *, hits_only: bool = True
) -> dict[str, int]:
    column = getattr(SelectedCertificate, name)
    query = (
        select(column, func.count())
        .where(SelectedCertificate.selection_id == selection_id)
        .group_by(column)
        .order_by(func.count().desc(), column)
    )
    if hits_only:
        query = query.where(SelectedCertificate.verdict == "hit")
    return {value or "": count for value, count in session.execute(query)}


def _security_officers_left(session: Session, selection_id: int) -> int:
    officers = (
        select(Subscriber.id)
        .join(OfficerRole, OfficerRole.subscriber_id == Subscriber.id)
        .where(OfficerRole.role == "security_officer", Subscriber.standing == "active")
    )
    # They are few. In one statement SQLite would begin with every certificate.
    ids = session.scalars(officers).all()
    hit = aliased(SelectedCertificate)
    would_end = exists().where(
        hit.selection_id == selection_id,
        hit.serial_number == CertificateAuthenticator.serial_number,
        hit.verdict == "hit",
    )
    query = (
        select(func.count(CertificateAuthenticator.subscriber_id.distinct()))
        .join(
            CertificateRecord,
            and_(
                CertificateRecord.serial_number == CertificateAuthenticator.serial_number,
                CertificateRecord.state == "good",
            ),
        )
        .where(CertificateAuthenticator.subscriber_id.in_(ids))
        .where(CertificateAuthenticator.ended_at.is_(None), ~would_end)
    )
    return session.scalar(query) or 0
