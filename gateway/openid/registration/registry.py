"""Registering, finding and removing relying parties."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from foundation.audit import Actor, AuditDraft, AuditLog
from foundation.clock import Clock
from foundation.database import insert_or_conflict
from foundation.errors import Conflict, Invalid, NotFound
from gateway.openid.keys import TokenAlgorithm
from gateway.openid.models import AuthMethod, Grant, Participation, RelyingParty, UsedAssertion
from gateway.openid.registration.application import (
    Application,
    Audience,
    TlsField,
    TlsName,
    is_client_id,
)
from gateway.openid.registration.keys import read_keys


class RelyingParties:
    """The applications that may ask who somebody is. Who may register, the caller decides."""

    def __init__(self, audit: AuditLog, clock: Clock) -> None:
        self._audit = audit
        self._clock = clock

    def register(self, session: Session, application: Application, by: Actor) -> Application:
        """Register an application that `read_registration` has returned; raises `Conflict`."""
        now = self._clock.now()
        self._audit.lock_chain(session)
        row = RelyingParty(
            client_id=application.client_id,
            name=application.name,
            auth_method=application.auth_method,
            signature_algorithm=application.signature_algorithm,
            jwks=application.jwks,
            tls_name=vars(application.tls_name) if application.tls_name else None,
            redirect_uris=list(application.redirect_uris),
            post_logout_redirect_uris=list(application.post_logout_redirect_uris),
            logout_url=application.logout_url,
            kinds=list(application.audience.kinds),
            roles=list(application.audience.roles),
            unit_classes=list(application.audience.unit_classes),
            everybody=application.audience.everybody,
            registered_at=now,
            keys_changed_at=now,
        )
        insert_or_conflict(session, row, Conflict("relying-party-exists", field="client_id"))
        self._record(session, "application.registered", application.client_id, by)
        return _application(row)

    def rotate(
        self, session: Session, client_id: str, key_documents: Sequence[bytes], by: Actor
    ) -> Application:
        """Let only these keys count from now on; raises `NotFound`, `Invalid`.

        An application that changes its key without a gap gives both, and later
        the new one alone.
        """
        jwks = read_keys(key_documents)
        self._audit.lock_chain(session)
        application = self.get(session, client_id)
        if application.auth_method != "private_key_jwt":
            raise Invalid("relying-party-has-no-keys", field="keys")
        session.execute(
            update(RelyingParty)
            .where(RelyingParty.client_id == client_id)
            .values(jwks=jwks, keys_changed_at=self._clock.now())
        )
        session.expire_all()
        changed = self.get(session, client_id)
        keys = ",".join(changed.key_names)
        self._record(session, "application.keys_changed", client_id, by, keys)
        return changed

    def remove(self, session: Session, client_id: str, by: Actor) -> None:
        """Forget an application and everything it was given; raises `NotFound`.

        Its tokens are worth nothing from this moment on, and an application
        that is registered under its name later inherits none.
        """
        self._audit.lock_chain(session)
        self.get(session, client_id)
        for table, column in (
            (Grant, Grant.client_id),
            (UsedAssertion, UsedAssertion.client_id),
            (Participation, Participation.party),
            (RelyingParty, RelyingParty.client_id),
        ):
            session.execute(delete(table).where(column == client_id))
        self._record(session, "application.removed", client_id, by)

    def find(self, session: Session, unverified_client_id: str) -> Application | None:
        """Return the application of this identifier, or None."""
        if not is_client_id(unverified_client_id):
            # Nor does a database see what it could stumble over.
            return None
        row = session.get(RelyingParty, unverified_client_id)
        return None if row is None else _application(row)

    def get(self, session: Session, unverified_client_id: str) -> Application:
        """Return the application of this identifier; raises `NotFound`."""
        found = self.find(session, unverified_client_id)
        if found is None:
            raise NotFound("relying-party-not-found")
        return found

    def all(self, session: Session) -> list[Application]:
        """Return every application by its identifier; there are few."""
        rows = session.scalars(select(RelyingParty).order_by(RelyingParty.client_id))
        return [_application(row) for row in rows]

    def _record(
        self, session: Session, action: str, client_id: str, by: Actor, keys: str = ""
    ) -> None:
        facts = {"keys": keys} if keys else {}
        draft = AuditDraft(action, by, f"application:{client_id}", "done", facts)
        self._audit.record_all(session, [draft])


def _application(row: RelyingParty) -> Application:
    tls_name = row.tls_name
    return Application(
        client_id=row.client_id,
        name=row.name,
        auth_method=cast(AuthMethod, row.auth_method),
        signature_algorithm=cast(TokenAlgorithm, row.signature_algorithm),
        jwks=row.jwks,
        tls_name=TlsName(cast(TlsField, tls_name["field"]), tls_name["value"])
        if tls_name
        else None,
        redirect_uris=tuple(row.redirect_uris),
        post_logout_redirect_uris=tuple(row.post_logout_redirect_uris),
        logout_url=row.logout_url,
        audience=Audience(
            row.everybody, tuple(row.kinds), tuple(row.roles), tuple(row.unit_classes)
        ),
        registered_at=row.registered_at,
        keys_changed_at=row.keys_changed_at,
    )
