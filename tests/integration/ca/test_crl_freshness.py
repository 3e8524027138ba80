"""An alarm rings long before a CRL is over, for every scope (issue 3, part 5)."""

from datetime import timedelta

from structlog.testing import capture_logs

from ca.crl import CrlPublication
from ca.crl.freshness import Freshness, find_freshness, scopes_of
from ca.crl.shards import DEFAULT_SHARDS
from ca.crl.storing import withdraw_crls
from tests.support.revocation import CRL_VALIDITY, RULES, RevocableCa

DAY = timedelta(days=1)


def _found(revocable: RevocableCa, issuer: str = "issuing") -> list[Freshness]:
    scopes = scopes_of(issuer, "root", DEFAULT_SHARDS)
    with revocable.database.reading() as session:
        return find_freshness(session, issuer, scopes, revocable.ca.clock.now())


def test_every_scope_is_looked_at(revocable: RevocableCa) -> None:
    assert {crl.name for crl in _found(revocable)} == {
        "issuing",
        *(f"issuing/{number}" for number in range(DEFAULT_SHARDS)),
    }
    assert [crl.name for crl in _found(revocable, "root")] == ["root"]
    assert {crl.left for crl in _found(revocable)} == {CRL_VALIDITY}


def test_the_one_with_the_least_left_comes_first(revocable: RevocableCa) -> None:
    revocable.ca.clock.advance(DAY)
    issued = revocable.issue()
    revocable.revoke(issued.serial_number)
    own = f"issuing/{int(issued.serial_number, 16) % DEFAULT_SHARDS}"
    found = _found(revocable)
    assert {crl.name for crl in found[-2:]} == {"issuing", own}
    assert found[0].left == CRL_VALIDITY - DAY


def test_a_missing_one_alarms_however_short_the_alarm(revocable: RevocableCa) -> None:
    with revocable.database.writing() as session:
        withdraw_crls(session, "issuing", "9")
    first = _found(revocable)[0]
    assert (first.name, first.left) == ("issuing/9", None)
    assert first.alarms(timedelta(0))


def test_an_alarm_rings_below_its_limit_only(revocable: RevocableCa) -> None:
    revocable.ca.clock.advance(CRL_VALIDITY - 2 * DAY)
    assert not any(crl.alarms(2 * DAY) for crl in _found(revocable))
    revocable.ca.clock.advance(seconds=1)
    assert all(crl.alarms(2 * DAY) for crl in _found(revocable))


def test_the_job_logs_what_it_could_not_renew(revocable: RevocableCa) -> None:
    """As when the refresh was set too late, or a clock runs away."""
    late = CrlPublication(
        authorities=revocable.ca.hierarchy,
        audit=revocable.ca.audit,
        clock=revocable.ca.clock,
        rules=RULES.__class__(
            pki_url=RULES.pki_url, validity=CRL_VALIDITY, refresh_after=CRL_VALIDITY, alarm=2 * DAY
        ),
    )
    revocable.ca.clock.advance(CRL_VALIDITY - DAY)
    with capture_logs() as logs:
        assert late.refresh_due(revocable.database) == ()
    rung = {entry["crl"] for entry in logs if entry["event"] == "crl_alarm"}
    assert rung >= {"root", "issuing", "issuing/0", f"issuing/{DEFAULT_SHARDS - 1}"}
