"""A unit renews its certificate in the browser, without JavaScript, on both databases."""

import re
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from enrollment.slips.issued_slip import IssuedSlip
from tests.support.bureau import NEW_PASSWORD, Bureau, Visitor
from tests.support.renewing import LIFETIME, new_key, request_for

CHINESE = {"accept-language": "zh"}
SECRET = re.compile(r'<code class="code-value large">([^<]+)</code>')


@pytest.fixture
def slip(bureau: Bureau) -> IssuedSlip:
    return bureau.register_unit()


@pytest.fixture
def person(bureau: Bureau, slip: IssuedSlip) -> Visitor:
    """Somebody of the unit, logged in thirty days before the end of the certificate."""
    visitor = bureau.arrive(slip)
    let_pass(bureau, LIFETIME - timedelta(days=30))
    assert visitor.log_in(slip.username, NEW_PASSWORD).status_code == 201
    return visitor


def let_pass(bureau: Bureau, time: timedelta) -> None:
    bureau.clock.advance(time)
    bureau.house.certification.refresh_crls()


def submit(visitor: Visitor, action: str, **fields: str) -> Any:
    """Post a form as a browser does, with the token of the page."""
    return visitor.submit(action, fields, "/renewal")


def come_with(bureau: Bureau, certificate: x509.Certificate, slip: IssuedSlip) -> Visitor:
    (issuing, *_) = bureau.house.certification.issuer_certificates()
    chain = tuple(each.public_bytes(Encoding.DER) for each in (certificate, issuing))
    visitor = bureau.visitor(chain)
    assert "续期后的新证书" in visitor.get("/login", headers=CHINESE).text
    assert visitor.log_in(slip.username, NEW_PASSWORD).status_code == 201
    return visitor


def test_the_home_says_how_many_days_are_left_and_where_to_go(
    bureau: Bureau, slip: IssuedSlip
) -> None:
    visitor = bureau.arrive(slip)
    assert "/renewal" not in visitor.get("/tasks").text
    let_pass(bureau, LIFETIME - timedelta(days=30))
    assert visitor.log_in(slip.username, NEW_PASSWORD).status_code == 201
    home = visitor.get("/tasks", headers=CHINESE).text
    assert "您的证书还有 30 天到期" in home
    assert 'href="/renewal"' in home
    assert "expires in 30 days" in visitor.get("/tasks", headers={"accept-language": "en"}).text
    assert "还有 30 天到期" not in visitor.get("/password", headers=CHINESE).text


def test_an_officer_sees_the_notice_on_the_first_console(bureau: Bureau) -> None:
    visitor = bureau.arrive(bureau.register_officer("zhang.wei", "review_officer"))
    assert "/renewal" not in visitor.get("/officer/reviews").text
    let_pass(bureau, timedelta(days=365 - 5))
    assert visitor.log_in("zhang.wei", NEW_PASSWORD).status_code == 201
    assert "您的证书还有 5 天到期" in visitor.get("/officer/reviews", headers=CHINESE).text


def test_too_early_the_page_says_from_when_on(bureau: Bureau, slip: IssuedSlip) -> None:
    visitor = bureau.arrive(slip)
    page = visitor.get("/renewal", headers=CHINESE)
    assert page.status_code == 200
    assert "现在还不能续期" in page.text
    assert 'name="choice"' not in page.text


def test_a_file_is_made_downloaded_and_used(
    bureau: Bureau, person: Visitor, slip: IssuedSlip
) -> None:
    made = submit(person, "/renewal", choice="modern", password=NEW_PASSWORD)
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    secret = SECRET.search(made.text)
    assert secret is not None

    page = person.get("/renewal").text
    assert secret[1] not in page
    file = submit(person, "/renewal/download")
    assert file.headers["content-type"] == "application/x-pkcs12"
    assert (
        file.headers["content-disposition"]
        == f'attachment; filename="certgate-{slip.username}.p12"'
    )
    bundle = load_pkcs12(file.content, secret[1].encode())
    assert bundle.cert is not None

    come_with(bureau, bundle.cert.certificate, slip)
    assert person.get("/renewal").status_code == 403
    assert person.get("/api/v1/session").json()["type"].endswith("/certificate-revoked")


def test_an_own_key_is_certified(bureau: Bureau, person: Visitor, slip: IssuedSlip) -> None:
    key = new_key()
    pem = x509.load_der_x509_csr(request_for(key)).public_bytes(Encoding.PEM).decode()
    answer = submit(
        person,
        "/renewal",
        choice="request",
        csr=pem.replace("\n", "\r\n"),
        password=NEW_PASSWORD,
    )
    assert answer.headers["content-type"] == "application/pem-certificate-chain"
    certificate, _ = x509.load_pem_x509_certificates(answer.content)
    assert certificate.public_key() == key.public_key()
    come_with(bureau, certificate, slip)


@pytest.mark.parametrize(
    ("fields", "status", "shown"),
    [
        ({"choice": "modern", "password": "wrong"}, 422, "密码不正确"),
        ({"choice": "modern"}, 422, "密码不正确"),
        ({"password": NEW_PASSWORD}, 422, "新证书的形式"),
        ({"choice": "ancient", "password": NEW_PASSWORD}, 422, "新证书的形式"),
        ({"choice": "request", "password": NEW_PASSWORD}, 422, "证书申请"),
        ({"choice": "request", "csr": "nonsense", "password": NEW_PASSWORD}, 422, "证书申请"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    person: Visitor, fields: dict[str, str], status: int, shown: str
) -> None:
    person.headers.update(CHINESE)
    answer = submit(person, "/renewal", **fields)
    assert answer.status_code == status
    summary = re.search(r'<div class="error-summary".*?</div>', answer.text, re.DOTALL)
    assert summary is not None
    assert shown in summary[0]
    assert NEW_PASSWORD not in answer.text
    assert 'name="choice"' in person.get("/renewal").text, "nothing was made"


def test_guessing_the_password_here_is_throttled_like_the_login(person: Visitor) -> None:
    for _ in range(3):
        assert submit(person, "/renewal", choice="modern", password="wrong").status_code == 422
    assert submit(person, "/renewal", choice="modern", password=NEW_PASSWORD).status_code == 429


def test_a_lost_password_is_answered_by_discarding(person: Visitor) -> None:
    assert submit(person, "/renewal", choice="modern", password=NEW_PASSWORD).status_code == 200
    assert submit(person, "/renewal", choice="modern", password=NEW_PASSWORD).status_code == 409
    assert submit(person, "/renewal/discard", password="wrong").status_code == 422
    discarded = submit(person, "/renewal/discard", password=NEW_PASSWORD)
    assert (discarded.status_code, discarded.headers["location"]) == (303, "/renewal")
    assert submit(person, "/renewal/download").status_code == 404
    assert submit(person, "/renewal", choice="modern", password=NEW_PASSWORD).status_code == 200


def test_another_site_renews_nothing(person: Visitor) -> None:
    form = {"choice": "modern", "password": NEW_PASSWORD}
    assert person.post("/renewal", data=form).status_code == 403
    person.headers["origin"] = "https://evil.example"
    assert submit(person, "/renewal", **form).status_code == 403


def test_without_a_session_the_page_is_closed(bureau: Bureau, slip: IssuedSlip) -> None:
    visitor = bureau.visitor(bureau.pick_up(slip))
    assert visitor.get("/renewal").headers["location"] == "/login"
    assert bureau.visitor().get("/renewal").status_code == 403
