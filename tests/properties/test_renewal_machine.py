"""Whatever is done in whatever order, nobody is left with a good certificate that is not theirs.

At most one certificate and one successor can log in, and every certificate the
CA calls good is one of the two (SP 800-63B section 5.2, RFC 7030 section 4.2.2).
"""

import tempfile
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from ca.models import CertificateRecord
from ca.serial_numbers import serial_number_of
from enrollment.models import CertificateAuthenticator, Renewal
from foundation.database import Database
from foundation.errors import Conflict, Denied
from tests.support.enrolling import NEW_PASSWORD, OFFICER, VISITOR, open_counter
from tests.support.renewing import enter_window, log_in_with, new_key, settle
from tests.support.schema import create_schema

HOLDABLE = ("good", "on_hold")


class RenewalMachine(RuleBasedStateMachine):
    """One unit in the last days of its certificate, and everybody who may act on it."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'certgate.db'}"
        create_schema(url)
        self.database = Database(url)
        self.counter = open_counter(self.database, Path(self.folder.name))
        self.slip = settle(self.counter)
        self.username = self.slip.username
        self.serials = [self.slip.serial_number]
        self.was_revoked: set[str] = set()
        enter_window(self.counter, timedelta(days=59))

    @rule()
    def renew(self) -> None:
        with suppress(Denied, Conflict):
            renewed = self.counter.services.renewal.renewals.renew(
                self._current(), new_key().public_key(), "est", VISITOR
            )
            self.serials.append(serial_number_of(renewed.certificate.serial_number))

    @rule(which=st.integers(0, 20))
    def log_in(self, which: int) -> None:
        serial = self.serials[which % len(self.serials)]
        try:
            log_in_with(self.counter, self.username, serial)
        except Denied:
            return
        assert self.counter.certificate_state(serial) in HOLDABLE
        assert serial not in self.was_revoked

    @rule(which=st.integers(0, 20))
    def revoke(self, which: int) -> None:
        serial = self.serials[which % len(self.serials)]
        with suppress(Conflict), self.database.writing() as session:
            self.counter.revocation.revoke(session, serial, "keyCompromise", OFFICER)
            self.counter.services.authenticators.certificate_revoked(session, serial, OFFICER)

    @rule(which=st.integers(0, 20), release=st.booleans())
    def hold(self, which: int, release: bool) -> None:
        serial = self.serials[which % len(self.serials)]
        act = self.counter.revocation.release if release else self.counter.revocation.hold
        with suppress(Conflict), self.database.writing() as session:
            act(session, serial, OFFICER)

    @rule(suspended=st.booleans())
    def change_standing(self, suspended: bool) -> None:
        standing = self.counter.services.standing
        with suppress(Conflict), self.database.writing() as session:
            (standing.suspend if suspended else standing.resume)(session, self.username, OFFICER)

    @rule()
    def discard(self) -> None:
        with suppress(Conflict):
            self.counter.services.renewal.renewals.discard(self._current(), VISITOR)

    @rule(days=st.sampled_from([1, 29, 30]))
    def wait(self, days: int) -> None:
        # The certificate itself is not to expire: nothing would be left to do.
        if self.counter.clock.now() + timedelta(days=days) < self._not_after():
            self.counter.clock.advance(days=days)
        self.counter.services.renewal.expiry.expire_due()

    @rule()
    def reissue(self) -> None:
        """Lose everything, and be through the first login with the new slip."""
        with suppress(Conflict):
            self.slip = self.counter.reissue(self.slip)
            services = self.counter.services
            services.pickup.redeem(
                self.slip.serial_number, self.slip.download_password, "modern", VISITOR
            )
            self.counter.log_in(self.slip)
            change = services.authenticators.prepare_change(
                self.username, self.slip.initial_password, NEW_PASSWORD, VISITOR
            )
            with self.database.writing() as session:
                services.authenticators.apply_change(session, change, VISITOR)
            self.serials.append(self.slip.serial_number)

    @invariant()
    def at_most_one_of_each_kind_can_log_in(self) -> None:
        kinds = [pending for _, pending in self._live()]
        assert len(kinds) == len(set(kinds))

    @invariant()
    def every_good_certificate_can_log_in(self) -> None:
        """No certificate is forgotten: the CA vouches for what enrollment knows, no more."""
        live = {serial for serial, _ in self._live()}
        query = select(CertificateRecord.serial_number).where(
            CertificateRecord.subscriber == self.username,
            CertificateRecord.state.in_((*HOLDABLE, "prepared", "reserved")),
        )
        with self.database.reading() as session:
            assert set(session.scalars(query)) == live

    @invariant()
    def a_successor_is_there_only_with_its_open_renewal(self) -> None:
        pending = {serial for serial, pending in self._live() if pending}
        with self.database.reading() as session:
            open_ones = session.scalars(
                select(Renewal.new_serial_number).where(Renewal.ended_at.is_(None))
            )
            assert set(open_ones) == pending

    @invariant()
    def what_was_revoked_stays_revoked(self) -> None:
        query = select(CertificateRecord.serial_number, CertificateRecord.state)
        with self.database.reading() as session:
            states = {row.serial_number: row.state for row in session.execute(query)}
        assert all(states[serial] == "revoked" for serial in self.was_revoked)
        self.was_revoked |= {serial for serial in states if states[serial] == "revoked"}

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.dispose()
            self.folder.cleanup()

    def _live(self) -> list[tuple[str, bool]]:
        query = select(
            CertificateAuthenticator.serial_number, CertificateAuthenticator.pending
        ).where(CertificateAuthenticator.ended_at.is_(None))
        with self.database.reading() as session:
            return [(row.serial_number, row.pending) for row in session.execute(query)]

    def _current(self) -> str:
        return next((serial for serial, pending in self._live() if not pending), "00" * 10)

    def _not_after(self) -> datetime:
        query = select(CertificateRecord.not_after).where(
            CertificateRecord.serial_number == self.serials[0]
        )
        with self.database.reading() as session:
            not_after = session.scalars(query).one()
        assert not_after is not None
        return not_after


RenewalMachine.TestCase.settings = settings(
    max_examples=15,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestRenewal = pytest.mark.slow(RenewalMachine.TestCase)
