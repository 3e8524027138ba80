"""Two security officers at a bureau, and what they propose to one another."""

from dataclasses import dataclass
from typing import Any

from enrollment.slips.issuing import IssuedSlip
from policies.principal import Principal
from tests.support.bureau import Bureau, Visitor

FIRST, SECOND = "zhao.qiang", "sun.li"


@dataclass(frozen=True)
class TwoOfficers:
    """A unit whose certificate is picked up, and two officers who are logged in."""

    bureau: Bureau
    first: Visitor
    second: Visitor
    unit: IssuedSlip

    @property
    def certificate(self) -> str:
        """The path of the unit's certificate."""
        return f"/api/v1/certificates/{self.unit.serial_number}"

    def state(self) -> str:
        """The state on record of the unit's certificate."""
        return str(self.first.get(self.certificate).json()["state"])

    def propose_release(self, note: str = "") -> Any:
        """Hold, and let the first officer propose the release; return the proposal."""
        assert self.first.post(f"{self.certificate}/hold").status_code == 200
        answer = self.first.post(f"{self.certificate}/release", json={"note": note})
        assert answer.status_code == 202, answer.text
        return answer.json()

    def principal(self, username: str) -> Principal:
        """Return who somebody is, as the database has it."""
        with self.bureau.house.database.reading() as session:
            return self.bureau.house.enrollment.principals.principal_for(session, username)


def approve(visitor: Visitor, proposal: Any) -> Any:
    """Approve what the proposal shows."""
    body = {"digest": proposal["digest"]}
    return visitor.post(f"/api/v1/approvals/{proposal['id']}/approve", json=body)


def two_officers(bureau: Bureau) -> TwoOfficers:
    """Return them."""
    unit = bureau.register_unit()
    bureau.pick_up(unit)
    first = bureau.arrive(bureau.register_officer(FIRST, "security_officer"))
    second = bureau.arrive(bureau.register_officer(SECOND, "security_officer"))
    return TwoOfficers(bureau, first, second, unit)
