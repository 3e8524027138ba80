"""A bulk revocation does exactly what its dry run showed, once (issue 3, part 7)."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from foundation.audit import Actor, verify_chain
from foundation.errors import Conflict, Invalid
from gateway.bulk_revocation import execution, read_serial_list
from gateway.bulk_revocation.execution import Order
from gateway.consoles.filter_form import FilterForm
from tests.support.answers import code_of, form_token_in
from tests.support.bureau import OPERATOR, Bureau
from tests.support.officers import FIRST, SECOND, TwoOfficers, approve, two_officers

BULK = "/api/v1/bulk-revocations"
NAMES = ("武汉两江食品有限公司", "武汉汉水物流有限公司", "武汉东湖软件有限公司")
CODES = ("91420102MA4L7Q3E2H", "91420105MA4KXX008U", "91420100303564019M")


@pytest.fixture
def both(bureau: Bureau) -> TwoOfficers:
    return two_officers(bureau)


@pytest.fixture
def issued(both: TwoOfficers) -> list[str]:
    """Serial numbers of certificates of the unit and of two others, one in another district."""
    ca = both.bureau.house.certification.issuance
    numbers = [both.unit.serial_number]
    for profile, subscriber in (("unit", both.unit.username), ("officer", SECOND)):
        with both.bureau.house.database.writing() as session:
            numbers.append(
                ca.reserve_serial(session, profile=profile, subscriber=subscriber, by=OPERATOR)  # type: ignore[arg-type]
            )
    return numbers


def dry_run(both: TwoOfficers, **criteria: str) -> Any:
    answer = both.first.post(f"{BULK}/dry-runs", json=criteria)
    assert answer.status_code == 201, answer.text
    return answer.json()


def dry_run_of(both: TwoOfficers, octets: bytes) -> Any:
    headers = {"content-type": "text/csv"}
    answer = both.first.post(f"{BULK}/dry-runs/list", content=octets, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def order(both: TwoOfficers, run: Any, **more: str) -> Any:
    return both.first.post(BULK, json={"dry_run": run["id"], "reason": "keyCompromise", **more})


def rows(both: TwoOfficers, run: Any, verdict: str) -> list[str]:
    here = f"{BULK}/dry-runs/{run['id']}/certificates"
    items = both.first.get(here, params={"verdict": verdict}).json()["items"]
    return [item["serial_number"] for item in items]


def test_a_dry_run_shows_who_would_be_hit_and_revokes_nothing(
    both: TwoOfficers, issued: list[str]
) -> None:
    run = dry_run(both, district="wuchang")
    assert sorted(rows(both, run, "hit")) == sorted(issued[:2])
    assert run["hits"] == run["verdicts"]["hit"] == 2
    assert (run["districts"], run["profiles"]) == ({"wuchang": 2}, {"unit": 2})
    assert run["district"] == "wuchang"
    assert run["security_officers_left"] == 2
    assert both.state() == "good"


def test_two_officers_revoke_what_was_shown(both: TwoOfficers, issued: list[str]) -> None:
    run = dry_run(both, profile="unit")
    later = both.bureau.register_unit(NAMES[0], CODES[0])
    proposed = order(both, run, invalidity_date="2027-01-01", note="发证点电脑失窃")
    assert proposed.status_code == 202
    content = proposed.json()["content"]
    assert (content["certificates"], content["reason"]) == (2, "keyCompromise")
    assert content["invalidity_date"] == "2026-12-31T16:00:00Z"
    assert both.state() == "good"

    done = approve(both.second, proposed.json())

    assert (done.status_code, done.json()["state"]) == (200, "executed")
    assert done.json()["outcome"]["revoked"] == 2
    assert both.state() == "revoked"
    detail = both.first.get(both.certificate).json()
    assert detail["reason"] == "keyCompromise"
    assert detail["invalidity_date"] == "2026-12-31T16:00:00Z"
    # What was issued after the dry run is not in it.
    spared = both.first.get(f"/api/v1/certificates/{later.serial_number}").json()
    assert spared["state"] == "reserved"
    with both.bureau.house.database.reading() as session:
        verify_chain(session)


def test_sessions_end_and_the_receipt_sums_up(bureau: Bureau) -> None:
    both = two_officers(bureau)
    inside = bureau.register_unit(NAMES[1], CODES[1])
    unit = bureau.arrive(inside)
    run = dry_run(both, profile="unit")
    done = approve(both.second, order(both, run).json()).json()
    assert done["outcome"]["sessions_ended"] == 1
    assert code_of(unit.get("/api/v1/session")) == "certificate-revoked"


def test_the_own_certificate_is_never_among_them(both: TwoOfficers) -> None:
    own = both.principal(FIRST).username
    run = dry_run(both, profile="officer")
    assert run["verdicts"]["own"] == 1
    held_by = both.first.get(f"{BULK}/dry-runs/{run['id']}/certificates").json()["items"]
    assert {row["verdict"] for row in held_by if row["subscriber"] == own} == {"own"}
    # The other officer's is: two officers' acts would end with it, and the page says so.
    assert run["security_officers_left"] == 1


def test_a_list_is_read_with_what_is_wrong_in_it(both: TwoOfficers, issued: list[str]) -> None:
    first = issued[0]
    shown = " ".join(first[start : start + 4] for start in range(0, len(first), 4))
    octets = f"\ufeff证书序号,备注\r\n'{shown},=1+1\r\nnonsense,\r\n\r\n{first},\r\n4242,x\r\n"
    run = dry_run_of(both, octets.encode())
    assert rows(both, run, "hit") == [first]
    assert rows(both, run, "unknown") == ["4242"]
    assert (run["malformed_count"], run["malformed"]) == (1, [{"line": 3, "text": "nonsense"}])


def test_what_cannot_be_revoked_says_why(both: TwoOfficers, issued: list[str]) -> None:
    house = both.bureau.house
    with house.database.writing() as session:
        house.revocation.revoke(session, issued[0], "superseded", OPERATOR)
        house.certification.issuance.abandon(session, issued[1], OPERATOR)
    everything = both.first.get("/api/v1/certificates").json()["items"]
    by_profile = {item["profile"]: item["serial_number"] for item in everything}
    listed = [*issued, by_profile["root"], by_profile["issuing"], by_profile["server"]]
    run = dry_run_of(both, "\n".join(listed).encode())
    assert rows(both, run, "already_revoked") == [issued[0]]
    assert rows(both, run, "abandoned") == [issued[1]]
    assert len(rows(both, run, "authority")) == 2
    assert rows(both, run, "service") == [by_profile["server"]]
    assert rows(both, run, "hit") == [issued[2]]


def test_everything_is_never_meant(both: TwoOfficers) -> None:
    refused = both.first.post(f"{BULK}/dry-runs", json={})
    assert (refused.status_code, code_of(refused)) == (422, "selection-unbounded")


@pytest.mark.parametrize(
    ("order_fields", "code"),
    [
        ({"reason": "boredom"}, "bulk-revocation-invalid"),
        ({"reason": "certificateHold"}, "bulk-revocation-invalid"),
        ({"invalidity_date": "2027-02-01"}, "bulk-revocation-invalid"),
        ({"invalidity_date": "yesterday"}, "bulk-revocation-invalid"),
    ],
)
def test_an_order_must_make_sense(
    both: TwoOfficers, order_fields: dict[str, str], code: str
) -> None:
    run = dry_run(both, profile="unit")
    refused = order(both, run, **order_fields)
    assert (refused.status_code, code_of(refused)) == (422, code)


def test_only_who_looked_proposes_and_not_for_ever(both: TwoOfficers) -> None:
    run = dry_run(both, profile="unit")
    body = {"dry_run": run["id"], "reason": "superseded"}
    assert code_of(both.second.post(BULK, json=body)) == "selection-not-yours"
    assert code_of(both.first.post(BULK, json={**body, "dry_run": 999})) == "selection-not-found"
    bulk, first = both.bureau.house.officer_acts.bulk, both.principal(FIRST)
    both.bureau.clock.advance(hours=25)
    with pytest.raises(Conflict) as refused:
        bulk.order(
            first,
            run["id"],
            reason="superseded",
            unverified_invalidity_date="",
            note="",
            by=Actor(FIRST),
        )
    assert refused.value.code == "selection-too-old"


def test_a_set_that_was_tampered_with_is_not_revoked(both: TwoOfficers, issued: list[str]) -> None:
    run = dry_run_of(both, issued[2].encode())
    proposal = order(both, run).json()
    with both.bureau.house.database.writing() as session:
        session.execute(
            text("UPDATE selected_certificates SET serial_number = :number"),
            {"number": both.unit.serial_number},
        )
    assert code_of(approve(both.second, proposal)) == "approval-overtaken"
    assert both.state() == "good"


def test_a_large_set_goes_on_after_a_crash_and_does_each_once(
    both: TwoOfficers, issued: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first chunk goes with the approval, the job does the rest, whoever runs it."""
    monkeypatch.setattr(execution, "CHUNK", 1)
    acts = both.bureau.house.officer_acts
    run = dry_run_of(both, "\n".join(issued).encode())
    proposal = order(both, run).json()
    under_way = approve(both.second, proposal).json()
    assert (under_way["state"], under_way["outcome"]["remaining"]) == ("executing", 2)

    def crash(*_: object) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(acts.execution, "progress", crash)
        with pytest.raises(RuntimeError):
            acts.sweep()
    # The chunk that was interrupted is undone as a whole.
    principal = both.principal(FIRST)
    assert acts.bulk.progress(principal, run["id"]).remaining == 2
    acts.sweep()
    acts.sweep()
    with both.bureau.house.database.reading() as session:
        done = acts.approvals.get(session, principal, proposal["id"])
        progress = acts.execution.progress(session, run["id"])
    assert (done.state, progress.revoked, progress.remaining) == ("executed", 3, 0)
    assert done.outcome is not None
    assert done.outcome["revoked"] == 3


def test_the_operator_s_way_is_the_same_chunks(both: TwoOfficers, issued: list[str]) -> None:
    acts, house = both.bureau.house.officer_acts, both.bureau.house
    with house.database.writing() as session:
        listed = read_serial_list("\n".join(issued).encode())
        view = acts.selections.by_list(session, listed, "numbers.txt", None, OPERATOR)
    progress = acts.execution.carry_out(house.database, Order(view.id, "superseded"), OPERATOR)
    assert (progress.revoked, progress.skipped, progress.remaining) == (3, {}, 0)
    again = acts.execution.carry_out(house.database, Order(view.id, "superseded"), OPERATOR)
    assert again == progress


def test_what_changed_after_the_dry_run_is_skipped_and_told(
    both: TwoOfficers, issued: list[str]
) -> None:
    run = dry_run_of(both, "\n".join(issued).encode())
    proposal = order(both, run).json()
    with both.bureau.house.database.writing() as session:
        both.bureau.house.revocation.revoke(session, issued[0], "superseded", OPERATOR)
    outcome = approve(both.second, proposal).json()["outcome"]
    assert outcome["revoked"] == 2
    assert sum(outcome["skipped"].values()) == 1
    assert both.first.get(both.certificate).json()["reason"] == "superseded"


def test_a_district_officer_hits_only_the_own_district(bureau: Bureau) -> None:
    """ACT-04: another district's numbers are as good as unknown."""
    both = two_officers(bureau)
    far = bureau.register_unit(NAMES[2], CODES[2], district="hanyang")
    local = bureau.arrive(
        bureau.register_officer("in.side", "security_officer", district="wuchang")
    )
    near = both.unit.serial_number
    octets = f"{far.serial_number}\n{near}".encode()
    headers = {"content-type": "text/csv"}
    run = local.post(f"{BULK}/dry-runs/list", content=octets, headers=headers).json()
    assert (run["hits"], run["verdicts"]["unknown"], run["district"]) == (1, 1, "wuchang")
    body = {"dry_run": run["id"], "reason": "superseded"}
    proposal = local.post(BULK, json=body).json()
    elsewhere = bureau.arrive(
        bureau.register_officer("out.side", "security_officer", district="hanyang")
    )
    assert code_of(approve(elsewhere, proposal)) == "approval-not-found"
    assert elsewhere.get(f"{BULK}/dry-runs/{run['id']}").status_code == 404
    assert approve(both.second, proposal).json()["state"] == "executed"


def test_the_pages_lead_from_the_choice_to_the_approval(both: TwoOfficers) -> None:
    assert both.first.get("/security/bulk").status_code == 200
    empty = both.first.submit("/security/bulk/criteria", {})
    assert empty.status_code == 422
    made = both.first.submit("/security/bulk/criteria", {"profile": "unit"})
    assert made.status_code == 303
    page = both.first.get(made.headers["location"])
    assert "将会吊销 1 张证书" in page.text
    here = f"{made.headers['location']}/order"
    wrong = both.first.submit(here, {"reason": "superseded", "confirm_count": "2"})
    assert wrong.status_code == 422
    assert "数量不一致" in wrong.text
    done = both.first.submit(here, {"reason": "superseded", "confirm_count": "1"})
    assert done.status_code == 303
    waiting = both.second.get("/security/approvals").text
    assert "批量吊销" in waiting
    assert 'class="badge">1' in waiting
    shown = both.second.get(done.headers["location"]).text
    digest = shown.split('name="digest" value="')[1].split('"')[0]
    approved = both.second.submit(f"{done.headers['location']}/approve", {"digest": digest})
    assert approved.status_code == 303
    assert "已执行" in both.second.get(done.headers["location"]).text
    assert both.state() == "revoked"


def test_a_file_comes_by_the_page_and_goes_as_csv(both: TwoOfficers, tmp_path: Path) -> None:
    token = form_token_in(both.first.get("/security/bulk").text)
    files = {"list": ("numbers.csv", both.unit.serial_number.encode())}
    made = both.first.post("/security/bulk/list", data={"form_token": token}, files=files)
    assert made.status_code == 303, made.text
    sheet = both.first.get(f"{made.headers['location']}/export")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert sheet.content.startswith(b"\xef\xbb\xbf")
    assert both.unit.serial_number in sheet.text
    workbook = {"list": ("numbers.xlsx", b"PK\x03\x04...")}
    refused = both.first.post("/security/bulk/list", data={"form_token": token}, files=workbook)
    assert refused.status_code == 422
    assert "Excel" in refused.text
    huge = {"list": ("numbers.txt", b"41\n" * 800_000)}
    too_large = both.first.post("/security/bulk/list", data={"form_token": token}, files=huge)
    assert too_large.status_code == 413


def test_selections_are_written_down_with_their_criteria(both: TwoOfficers) -> None:
    run = dry_run(both, profile="unit", expires_before="2030-01-01")
    assert run["criteria"] == {"profile": "unit", "expires_before": "2029-12-31T16:00:00Z"}
    assert json.dumps(run)


def test_conditions_nobody_can_meet_are_told(both: TwoOfficers) -> None:
    bulk, first = both.bureau.house.officer_acts.bulk, both.principal(FIRST)
    form = FilterForm(issued_from="2027-02-01", issued_before="2027-01-01", state="x")
    with pytest.raises(Invalid) as refused:
        bulk.dry_run(first, form, Actor(FIRST))
    assert {error.field for error in refused.value.fields} == {"issued_before", "state"}
