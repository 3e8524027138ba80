"""The public listener leads from the slip to both certificates (DL-04 .. DL-15)."""

import re

import pytest

from tests.support.enrollment_doubles import FINGERPRINT, PASSWORD, SERIAL
from tests.unit.enrollment.web.conftest import ROOT_CERTIFICATE, Browser, Counter

HTML = {"accept-language": "zh"}
PROFILE = "2026"
GROUPED = " ".join(FINGERPRINT[at : at + 4] for at in range(0, 64, 4))


def open_pickup(public: Browser, serial: str = SERIAL, password: str = PASSWORD) -> object:
    return public.submit("/pickup", "/pickup", serial_number=serial, download_password=password)


def test_the_landing_page_names_the_platform_and_links_to_the_download(public: Browser) -> None:
    """DL-06."""
    page = public.get("/").text
    assert "武汉市社会保险公共服务平台(单位)" in page
    assert re.search(r'<a class="button primary" href="/pickup">下载数字证书</a>', page)
    assert "https://localhost:9443/" in page


def test_the_form_asks_for_the_two_values_of_the_slip(public: Browser) -> None:
    """DL-07, DL-08."""
    page = public.get("/pickup").text
    for word in ("证书序列号", "证书下载密码", "证书序号", "证书密码"):
        assert word in page


def test_the_qr_code_fills_in_the_serial_number_alone(public: Browser) -> None:
    page = public.get(f"/pickup?serial_number={SERIAL}&download_password={PASSWORD}").text
    assert f'value="{SERIAL}"' in page
    assert PASSWORD not in re.sub(r'href="[^"]*"', "", page)


def test_the_right_pair_opens_the_page_of_both_downloads(public: Browser) -> None:
    """DL-09 .. DL-11: root first, own certificate second, fingerprint to compare."""
    answer = public.submit("/pickup", "/pickup", serial_number=SERIAL, download_password=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/pickup/certificates")
    page = public.get("/pickup/certificates").text
    assert "请下载根证书和个人证书" in page
    assert page.index("下载根证书</a>") < page.index("下载个人证书</button>")
    assert GROUPED in page
    assert "自动选择证书储存" in page
    assert "导入成功" in page
    assert PASSWORD not in page


def test_the_ticket_is_a_cookie_that_scripts_and_other_sites_do_not_see(public: Browser) -> None:
    answer = public.submit("/pickup", "/pickup", serial_number=SERIAL, download_password=PASSWORD)
    cookie = answer.headers["set-cookie"].lower()
    for attribute in ("httponly", "secure", "samesite=strict", "path=/pickup"):
        assert attribute in cookie


@pytest.mark.parametrize("form", ["modern", "compatible"])
def test_the_certificate_comes_as_a_file_in_the_wanted_form(
    public: Browser, counter: Counter, form: str
) -> None:
    open_pickup(public)
    answer = public.submit("/pickup/certificates", "/pickup/certificate", format=form)
    assert answer.content == b"pkcs12"
    assert answer.headers["content-type"] == "application/x-pkcs12"
    assert 'filename="certgate-wh000001.p12"' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    assert counter.pickup.redeemed == [form]


def test_without_a_ticket_nothing_is_handed_out(public: Browser, counter: Counter) -> None:
    answer = public.submit("/pickup", "/pickup/certificate", format="modern")
    assert answer.status_code == 403
    assert "请重新填写" in answer.text
    assert counter.pickup.redeemed == []


def test_a_wrong_pair_is_refused_without_telling_which_half(public: Browser) -> None:
    wrong_password = public.submit(
        "/pickup", "/pickup", serial_number=SERIAL, download_password="WRONG"
    )
    wrong_serial = public.submit(
        "/pickup", "/pickup", serial_number="0" * 40, download_password=PASSWORD
    )
    assert wrong_password.status_code == wrong_serial.status_code == 403

    def told(html: str) -> str:
        return re.sub(r'value="[^"]*"', "", html)

    assert told(wrong_password.text) == told(wrong_serial.text)
    assert PASSWORD not in wrong_serial.text


def test_a_lock_says_when_to_try_again(public: Browser) -> None:
    """The clock stands at 17:00 in Shanghai; the lock lasts fifteen minutes."""
    answer = public.submit("/pickup", "/pickup", serial_number="LOCKED", download_password="x")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) >= 15 * 60
    assert "2027-01-04 17:15" in answer.text


def test_the_root_certificate_is_open_to_all(public: Browser) -> None:
    answer = public.get("/root.cer")
    assert answer.content == ROOT_CERTIFICATE
    assert answer.headers["content-type"] == "application/pkix-cert"
    assert "certgate-root.cer" in answer.headers["content-disposition"]


@pytest.mark.parametrize("topic", ["windows", "macos", "linux", "chrome", "edge", "firefox"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_system_and_browser_has_its_instructions(
    public: Browser, topic: str, language: str
) -> None:
    """DL-10 .. DL-15."""
    answer = public.get(f"/help/{topic}?lang={language}")
    assert answer.status_code == 200
    assert answer.text.count("<li>") > 8


def test_the_linux_commands_name_the_file_that_the_root_is_saved_as(public: Browser) -> None:
    name = re.search(r'filename="([^"]+)"', public.get("/root.cer").headers["content-disposition"])
    assert name is not None
    assert public.get("/help/linux").text.count(name[1]) >= 2


def test_old_browser_advice_is_history_not_a_requirement(public: Browser) -> None:
    """AMB-22."""
    page = public.get("/help").text
    assert "不要这样做" in page


def test_an_unknown_help_page_is_not_found(public: Browser) -> None:
    assert public.get("/help/netscape").status_code == 404


def test_the_json_twin_hands_out_the_file(public: Browser, counter: Counter) -> None:
    body = {"serial_number": SERIAL, "download_password": PASSWORD, "format": "compatible"}
    answer = public.post("/api/v1/pickup", json=body)
    assert (answer.status_code, answer.content) == (200, b"pkcs12")
    assert answer.headers["content-type"] == "application/x-pkcs12"
    assert counter.pickup.redeemed == ["compatible"]


def test_the_json_twin_refuses_with_a_problem(public: Browser) -> None:
    body = {"serial_number": SERIAL, "download_password": "WRONG"}
    answer = public.post("/api/v1/pickup", json=body)
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith("/pickup-refused")


def test_an_own_key_is_certified_without_javascript(public: Browser, counter: Counter) -> None:
    open_pickup(public)
    page = public.get("/pickup/certificates", headers=HTML).text
    assert "我已自行生成密钥" in page
    answer = public.submit(
        "/pickup/certificates", "/pickup/request", csr="-----BEGIN CERTIFICATE REQUEST-----"
    )
    assert answer.content == b"pem"
    assert answer.headers["content-type"] == "application/pem-certificate-chain"
    assert 'filename="certgate-wh000001.pem"' in answer.headers["content-disposition"]
    assert counter.pickup.redeemed == ["own-key"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_bad_request_is_shown_beside_its_field(public: Browser, language: str) -> None:
    open_pickup(public)
    public.headers["accept-language"] = language
    answer = public.submit("/pickup/certificates", "/pickup/request", csr="<script>nonsense")
    assert answer.status_code == 422
    assert '<a href="#csr">' in answer.text
    assert "&lt;script&gt;nonsense" in answer.text
    assert "<script>nonsense" not in answer.text


def test_a_slip_that_was_collected_as_a_file_says_so(public: Browser) -> None:
    open_pickup(public)
    answer = public.submit("/pickup/certificates", "/pickup/request", csr="used")
    assert answer.status_code == 409
    assert "已作为文件领取" in answer.text


def test_an_own_key_needs_the_ticket_too(public: Browser, counter: Counter) -> None:
    answer = public.submit("/pickup", "/pickup/request", csr="-----BEGIN")
    assert answer.status_code == 403
    assert counter.pickup.redeemed == []
