"""Whatever is done in whatever order: records, CRL, OCSP and the verifier say the same.

Once revoked, never good again (RFC 5280 section 5.3.1: only a hold can be lifted).
"""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.ocsp import OCSPCertStatus
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from ca.reasons import REASONS
from ca.revocation import RevocationRecord
from foundation.database import Database
from foundation.errors import Conflict, Denied
from tests.support.certification import OPERATOR, SERVER_NAMES
from tests.support.revocation import CRL_VALIDITY, RevocableCa, make_revocable
from tests.support.schema import create_schema

PREPARED, ABANDONED = "prepared", "abandoned"
GOOD, HELD, REVOKED = "good", "on_hold", "revoked"
FINAL_REASONS = [reason for reason in REASONS if reason != "certificateHold"]


class RevocationMachine(RuleBasedStateMachine):
    """Acts on a few certificates; the model is a dictionary of states."""

    numbers = Bundle("numbers")

    @initialize()
    def make(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        url = f"sqlite:///{Path(self.folder.name) / 'certgate.db'}"
        create_schema(url)
        self.database = Database(url)
        self.revocable: RevocableCa = make_revocable(self.database, Path(self.folder.name))
        self.states: dict[str, str] = {}
        self.certificates: dict[str, x509.Certificate] = {}
        self.epoch = 0
        self.crl_number = 0

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
        moves = {PREPARED: ABANDONED, GOOD: REVOKED, HELD: REVOKED}
        self._act(lambda: self.revocable.revoke(number, reason), number, moves)

    @rule(number=numbers)
    def hold(self, number: str) -> None:
        self._act(lambda: self.revocable.hold(number), number, {GOOD: HELD})

    @rule(number=numbers)
    def release(self, number: str) -> None:
        self._act(lambda: self.revocable.release(number), number, {HELD: GOOD})

    @rule(hours=st.integers(1, 72))
    def wait(self, hours: int) -> None:
        self._let_pass(timedelta(hours=hours))

    @rule()
    def wait_for_the_next_crl(self) -> None:
        before = self.revocable.crl()
        self._let_pass(CRL_VALIDITY / 2)
        assert self.revocable.crl() != before

    @invariant()
    def all_say_the_same(self) -> None:
        for number, certificate in getattr(self, "certificates", {}).items():
            is_good = self.states[number] == GOOD
            assert self.revocable.state_of(number) == self.states[number]
            assert (self.revocable.listed(number) is None) == is_good
            status = self.revocable.ask(number).certificate_status
            assert status is (OCSPCertStatus.GOOD if is_good else OCSPCertStatus.REVOKED)
            assert self._is_let_in(certificate) == is_good

    @invariant()
    def what_was_never_issued_is_unknown(self) -> None:
        for number, state in getattr(self, "states", {}).items():
            if state in (PREPARED, ABANDONED):
                status = self.revocable.ask(number).certificate_status
                assert status is OCSPCertStatus.UNKNOWN
                assert self.revocable.listed(number) is None

    @invariant()
    def crl_numbers_never_fall(self) -> None:
        if hasattr(self, "states"):
            crl = self.revocable.crl()
            number = crl.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
            assert number >= self.crl_number
            self.crl_number = number

    def teardown(self) -> None:
        if hasattr(self, "database"):
            self.database.dispose()
            self.folder.cleanup()

    def _act(self, act: Callable[[], RevocationRecord], number: str, moves: dict[str, str]) -> None:
        before = self.states[number]
        try:
            done = act()
        except Conflict:
            assert before not in moves
            return
        assert done.state == moves[before]
        assert done.epoch == self.epoch + 1
        self.states[number], self.epoch = done.state, done.epoch

    def _let_pass(self, delta: timedelta) -> None:
        """Move on, with the jobs that run meanwhile."""
        ca = self.revocable.ca
        ca.clock.advance(delta)
        self.revocable.crls.refresh_due(self.database)
        ca.store.renew_services(ca.hierarchy, SERVER_NAMES, OPERATOR)

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
