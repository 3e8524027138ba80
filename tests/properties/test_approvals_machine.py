"""Whatever officers do in whatever order: no hold is lifted but by two of them.

The command line, which is the operator's, is the one way around (decision 13).
"""

import tempfile
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from foundation.audit import Actor
from foundation.errors import Conflict, Denied, Failure
from foundation.settings import Settings
from gateway.approvals import ProposalView
from policies.principal import Principal
from tests.support.bureau import OPERATOR, bureau_of
from tests.support.clock import FakeClock
from tests.support.schema import create_schema

OFFICERS = ("zhao.qiang", "sun.li", "wu.gang")
WAITS: Literal["proposed"] = "proposed"


class ApprovalsMachine(RuleBasedStateMachine):
    """Three officers, one certificate; the model is who proposed what, and when."""

    proposals = Bundle("proposals")

    @initialize()
    def make(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        url = f"sqlite:///{folder / 'certgate.db'}"
        create_schema(url)
        settings = Settings(data=folder / "data", database_url=url)
        self.opened = ExitStack()
        self.bureau = self.opened.enter_context(bureau_of(settings, FakeClock()))
        for officer in OFFICERS:
            self.bureau.register_officer(officer, "security_officer")
        unit = self.bureau.register_unit()
        self.bureau.pick_up(unit)
        self.number = unit.serial_number
        self.acts = self.bureau.house.officer_acts
        self.held = False

    @rule(officer=st.sampled_from(OFFICERS))
    def hold(self, officer: str) -> None:
        try:
            self.acts.credentials.hold(self._principal(officer), self.number, Actor(officer))
        except Conflict:
            assert self.held
        self.held = True

    @rule(target=proposals, officer=st.sampled_from(OFFICERS))
    def propose(self, officer: str) -> ProposalView | None:
        try:
            done = self.acts.credentials.release(
                self._principal(officer), self.number, Actor(officer)
            )
        except Conflict as conflict:
            code = conflict.code
            assert code == "approval-already-proposed" or not self.held
            return None
        assert isinstance(done, ProposalView)
        assert self.held
        return done

    @rule(proposal=proposals, officer=st.sampled_from(OFFICERS))
    def approve(self, proposal: ProposalView | None, officer: str) -> None:
        if proposal is None:
            return
        before = self._state(proposal)
        try:
            self.acts.approvals.approve(
                self._principal(officer), proposal.id, proposal.digest, Actor(officer)
            )
        except Failure as failure:
            code = failure.code
            if officer == proposal.proposed_by:
                assert code == "approval-own"
            else:
                assert before != WAITS or code == "approval-overtaken"
            return
        assert before == WAITS
        assert officer != proposal.proposed_by
        assert self.held
        self.held = False

    @rule(proposal=proposals, officer=st.sampled_from(OFFICERS))
    def refuse(self, proposal: ProposalView | None, officer: str) -> None:
        self._end(proposal, officer, own=False)

    @rule(proposal=proposals, officer=st.sampled_from(OFFICERS))
    def withdraw(self, proposal: ProposalView | None, officer: str) -> None:
        self._end(proposal, officer, own=True)

    @rule()
    def release_on_the_machine(self) -> None:
        house = self.bureau.house
        try:
            with house.database.writing() as session:
                house.revocation.release(session, self.number, OPERATOR)
        except Conflict:
            assert not self.held
        self.held = False

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.bureau.clock.advance(timedelta(hours=hours))
        self.acts.sweep()

    @invariant()
    def the_record_is_the_model(self) -> None:
        if hasattr(self, "held"):
            with self.bureau.house.database.reading() as session:
                state = self.bureau.house.credentials.get(session, self.number).certificate.state
            assert state == ("on_hold" if self.held else "good")

    def teardown(self) -> None:
        if hasattr(self, "bureau"):
            self.opened.close()
            self.folder.cleanup()

    def _end(self, proposal: ProposalView | None, officer: str, *, own: bool) -> None:
        if proposal is None:
            return
        before, principal, by = self._state(proposal), self._principal(officer), Actor(officer)
        approvals = self.acts.approvals
        try:
            with self.bureau.house.database.writing() as session:
                if own:
                    approvals.withdraw(session, principal, proposal.id, by)
                else:
                    approvals.refuse(session, principal, proposal.id, "no", by)
        except Denied:
            assert (officer == proposal.proposed_by) != own
        except Conflict:
            assert before != WAITS
        else:
            assert before == WAITS

    def _state(self, proposal: ProposalView) -> str:
        with self.bureau.house.database.reading() as session:
            principal = self._principal(proposal.proposed_by)
            return self.acts.approvals.get(session, principal, proposal.id).state

    def _principal(self, officer: str) -> Principal:
        with self.bureau.house.database.reading() as session:
            return self.bureau.house.enrollment.principals.principal_for(session, officer)


ApprovalsMachine.TestCase.settings = settings(
    max_examples=8,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestApprovals = pytest.mark.slow(ApprovalsMachine.TestCase)
