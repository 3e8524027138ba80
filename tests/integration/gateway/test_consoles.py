"""The consoles of administrator, auditor and security officer, as pages."""

import re
from html import unescape

import pytest

from tests.support.bureau import Bureau


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Pages, not storage: what they ask of it is shown on both databases elsewhere."""
    return str(request.param)


def test_an_administrator_registers_an_officer_and_prints_the_slip(bureau: Bureau) -> None:
    administrator = bureau.arrive(bureau.register_officer("zhou.ming", "administrator"))
    refused = administrator.submit("/officer/officers/new", {"username": "li.hong"})
    assert refused.status_code == 422
    form = {"username": "li.hong", "display_name": "李红", "roles": ["enrollment_officer"]}
    page = administrator.submit("/officer/officers/new", form)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    assert "经办人员密码条" in page.text
    slip = {
        unescape(name): unescape(value)
        for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    }
    sheet = administrator.post("/officer/slips/pdf", data=slip)
    assert sheet.content.startswith(b"%PDF-")
    again = administrator.submit("/officer/officers/new", form)
    assert again.status_code == 422
    assert "已" in again.text


def test_roles_change_by_page_and_the_last_administrator_stays(bureau: Bureau) -> None:
    administrator = bureau.arrive(bureau.register_officer("zhou.ming", "administrator"))
    bureau.register_officer("liu.yang", "auditor")
    here = "/officer/officers/liu.yang/roles"
    assert administrator.submit(here, {"roles": ["auditor", "review_officer"]}).status_code == 303
    assert 'value="review_officer" checked' in administrator.get("/officer/officers/liu.yang").text
    own = administrator.submit("/officer/officers/zhou.ming/roles", {"roles": ["auditor"]})
    assert own.status_code == 409
    assert administrator.get("/officer/officers").status_code == 200


def test_an_officer_s_credential_is_replaced_once_the_name_is_typed(bureau: Bureau) -> None:
    administrator = bureau.arrive(bureau.register_officer("zhou.ming", "administrator"))
    old = bureau.register_officer("li.hong", "enrollment_officer")
    lost = bureau.arrive(old)
    here = "/officer/officers/li.hong"
    form = {"reason": "keyCompromise"}
    assert administrator.submit(f"{here}/reissue", form).status_code == 409
    assert lost.get("/officer/units").status_code == 200
    page = administrator.submit(f"{here}/reissue", {**form, "confirm_name": "li.hong"})
    assert "经办人员密码条" in page.text
    assert lost.get("/officer/units").status_code == 403


def test_an_auditor_reads_and_verifies_the_log(bureau: Bureau) -> None:
    auditor = bureau.arrive(bureau.register_officer("liu.yang", "auditor"))
    log = auditor.get("/officer/audit", params={"actor": "liu.yang"})
    assert "session.started" in log.text
    assert "certificate.issued" not in log.text
    older = auditor.get("/officer/audit", params={"before": 5})
    assert "session.started" not in older.text
    bureau.house.audit_keeping.keep()
    verification = auditor.get("/officer/audit/verification").text
    assert "日志完整" in verification
    assert "1 个签名检查点" in verification


def test_a_security_officer_types_the_name_before_revoking(bureau: Bureau) -> None:
    slip = bureau.register_unit()
    bureau.pick_up(slip)
    officer = bureau.arrive(bureau.register_officer("zhao.qiang", "security_officer"))
    assert slip.username in officer.get("/security/certificates", params={"q": "江城"}).text
    here = f"/security/certificates/{slip.serial_number}"
    form = {"confirm_name": slip.display_name, "reason": "keyCompromise"}
    wrong = officer.submit(f"{here}/revoke", {**form, "confirm_name": "别的单位"})
    assert wrong.status_code == 422
    assert "不一致" in wrong.text
    unreasoned = officer.submit(f"{here}/revoke", {"confirm_name": slip.display_name})
    assert unreasoned.status_code == 422
    done = officer.submit(f"{here}/revoke", form)
    assert done.status_code == 200
    assert "吊销回执" in done.text


@pytest.mark.parametrize(
    "path",
    ["/officer/officers", "/officer/audit", "/security/certificates", "/officer/units"],
)
def test_a_unit_sees_no_console(bureau: Bureau, path: str) -> None:
    unit = bureau.arrive(bureau.register_unit())
    assert unit.get(path).status_code == 403


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("administrator", "/officer/officers"),
        ("enrollment_officer", "/officer/units"),
        ("review_officer", "/officer/reviews"),
        ("security_officer", "/security/certificates"),
        ("auditor", "/officer/audit"),
    ],
)
def test_each_role_comes_home_to_its_console(bureau: Bureau, role: str, home: str) -> None:
    """LOGIN-08 for officers; every item of the navigation opens."""
    officer = bureau.arrive(bureau.register_officer("somebody", role))
    assert officer.get("/").headers["location"] == home
    page = officer.get(home)
    assert page.status_code == 200
    navigation = page.text.split('class="navigation"')[1].split("</nav>")[0]
    for path in re.findall(r'href="([^"]+)"', navigation):
        assert officer.get(path).status_code == 200, path
