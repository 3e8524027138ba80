"""Whatever is done in whatever order: records, CRLs, OCSP and the verifier say the same.

Once revoked, never good again (RFC 5280 section 5.3.1: only a hold can be
lifted). The CRL of the shard a certificate points at, the full CRL together
with its delta, OCSP and the table of certificates agree after every act, while
the full CRL grows past the length from which deltas are published, while
certificates expire, and after the stored CRLs were lost in a restore.
"""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.ocsp import OCSPCertStatus
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from ca.crl.scopes import DELTA, FULL, scope_of
from ca.crl.storing import withdraw_crls
from ca.reasons import HOLD, REASONS, reason_flag
from ca.records import get_record
from ca.revocation import RevocationRecord
from foundation.database import Database
from foundation.errors import Conflict, Denied
from tests.support.certification import OPERATOR, SERVER_NAMES
from tests.support.crls import Listing, listing, newest_crl, number_of, present_listing
from tests.support.revocation import (
    CRL_VALIDITY,
    RULES,
    SECURITY_OFFICER,
    RevocableCa,
    make_revocable,
)
from tests.support.schema import create_schema

PREPARED, ABANDONED = "prepared", "abandoned"
GOOD, HELD, REVOKED = "good", "on_hold", "revoked"
FINAL_REASONS = [reason for reason in REASONS if reason != HOLD]
REVOKE = {PREPARED: ABANDONED, GOOD: REVOKED, HELD: REVOKED}
HOLD_MOVES = {GOOD: HELD}


class RevocationMachine(RuleBasedStateMachine):
    """Acts on a few certificates; the model is a dictionary of states."""

    numbers = Bundle("numbers")

    @initialize()
    def make(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'certgate.db'}"
        create_schema(url)
        self.database = Database(url)
        # Deltas from three entries on.
        self.revocable: RevocableCa = make_revocable(
            self.database, Path(self.folder.name), rules=replace(RULES, full_in_act=2)
        )
        self.states: dict[str, str] = {}
        self.certificates: dict[str, x509.Certificate] = {}
        # What every CRL has to say of a certificate: when, why, since when.
        self.said: dict[str, tuple[object, ...]] = {}
        self.epoch = 0
        self.crl_numbers: dict[str, int] = {}

    @rule(target=numbers)
    def prepare(self) -> str:
        serial_number, _ = self.revocable.ca.prepare()
        self.states[serial_number] = PREPARED
        return serial_number

    @rule(target=numbers)
    def issue(self) -> str:
        issued = self.revocable.issue()
        self.states[issued.serial_number] = GOOD
        self.certificates[issued.serial_number] = issued.certificate
        return issued.serial_number

    @rule(number=numbers)
    def complete(self, number: str) -> None:
        try:
            certificate = self.revocable.ca.issuance.complete(self.database, number, OPERATOR)
        except Conflict:
            assert self.states[number] not in (PREPARED, GOOD)
        else:
            assert self.states[number] in (PREPARED, GOOD)
            assert self.certificates.setdefault(number, certificate) == certificate
            self.states[number] = GOOD

    @rule(number=numbers, reason=st.sampled_from(FINAL_REASONS))
    def revoke(self, number: str, reason: str) -> None:
        self._act(lambda: self.revocable.revoke(number, reason), number, REVOKE)

    @rule(number=numbers, hours=st.integers(0, 10_000))
    def revoke_since(self, number: str, hours: int) -> None:
        since = self.revocable.ca.clock.now().replace(microsecond=0) - timedelta(hours=hours)

        def act() -> RevocationRecord:
            with self.database.writing() as session:
                return self.revocable.revocation.revoke(
                    session, number, "keyCompromise", SECURITY_OFFICER, since
                )

        self._act(act, number, REVOKE, since)

    @rule(number=numbers)
    def hold(self, number: str) -> None:
        self._act(lambda: self.revocable.hold(number), number, HOLD_MOVES)

    @rule(number=numbers)
    def release(self, number: str) -> None:
        self._act(lambda: self.revocable.release(number), number, {HELD: GOOD})

    @rule(numbers=st.lists(numbers, max_size=6), reason=st.sampled_from(REASONS))
    def revoke_all(self, numbers: list[str], reason: str) -> None:
        moves = HOLD_MOVES if reason == HOLD else REVOKE
        hit = {number for number in numbers if self.states[number] in moves}
        with self.database.writing() as session:
            done = self.revocable.revocation.revoke_all(
                session, [*numbers, "4142"], reason, SECURITY_OFFICER
            )
        assert {record.serial_number for record in done.revoked} == hit
        assert {number for number, _ in done.skipped} == {*numbers, "4142"} - hit
        for record in done.revoked:
            assert record.state == moves[self.states[record.serial_number]]
            assert record.epoch == self.epoch + 1
            self._note(record)
        self.epoch += bool(hit)

    @rule(hours=st.integers(1, 72))
    def wait(self, hours: int) -> None:
        self._let_pass(timedelta(hours=hours))

    @rule()
    def wait_for_the_next_crl(self) -> None:
        before = self.revocable.crl()
        self._let_pass(CRL_VALIDITY / 2)
        assert self.revocable.crl() != before

    @rule()
    def lose_the_crls(self) -> None:
        """As a restore does, before the first job."""
        with self.database.writing() as session:
            for issuer in ("root", "issuing"):
                withdraw_crls(session, issuer)
        self.revocable.crls.refresh_due(self.database)

    @invariant()
    def all_say_the_same(self) -> None:
        for number, certificate in getattr(self, "certificates", {}).items():
            is_good = self.states[number] == GOOD
            assert self.revocable.state_of(number) == self.states[number]
            status = self.revocable.ask(number).certificate_status
            assert status is (OCSPCertStatus.GOOD if is_good else OCSPCertStatus.REVOKED)
            assert self._is_let_in(certificate) == is_good

    @invariant()
    def every_crl_says_the_same(self) -> None:
        if not hasattr(self, "certificates"):
            return
        expected: Listing = {int(number, 16): said for number, said in self.said.items()}
        with self.database.reading() as session:
            # The full CRL with its delta.
            assert present_listing(session, "issuing") == expected
            # Each shard, and the shards together.
            parts: Listing = {}
            for scope in self._shards():
                part = newest_crl(session, "issuing", scope)
                assert part is not None
                parts |= listing(part)
            assert parts == expected

    @invariant()
    def what_was_never_issued_is_unknown(self) -> None:
        for number, state in getattr(self, "states", {}).items():
            if state in (PREPARED, ABANDONED):
                status = self.revocable.ask(number).certificate_status
                assert status is OCSPCertStatus.UNKNOWN
                assert number not in self.said

    @invariant()
    def crl_numbers_never_fall(self) -> None:
        if not hasattr(self, "states"):
            return
        with self.database.reading() as session:
            for scope in (FULL, DELTA, *self._shards()):
                crl = newest_crl(session, "issuing", scope)
                if crl is not None:
                    assert number_of(crl) >= self.crl_numbers.get(scope, 0)
                    self.crl_numbers[scope] = number_of(crl)

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.dispose()
            self.folder.cleanup()

    def _act(
        self,
        act: Callable[[], RevocationRecord],
        number: str,
        moves: dict[str, str],
        since: datetime | None = None,
    ) -> None:
        before = self.states[number]
        try:
            done = act()
        except Conflict:
            assert before not in moves
            return
        assert done.state == moves[before]
        assert done.epoch == self.epoch + 1
        self.epoch = done.epoch
        self._note(done, since)

    def _note(self, done: RevocationRecord, since: datetime | None = None) -> None:
        self.states[done.serial_number] = done.state
        if done.state in (HELD, REVOKED):
            at = done.at.replace(microsecond=0)
            self.said[done.serial_number] = (at, reason_flag(done.reason), since)
        else:
            self.said.pop(done.serial_number, None)

    def _let_pass(self, delta: timedelta) -> None:
        """Move on, with the jobs that run meanwhile."""
        ca = self.revocable.ca
        ca.clock.advance(delta)
        self.revocable.crls.refresh_due(self.database)
        ca.store.renew_services(ca.hierarchy, SERVER_NAMES, OPERATOR)

    def _shards(self) -> set[str]:
        with self.database.reading() as session:
            return {scope_of(get_record(session, number).crl_shard) for number in self.certificates}

    def _is_let_in(self, certificate: x509.Certificate) -> bool:
        try:
            self.revocable.verify(certificate)
        except Denied as refused:
            if refused.code != "certificate-revoked":
                raise
            return False
        return True


RevocationMachine.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestRevocation = pytest.mark.slow(RevocationMachine.TestCase)
