"""A backup from before a revocation comes back: the whole house (issue 3, part 7)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from starlette.testclient import TestClient

from ca.journal.crl_source import CrlRefused
from ca.journal.unreconciled import AUDIT_LOG_CUT
from foundation.settings import Settings
from gateway.backup import make_backup, restore_backup
from gateway.composition.ground import lay_ground
from gateway.composition.house import build_house
from gateway.composition.initialisation import ensure_initialised
from gateway.doctor.audit_checks import check_audit
from gateway.doctor.finding import Finding
from gateway.doctor.journal_checks import check_revocations
from tests.support.answers import code_of
from tests.support.audit_log import cut
from tests.support.bureau import NEW_PASSWORD, OPERATOR, Bureau

Restore = Callable[[Path | None], Bureau]


@pytest.fixture
def backup(bureau: Bureau, tmp_path: Path) -> Path:
    """The backup that later comes back."""
    return tmp_path / "backup.tar"


@pytest.fixture
def restore(
    bureau: Bureau,
    backup: Path,
    database_kind: str,
    tmp_path: Path,
    postgresql_databases: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Restore:
    """Bring the backup back, with a journal or without, and open the house."""

    def bring_back(journal: Path | None) -> Bureau:
        if database_kind == "postgresql":
            monkeypatch.setenv("CERTGATE_DATABASE_URL", postgresql_databases("template0"))
        home = tmp_path / "restored"
        (home / "keys").mkdir(parents=True)
        home.chmod(0o700)
        passphrase = (data_of(bureau) / "keys" / "passphrase").read_bytes()
        (home / "keys" / "passphrase").write_bytes(passphrase)
        restore_backup(backup, home, OPERATOR, journal=journal, clock=bureau.clock)
        ground = lay_ground(Settings.load(home), clock=bureau.clock)
        request.addfinalizer(ground.database.dispose)
        ensure_initialised(ground, OPERATOR)
        house = build_house(ground)
        return Bureau(house, bureau.clock)

    return bring_back


def data_of(bureau: Bureau) -> Path:
    return bureau.house.ground.settings.data


def journal_of(bureau: Bureau) -> Path:
    return data_of(bureau) / "revocations.journal"


def full_crl(bureau: Bureau) -> bytes:
    content: bytes = TestClient(bureau.pki).get("/crl/issuing.crl").content
    return content


def revoke(bureau: Bureau, serial_number: str) -> None:
    with bureau.house.database.writing() as session:
        bureau.house.revocation.revoke(session, serial_number, "keyCompromise", OPERATOR)


def outcomes(findings: list[Finding], check: str) -> set[str]:
    return {finding.outcome for finding in findings if finding.check == check}


def wrong(findings: list[Finding]) -> list[str]:
    return [f"{each.check}.{each.outcome}" for each in findings if each.verdict == "wrong"]


def test_with_its_journal_a_stolen_certificate_stays_dead(
    bureau: Bureau, backup: Path, restore: Restore
) -> None:
    slip, other = bureau.register_unit(), bureau.register_officer("li.hong", "auditor")
    chain, colleague = bureau.pick_up(slip), bureau.pick_up(other)
    bureau.visitor(chain).log_in(slip.username, slip.initial_password)
    make_backup(bureau.house.ground, backup, OPERATOR)
    revoke(bureau, slip.serial_number)

    back = restore(journal_of(bureau))
    settled = back.house.settlement.settle(OPERATOR)

    assert (settled.standing, settled.reconciled.revoked) == ("known", 1)
    assert code_of(back.visitor(chain).get("/api/v1/session")) == "certificate-revoked"
    back.visitor(colleague).log_in(other.username, other.initial_password)
    listed = x509.load_der_x509_crl(full_crl(back))
    number = int(slip.serial_number, 16)
    assert listed.get_revoked_certificate_by_serial_number(number) is not None
    assert wrong(list(check_revocations(back.house))) == []


def test_a_slip_that_was_replaced_since_yields_nothing(
    bureau: Bureau, backup: Path, restore: Restore
) -> None:
    """The number was never issued; in the past it waits to be picked up."""
    slip = bureau.register_unit()
    make_backup(bureau.house.ground, backup, OPERATOR)
    revoke(bureau, slip.serial_number)

    back = restore(journal_of(bureau))
    assert back.house.settlement.settle(OPERATOR).reconciled.abandoned == 1

    answer = TestClient(back.public).post(
        "/api/v1/pickup",
        json={"serial_number": slip.serial_number, "download_password": slip.download_password},
    )
    assert 400 <= answer.status_code < 500


def test_without_a_journal_it_works_and_says_what_it_does_not_know(
    bureau: Bureau, backup: Path, restore: Restore
) -> None:
    slip = bureau.register_unit()
    chain = bureau.pick_up(slip)
    make_backup(bureau.house.ground, backup, OPERATOR)

    back = restore(None)
    assert back.house.settlement.settle(OPERATOR).standing == "unconfirmed"

    inside = back.visitor(chain)
    inside.log_in(slip.username, slip.initial_password)
    assert inside.reset(slip.initial_password, NEW_PASSWORD).status_code == 204
    findings = list(check_revocations(back.house))
    assert outcomes(findings, "revocations") == {"unconfirmed"}
    assert wrong(findings) == []

    back.house.settlement.confirm(OPERATOR)
    assert outcomes(list(check_revocations(back.house)), "revocations") == {"known"}


def test_a_crl_that_somebody_kept_tells_what_was_revoked(
    bureau: Bureau, backup: Path, restore: Restore
) -> None:
    slip = bureau.register_unit()
    chain = bureau.pick_up(slip)
    make_backup(bureau.house.ground, backup, OPERATOR)
    bureau.clock.advance(minutes=5)
    revoke(bureau, slip.serial_number)
    lost = bureau.register_officer("zhao.qiang", "auditor")
    bureau.pick_up(lost)
    revoke(bureau, lost.serial_number)
    kept = full_crl(bureau)
    assert len(x509.load_der_x509_crl(kept)) == 2

    back = restore(None)
    back.house.settlement.settle(OPERATOR)
    told, done = back.house.settlement.reconcile_with_crl(kept, OPERATOR)

    assert told.is_full
    assert (done.revoked, done.lost) == (2, 1)
    assert code_of(back.visitor(chain).get("/api/v1/session")) == "certificate-revoked"
    assert outcomes(list(check_revocations(back.house)), "revocations") == {"known"}
    present = x509.load_der_x509_crl(full_crl(back))
    assert present.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number > (
        told.crl_number
    )
    with pytest.raises(CrlRefused):
        back.house.settlement.reconcile_with_crl(kept[:-1] + bytes([kept[-1] ^ 1]), OPERATOR)
    with pytest.raises(CrlRefused):
        back.house.settlement.reconcile_with_crl(b"no CRL", OPERATOR)


def test_a_journal_that_has_to_be_elsewhere_and_is_not_lets_nobody_in(
    bureau: Bureau, backup: Path, restore: Restore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip = bureau.register_unit()
    chain = bureau.pick_up(slip)
    make_backup(bureau.house.ground, backup, OPERATOR)
    elsewhere = tmp_path / "disk" / "journal"
    elsewhere.parent.mkdir()
    monkeypatch.setenv("CERTGATE_REVOCATION_JOURNAL", str(elsewhere))

    back = restore(None)

    assert back.house.settlement.settle(OPERATOR).standing == "closed"
    assert code_of(back.visitor(chain).get("/api/v1/session")) == "revocations-unknown"
    assert TestClient(back.pki).get("/crl/issuing.crl").status_code == 200
    assert "revocations.closed" in wrong(list(check_revocations(back.house)))

    back.house.settlement.confirm(OPERATOR)
    back.visitor(chain).log_in(slip.username, slip.initial_password)


def test_an_anchor_that_knows_more_entries_lets_nobody_in(
    bureau: Bureau, backup: Path, restore: Restore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that `restore` has brought back says so itself; one that was swapped does not."""
    anchor = tmp_path / "anchor"
    monkeypatch.setenv("CERTGATE_AUDIT_ANCHOR", str(anchor))
    make_backup(bureau.house.ground, backup, OPERATOR)
    back = restore(None)
    keeping = back.house.audit_keeping
    chain = back.pick_up(back.register_unit())
    keeping.keep()
    kept = keeping.newest()
    assert kept is not None
    assert not keeping.is_known_to_be_cut()
    assert wrong(list(check_audit(back.house))) == []
    back.register_officer("li.hong", "auditor")
    keeping.keep()

    cut(back.house.database, after=kept.size)

    assert keeping.is_known_to_be_cut()
    assert wrong(list(check_audit(back.house))) == ["audit.broken"]
    back.house.settlement.close(AUDIT_LOG_CUT, OPERATOR)
    assert code_of(back.visitor(chain).get("/api/v1/session")) == "revocations-unknown"
    assert back.house.settlement.settle(OPERATOR).problem == AUDIT_LOG_CUT

    back.house.settlement.confirm(OPERATOR)

    assert back.visitor(chain).get("/login").status_code == 200
    assert not keeping.is_known_to_be_cut()
    keeping.keep()
    assert wrong(list(check_audit(back.house))) == []
    newest = keeping.newest()
    assert newest is not None
    assert newest.origin != kept.origin
