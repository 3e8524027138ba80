"""Login binds username, password and certificate together (LOGIN-01..05, AMB-02, AMB-03)."""

import pytest
from sqlalchemy import select

from foundation.audit import AuditEntry
from gateway.admission import SESSION_COOKIE
from tests.support.answers import code_of, form_token_in
from tests.support.bureau import NEW_PASSWORD, Bureau


def test_no_certificate_no_portal(bureau: Bureau) -> None:
    """AMB-03: the gateway always demands the certificate, whatever the path."""
    visitor = bureau.visitor()
    for path in ("/api/v1/session", "/api/v1/tasks", "/api/v1/nothing", "/api/openapi.json"):
        answer = visitor.get(path)
        assert answer.status_code == 403, path
        assert code_of(answer) == "certificate-required"
    page = visitor.get("/", headers={"accept-language": "zh"})
    assert page.status_code == 403
    assert "请先安装数字证书" in page.text


def test_first_login_leads_to_the_reset_and_nowhere_else(bureau: Bureau) -> None:
    """LOGIN-03, AMB-02: by page and by API."""
    slip = bureau.register_unit()
    visitor = bureau.visitor(bureau.pick_up(slip))
    answer = visitor.log_in(slip.username, slip.initial_password)
    assert answer.status_code == 201
    assert answer.json()["must_change_password"] is True
    for method, path in (
        ("GET", "/api/v1/tasks"),
        ("POST", "/api/v1/tasks"),
        ("GET", "/api/v1/certificates"),
        ("GET", "/api/openapi.json"),
        ("GET", "/api/v1/session/"),
        ("GET", "/api/v1/password"),
    ):
        refused = visitor.request(method, path, json={} if method == "POST" else None)
        assert refused.status_code == 403, path
        assert code_of(refused) == "password-change-required"
    page = visitor.get("/tasks")
    assert (page.status_code, page.headers["location"]) == (303, "/password")
    assert visitor.reset(slip.initial_password).status_code == 204
    assert visitor.get("/api/v1/session").json()["must_change_password"] is False
    assert visitor.get("/tasks").status_code == 200


def test_the_password_reset_ends_every_other_session(bureau: Bureau) -> None:
    slip = bureau.register_unit()
    chain = bureau.pick_up(slip)
    elsewhere, here = bureau.visitor(chain), bureau.visitor(chain)
    assert elsewhere.log_in(slip.username, slip.initial_password).status_code == 201
    assert here.log_in(slip.username, slip.initial_password).status_code == 201
    before = here.cookies[SESSION_COOKIE]
    assert here.reset(slip.initial_password).status_code == 204
    assert here.cookies[SESSION_COOKIE] != before
    assert here.get("/api/v1/session").status_code == 200
    assert elsewhere.get("/api/v1/session").status_code == 401


def test_somebody_elses_certificate_is_refused_before_any_password(bureau: Bureau) -> None:
    """AMB-03; the answer is the same for a right, a wrong and an unknown username."""
    mine = bureau.register_unit()
    other = bureau.register_unit("武汉东湖光电科技股份有限公司", "91420100707123456W")
    visitor = bureau.visitor(bureau.pick_up(mine))
    answers = [
        visitor.log_in(other.username, other.initial_password),
        visitor.log_in(other.username, "wrong"),
        visitor.log_in("nobody", "wrong"),
    ]
    assert {(answer.status_code, code_of(answer)) for answer in answers} == {
        (403, "certificate-mismatch")
    }
    assert {answer.json()["detail"] for answer in answers} == {answers[0].json()["detail"]}


def test_a_cookie_with_another_certificate_is_refused(bureau: Bureau) -> None:
    mine = bureau.register_unit()
    other = bureau.register_unit("武汉东湖光电科技股份有限公司", "91420100707123456W")
    visitor = bureau.arrive(mine)
    visitor.present(bureau.pick_up(other))
    answer = visitor.get("/api/v1/session")
    assert (answer.status_code, code_of(answer)) == (403, "certificate-mismatch")
    with bureau.house.database.reading() as session:
        refusal = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "request.refused")
        ).one()
    assert "certificate-mismatch" in refusal.facts


def test_wrong_passwords_are_throttled_and_audited(bureau: Bureau) -> None:
    slip = bureau.register_unit()
    visitor = bureau.visitor(bureau.pick_up(slip))
    statuses = [visitor.log_in(slip.username, f"wrong {n}").status_code for n in range(8)]
    assert statuses[0] == 401
    assert statuses[-1] == 429
    throttled = visitor.log_in(slip.username, slip.initial_password)
    assert int(throttled.headers["retry-after"]) >= 1
    bureau.clock.advance(hours=2)
    assert visitor.log_in(slip.username, slip.initial_password).status_code == 201


def test_a_planted_cookie_is_never_taken_over(bureau: Bureau) -> None:
    """Session fixation: login makes a new token; the planted one opens nothing."""
    slip = bureau.register_unit()
    chain = bureau.pick_up(slip)
    victim, attacker = bureau.visitor(chain), bureau.visitor(chain)
    victim.headers["cookie"] = f"{SESSION_COOKIE}=planted"
    answer = victim.log_in(slip.username, slip.initial_password)
    assert answer.status_code == 201
    assert answer.cookies[SESSION_COOKIE] != "planted"
    attacker.headers["cookie"] = f"{SESSION_COOKIE}=planted"
    assert attacker.get("/api/v1/session").status_code == 401


def test_logout_ends_the_session_on_the_server(bureau: Bureau) -> None:
    visitor = bureau.arrive(bureau.register_unit())
    token = visitor.cookies[SESSION_COOKIE]
    assert visitor.delete("/api/v1/session").status_code == 204
    visitor.cookies.set(SESSION_COOKIE, token)
    answer = visitor.get("/api/v1/session")
    assert (answer.status_code, code_of(answer)) == (401, "login-required")


@pytest.mark.parametrize("minutes", [29, 31])
def test_a_session_ends_after_thirty_idle_minutes(bureau: Bureau, minutes: int) -> None:
    visitor = bureau.arrive(bureau.register_unit())
    bureau.clock.advance(minutes=minutes)
    assert visitor.get("/api/v1/session").status_code == (200 if minutes < 30 else 401)


def test_a_session_ends_after_twelve_hours_of_use(bureau: Bureau) -> None:
    visitor = bureau.arrive(bureau.register_unit())
    for _ in range(12 * 3 - 1):
        bureau.clock.advance(minutes=20)
        assert visitor.get("/api/v1/session").status_code == 200
    bureau.clock.advance(minutes=21)
    assert visitor.get("/api/v1/session").status_code == 401


def test_a_weak_new_password_is_refused_with_reasons(bureau: Bureau) -> None:
    slip = bureau.register_unit()
    visitor = bureau.visitor(bureau.pick_up(slip))
    visitor.log_in(slip.username, slip.initial_password)
    for weak in ("short", "password123", slip.initial_password, slip.username * 3):
        answer = visitor.reset(slip.initial_password, weak)
        assert answer.status_code == 422, weak
        assert answer.json()["errors"][0]["detail"]
    assert visitor.reset("not the old one", NEW_PASSWORD).status_code == 422
    assert visitor.get("/api/v1/session").json()["must_change_password"] is True


def test_the_login_page_needs_the_form_token(bureau: Bureau) -> None:
    """Login CSRF: a form from elsewhere carries no token."""
    slip = bureau.register_unit()
    visitor = bureau.visitor(bureau.pick_up(slip))
    form = {"username": slip.username, "password": slip.initial_password}
    assert visitor.post("/login", data=form).status_code == 403
    cross = visitor.post("/login", data=form, headers={"sec-fetch-site": "cross-site"})
    assert cross.status_code == 403
    page = visitor.get("/login")
    answer = visitor.post("/login", data={**form, "form_token": form_token_in(page.text)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/password")


def test_nothing_secret_is_written_down(bureau: Bureau, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither the audit log nor standard output or error ever holds a secret."""
    slip = bureau.register_unit()
    visitor = bureau.arrive(slip)
    token = visitor.cookies[SESSION_COOKIE]
    with bureau.house.database.reading() as session:
        written = " ".join(
            f"{entry.subject} {entry.facts}" for entry in session.scalars(select(AuditEntry))
        )
    captured = capfd.readouterr()
    for secret in (slip.initial_password, slip.download_password, NEW_PASSWORD, token):
        assert secret not in written
        assert secret not in captured.out + captured.err


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("localhost:9443/login?", "malformed-request"),
        ("localhost:9443/api/v1/session#", "malformed-request"),
        ("[", "malformed-request"),
        ("", "misdirected-request"),
        ("evil.example", "misdirected-request"),
    ],
)
def test_a_crafted_host_header_opens_nothing(bureau: Bureau, host: str, code: str) -> None:
    """The forced reset cannot be talked away by a Host that looks like a path (AMB-02)."""
    slip = bureau.register_unit()
    visitor = bureau.visitor(bureau.pick_up(slip))
    visitor.log_in(slip.username, slip.initial_password)
    answer = visitor.get("/api/v1/tasks", headers={"host": host})
    assert code_of(answer) == code


def test_refusals_are_audited_once_a_minute(bureau: Bureau) -> None:
    """A refused client is on record and cannot fill the log."""
    visitor = bureau.visitor((b"no certificate at all",))
    for _ in range(5):
        assert code_of(visitor.get("/api/v1/session")) == "certificate-untrusted"
    bureau.clock.advance(minutes=1)
    visitor.get("/api/v1/session")
    with bureau.house.database.reading() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "request.refused")
        ).all()
    assert len(entries) == 2
    assert entries[0].subject.startswith("certificate-sha256:")
