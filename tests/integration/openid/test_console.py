"""Administrators see the applications and may end one; nobody else does (ACT-05)."""

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select

from foundation.audit import AuditEntry
from tests.support.bureau import Bureau, Visitor

KEY = ECKey.generate_key("P-256")
REGISTRATION = {
    "client_id": "statements",
    "name": "对账单",
    "redirect_uris": ["https://app.example/callback"],
    "jwks": {"keys": [{**KEY.as_dict(private=False), "kid": "first"}]},
    "kinds": ["unit"],
    "unit_classes": ["vip"],
}


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Pages, not storage."""
    return str(request.param)


@pytest.fixture
def administrator(bureau: Bureau) -> Visitor:
    return bureau.arrive(bureau.register_officer("zhou.ming", "administrator"))


def test_an_application_s_life_in_the_api_and_on_pages(
    bureau: Bureau, administrator: Visitor
) -> None:
    assert "尚未登记任何应用" in administrator.get("/officer/applications").text
    made = administrator.post("/api/v1/applications", json=REGISTRATION)
    assert (made.status_code, made.json()["keys"]) == (201, ["first"])
    again = administrator.post("/api/v1/applications", json=REGISTRATION)
    assert again.status_code == 409
    new = {"keys": [{**KEY.as_dict(private=False), "kid": "second"}]}
    changed = administrator.put("/api/v1/applications/statements/keys", json=new)
    assert changed.json()["keys"] == ["second"]
    assert administrator.get("/api/v1/applications").json()["items"] == [changed.json()]

    listed = administrator.get("/officer/applications", headers={"accept-language": "en"}).text
    assert "对账单" in listed
    assert "its own key" in listed
    page = administrator.get("/officer/applications/statements").text
    assert "https://app.example/callback" in page
    here = "/officer/applications/statements"
    wrong = administrator.submit(f"{here}/remove", {"confirm_name": "statement"}, here)
    assert wrong.status_code == 422
    right = administrator.submit(f"{here}/remove", {"confirm_name": "statements"}, here)
    assert right.status_code == 303
    assert administrator.get("/api/v1/applications/statements").status_code == 404
    with bureau.house.database.reading() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.subject == "application:statements")
        ).all()
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("application.registered", "zhou.ming"),
        ("application.keys_changed", "zhou.ming"),
        ("application.removed", "zhou.ming"),
    ]


def test_a_bad_registration_names_its_field(administrator: Visitor) -> None:
    for changed, field in (
        ({"redirect_uris": ["http://app.example/"]}, "redirect_uris"),
        ({"jwks": {"keys": [KEY.as_dict(private=True)]}}, "keys"),
        ({"jwks": None, "tls_client_auth": {"subject_dn": "nobody"}}, "subject_dn"),
        ({"kinds": ["units"]}, "kinds"),
    ):
        answer = administrator.post("/api/v1/applications", json={**REGISTRATION, **changed})
        assert answer.status_code == 422, field
        assert answer.json()["errors"][0]["field"] == field


def test_nobody_else_sees_or_ends_an_application(bureau: Bureau, administrator: Visitor) -> None:
    administrator.post("/api/v1/applications", json=REGISTRATION)
    unit = bureau.arrive(bureau.register_unit())
    security = bureau.arrive(bureau.register_officer("he.jing", "security_officer"))
    local = bureau.arrive(
        bureau.register_officer("local.admin", "administrator", district="wuchang")
    )
    for visitor in (unit, security):
        for path in ("/api/v1/applications", "/api/v1/applications/statements"):
            assert visitor.get(path).status_code == 403
        assert visitor.get("/officer/applications").status_code == 403
    for visitor in (unit, security, local):
        assert visitor.post("/api/v1/applications", json=REGISTRATION).status_code == 403
        assert visitor.delete("/api/v1/applications/statements").status_code == 403
    assert "移除应用" not in local.get("/officer/applications/statements").text
    assert administrator.delete("/api/v1/applications/statements").status_code == 204
