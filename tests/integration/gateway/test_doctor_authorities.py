"""The doctor says in time that an authority ends (issue 3, part 3)."""

from datetime import timedelta

from gateway.doctor.authority_checks import check_authorities
from tests.support.bureau import Bureau


def verdicts(bureau: Bureau) -> dict[object, tuple[str, str]]:
    return {
        finding.facts["name"]: (finding.verdict, finding.outcome)
        for finding in check_authorities(bureau.house)
    }


def test_it_tells_when_certificates_are_cut_short(bureau: Bureau) -> None:
    """Units' certificates live two years, the issuing CA ten."""
    assert verdicts(bureau) == {"root": ("good", "lasting"), "issuing": ("good", "lasting")}
    bureau.clock.advance(timedelta(days=8 * 365 + 30))
    assert verdicts(bureau)["issuing"] == ("note", "ending")
    bureau.clock.advance(timedelta(days=540))
    assert verdicts(bureau)["issuing"] == ("wrong", "ending")
    assert verdicts(bureau)["root"] == ("good", "lasting")
    bureau.clock.advance(timedelta(days=20 * 365))
    assert verdicts(bureau)["root"] == ("wrong", "ending")
