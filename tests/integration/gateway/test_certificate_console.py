"""The page of one certificate, the filter over all, and what is taken away (issue 3, part 9)."""

import csv
import io

import pytest
from cryptography import x509

from tests.support.answers import code_of
from tests.support.bureau import Bureau
from tests.support.officers import two_officers


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Pages, not storage: what they ask of it is shown on both databases elsewhere."""
    return str(request.param)


def test_everything_about_a_certificate_is_on_its_page(bureau: Bureau) -> None:
    both = two_officers(bureau)
    here = f"/security/certificates/{both.unit.serial_number}"
    page = both.first.get(here).text
    for words in ("ECDSA P-256", "基本约束", "关键", "吊销列表地址", "公钥指纹", "证书签发"):
        assert words in page
    file = both.first.get(f"{here}/pem")
    assert file.headers["content-disposition"].endswith(f'"{both.unit.serial_number}.pem"')
    certificate = x509.load_pem_x509_certificate(file.content)
    assert f"{certificate.serial_number:X}" == both.unit.serial_number
    unissued = bureau.register_officer("wu.gang", "auditor").serial_number
    assert both.first.get(f"/security/certificates/{unissued}").status_code == 200
    assert both.first.get(f"/security/certificates/{unissued}/pem").status_code == 404
    assert both.first.get("/security/certificates/4142/pem").status_code == 404


def test_a_release_is_proposed_by_page_and_an_officer_alone_is_told_what_to_do(
    bureau: Bureau,
) -> None:
    both = two_officers(bureau)
    here = f"/security/certificates/{both.unit.serial_number}"
    assert both.first.submit(f"{here}/hold", {}).status_code == 200
    too_long = both.first.submit(f"{here}/release", {"note": "x" * 501})
    assert too_long.status_code == 422
    proposed = both.first.submit(f"{here}/release", {"note": "已核实"})
    assert proposed.status_code == 303
    own = both.first.get(proposed.headers["location"]).text
    assert "等待另一名安全管理员批准" in own
    assert "批准并恢复证书" not in own
    forged = both.first.submit(f"{proposed.headers['location']}/approve", {"digest": "0" * 64})
    assert forged.status_code == 403
    refused = both.second.submit(f"{proposed.headers['location']}/refuse", {"reason": ""})
    assert refused.status_code == 422
    assert both.first.submit(f"{proposed.headers['location']}/withdraw", {}).status_code == 303
    answer = both.first.post(f"{both.certificate}/release").json()
    assert answer["page"] == f"/security/approvals/{answer['id']}"
    assert "另一名安全管理员" in answer["detail"]


@pytest.mark.parametrize(
    ("date", "code"),
    [("2099-01-01", "invalidity-date-in-future"), ("yesterday", "moment-malformed")],
)
def test_a_bad_invalidity_date_is_a_clear_field_error(bureau: Bureau, date: str, code: str) -> None:
    """RFC 5280 section 5.3.2."""
    both = two_officers(bureau)
    body = {"reason": "keyCompromise", "invalidity_date": date}
    answer = both.first.post(f"{both.certificate}/revoke", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "invalidity_date")
    assert code_of(answer) == code
    here = f"/security/certificates/{both.unit.serial_number}/revoke"
    form = {**body, "confirm_name": both.unit.display_name}
    page = both.first.submit(here, form)
    assert page.status_code == 422
    assert 'href="#invalidity_date"' in page.text
    held = {"reason": "certificateHold", "invalidity_date": "2026-01-01"}
    refused = both.first.post(f"{both.certificate}/revoke", json=held)
    assert code_of(refused) == "invalidity-date-with-hold"
    assert both.state() == "good"
    done = both.first.submit(here, {**form, "invalidity_date": "2026-01-01"})
    assert done.status_code == 200
    assert both.first.get(both.certificate).json()["invalidity_date"] == "2025-12-31T16:00:00Z"


def test_the_filter_finds_and_the_sheet_holds_what_it_found(bureau: Bureau) -> None:
    both = two_officers(bureau)
    formula = bureau.register_unit("=HYPERLINK(江城)", "91420102MA4L7Q3E2H")
    api = "/api/v1/certificates"
    number = both.unit.serial_number

    def found(**conditions: str) -> list[str]:
        items = both.first.get(api, params=conditions).json()["items"]
        return [item["serial_number"] for item in items]

    assert found(q=number[:8]) == [number]
    assert found(q="江城精密", state="good") == [number]
    assert found(state="reserved") == [formula.serial_number]
    assert found(profile="unit", expires_before="2027-06-01") == []
    assert found(state="expired") == []
    key = both.first.get(both.certificate).json()["spki_sha256"]
    assert found(q=key) == found(key_sha256=key.lower()) == [number]
    wrong = both.first.get(api, params={"issued_from": "x", "state": "y"})
    assert (wrong.status_code, len(wrong.json()["errors"])) == (422, 2)
    page = both.first.get("/security/certificates", params={"issued_from": "x"})
    assert page.status_code == 422
    assert 'href="#issued_from"' in page.text

    sheet = both.first.get(f"{api}/export", params={"profile": "unit"})
    assert sheet.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"), newline="")))
    assert {row[0] for row in rows[1:]} == {number, formula.serial_number}
    assert {row[1] for row in rows[1:]} == {both.unit.display_name, "'=HYPERLINK(江城)"}
    assert both.first.get("/security/certificates/export").status_code == 200
    auditor = bureau.arrive(bureau.register_officer("liu.yang", "auditor"))
    assert auditor.get(f"{api}/export").status_code == 403
    log = auditor.get("/officer/audit", params={"subject": "certificate:*"}).text
    assert "profile=unit" in log


@pytest.mark.parametrize("odd", ["\0", "%00", "'; DROP TABLE certificates; --", "\u202e", "9" * 60])
def test_no_text_from_outside_is_a_fault(bureau: Bureau, odd: str) -> None:
    """Bad input is never a 5xx; PostgreSQL knows no NUL."""
    both = two_officers(bureau)
    run = both.first.post("/api/v1/bulk-revocations/dry-runs", json={"profile": "unit"}).json()
    rows = f"/api/v1/bulk-revocations/dry-runs/{run['id']}/certificates"
    for name in ("q", "state", "profile", "issuer", "key_type", "district", "after", "key_sha256"):
        for path in ("/api/v1/certificates", "/security/certificates"):
            assert both.first.get(path, params={name: odd}).status_code < 500, (path, name)
    assert both.first.get(rows, params={"verdict": odd}).status_code < 500
    order = {"dry_run": run["id"], "reason": odd, "note": odd, "invalidity_date": odd}
    for body in (order, {**order, "reason": "superseded", "invalidity_date": ""}):
        assert both.first.post("/api/v1/bulk-revocations", json=body).status_code < 500
    both.first.post(f"{both.certificate}/hold")
    assert both.first.post(f"{both.certificate}/release", json={"note": odd}).status_code < 500
    list_of = "/api/v1/bulk-revocations/dry-runs/list"
    named = both.first.post(list_of, params={"name": odd}, content=odd.encode())
    assert named.status_code < 500


def test_programs_find_every_call_described(bureau: Bureau) -> None:
    both = two_officers(bureau)
    paths = both.first.get("/api/openapi.json").json()["paths"]
    for path in ("certificates/export", "approvals/{proposal_id}/approve", "bulk-revocations"):
        assert f"/api/v1/{path}" in paths
    filters = {each["name"] for each in paths["/api/v1/certificates"]["get"]["parameters"]}
    assert {"q", "state", "profile", "expires_before", "after"} <= filters
