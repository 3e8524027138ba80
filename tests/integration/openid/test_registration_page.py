"""The page that registers an application keeps the command's rules (docs/applications.md)."""

import html
import json
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from httpx import Response
from joserfc.jwk import ECKey
from sqlalchemy import select

from foundation.audit import AuditEntry
from tests.support.bureau import Bureau, Visitor
from tests.support.weak_rsa import close_primes

HERE = "/officer/applications"
NEW = f"{HERE}/-new"
KEY, OTHER_KEY = ECKey.generate_key("P-256"), ECKey.generate_key("P-384")
PEM, OTHER_PEM = (key.as_pem(private=False).decode() for key in (KEY, OTHER_KEY))
WEAK_PEM = (
    close_primes()
    .public_key()
    .public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
TYPED: dict[str, Any] = {
    "client_id": " statements ",
    "application_name": "对账单",
    "redirect_uris": "https://app.example/callback\r\n\r\nhttps://app.example/second\r\n",
    "post_logout_redirect_uris": "https://app.example/bye",
    "logout_url": "https://app.example/logout",
    "keys": PEM,
    "signature_algorithm": "RS256",
    "everybody": "no",
    "kinds": ["unit"],
    "unit_classes": ["vip"],
}


MISTAKES: list[tuple[dict[str, object], str]] = [
    ({"client_id": "a"}, "client_id"),
    ({"client_id": "-new"}, "client_id"),
    ({"application_name": "x" * 129}, "application_name"),
    ({"redirect_uris": ""}, "redirect_uris"),
    ({"redirect_uris": "https://app.example/\nhttp://app.example/"}, "redirect_uris"),
    ({"redirect_uris": "javascript:alert(1)"}, "redirect_uris"),
    ({"post_logout_redirect_uris": "https://a@app.example/"}, "post_logout_redirect_uris"),
    ({"logout_url": "https://app.example/#x"}, "logout_url"),
    ({"keys": ""}, "keys"),
    ({"keys": "nonsense"}, "keys"),
    ({"keys": PEM * 9}, "keys"),
    ({"keys": PEM + PEM}, "keys"),
    ({"keys": PEM + '{"keys": []}'}, "keys"),
    ({"keys": WEAK_PEM}, "keys"),
    ({"tls_field": "san_dns", "tls_value": "app.example"}, "keys"),
    ({"keys": "", "tls_field": "san_dns"}, "tls_value"),
    ({"keys": "", "tls_value": "app.example"}, "tls_value"),
    ({"keys": "", "tls_field": "<b>", "tls_value": "app.example"}, "tls_value"),
    ({"keys": "", "tls_field": "san_ip", "tls_value": "app.example"}, "tls_value"),
    ({"signature_algorithm": "none"}, "signature_algorithm"),
    ({"everybody": ""}, "everybody"),
    ({"everybody": "yes"}, "everybody"),
    ({"kinds": [], "unit_classes": []}, "everybody"),
    ({"kinds": ["units"]}, "kinds"),
    ({"roles": ["king"]}, "roles"),
    ({"unit_classes": ["gold"]}, "unit_classes"),
]


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Pages, not storage."""
    return str(request.param)


@pytest.fixture
def administrator(bureau: Bureau) -> Visitor:
    return bureau.arrive(bureau.register_officer("zhou.ming", "administrator"))


def send(visitor: Visitor, path: str, page: str, **fields: object) -> Response:
    """Fill the form of `page` and post it to `path`."""
    return visitor.submit(path, fields, page)


def register(visitor: Visitor, **changed: object) -> Response:
    return send(visitor, NEW, NEW, **{**TYPED, **changed})


def test_what_was_typed_is_registered_and_what_to_tell_is_shown(
    bureau: Bureau, administrator: Visitor
) -> None:
    assert NEW in administrator.get(HERE).text
    made = register(administrator)
    assert (made.status_code, made.headers["location"]) == (303, f"{HERE}/statements")
    document = administrator.get("/api/v1/applications/statements").json()
    expected = {
        "client_id": "statements",
        "name": "对账单",
        "token_endpoint_auth_method": "private_key_jwt",
        "id_token_signed_response_alg": "RS256",
        "keys": [KEY.thumbprint()],
        "redirect_uris": ["https://app.example/callback", "https://app.example/second"],
        "post_logout_redirect_uris": ["https://app.example/bye"],
        "logout_url": "https://app.example/logout",
        "everybody": False,
        "kinds": ["unit"],
        "unit_classes": ["vip"],
        "roles": [],
    }
    assert expected.items() <= document.items()
    page = administrator.get(made.headers["location"]).text
    assert "https://localhost:8443/.well-known/openid-configuration" in page
    assert register(administrator).status_code == 422
    with bureau.house.database.reading() as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.subject == "application:statements")
        ).all()
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("application.registered", "zhou.ming")
    ]


def test_an_application_with_a_certificate(administrator: Visitor) -> None:
    named = {"keys": "", "tls_field": "san_dns", "tls_value": "statements.example"}
    assert register(administrator, **named).status_code == 303
    document = administrator.get("/api/v1/applications/statements").json()
    assert document["tls_name"] == {"field": "san_dns", "value": "statements.example"}
    assert f"{HERE}/statements/keys" not in administrator.get(f"{HERE}/statements").text


def test_a_mistake_is_told_at_its_field_and_the_rest_is_kept(administrator: Visitor) -> None:
    for changed, field in MISTAKES:
        answer = register(administrator, **changed)
        assert answer.status_code == 422, changed
        assert f'<a href="#{field}">' in answer.text, changed
        assert re.search(rf'<[a-z]+ [^>]*id="{field}"', answer.text), "leads somewhere"
        assert "application_name" in changed or 'value="对账单"' in answer.text
    assert administrator.get("/api/v1/applications").json()["items"] == []


def test_a_private_key_is_refused_and_never_sent_back(administrator: Visitor) -> None:
    """Whatever else is wrong with the form, and however the key is written."""
    pem = KEY.as_pem(private=True).decode()
    written = (pem, PEM + pem, json.dumps(KEY.as_dict(private=True)))
    secrets = [pem.splitlines()[1], str(KEY.as_dict(private=True)["d"])]
    for pasted in written:
        for wrong in ({}, {"client_id": ""}, {"everybody": ""}):
            answer = register(administrator, keys=pasted, **wrong)
            assert answer.status_code == 422
            text = html.unescape(answer.text)
            assert not [secret for secret in secrets if secret in text]
    assert "这是私钥" in register(administrator, keys=pem).text
    kept = register(administrator, everybody="")
    assert PEM.splitlines()[1] in html.unescape(kept.text)


def test_keys_change_without_a_gap(bureau: Bureau, administrator: Visitor) -> None:
    register(administrator)
    at, keys = f"{HERE}/statements", f"{HERE}/statements/keys"
    both = send(administrator, keys, at, keys=f"{PEM}\r\n{OTHER_PEM}")
    assert (both.status_code, both.headers["location"]) == (303, at)
    names = [KEY.thumbprint(), OTHER_KEY.thumbprint()]
    assert administrator.get("/api/v1/applications/statements").json()["keys"] == names
    for nothing in ("", "nonsense", KEY.as_pem(private=True).decode()):
        refused = send(administrator, keys, at, keys=nothing)
        assert refused.status_code == 422
        assert '<a href="#keys">' in refused.text
    assert send(administrator, keys, at, keys=OTHER_PEM).status_code == 303
    assert administrator.get("/api/v1/applications/statements").json()["keys"] == names[1:]
    assert send(administrator, f"{HERE}/nobody/keys", at, keys=PEM).status_code == 404


def test_nobody_else_has_the_form(bureau: Bureau, administrator: Visitor) -> None:
    """ACT-05: administrators of the whole city."""
    register(administrator)
    strangers = [
        bureau.arrive(bureau.register_unit()),
        bureau.arrive(bureau.register_officer("he.jing", "security_officer")),
        bureau.arrive(bureau.register_officer("local", "administrator", district="wuchang")),
    ]
    for stranger in strangers:
        assert NEW not in stranger.get(HERE).text
        assert stranger.get(NEW).status_code == 403
        for path in (NEW, f"{HERE}/statements/keys"):
            assert send(stranger, path, "/password", **TYPED).status_code == 403
    assert administrator.post(NEW, data=TYPED).status_code == 403, "without the form's token"
