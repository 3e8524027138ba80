"""What may be registered of an application, and whom it is for."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OctKey, RSAKey

from foundation.errors import Invalid
from gateway.openid.registration import Audience, RegistrationForm, read_registration
from gateway.openid.registration.keys import read_keys
from policies.principal import Principal

KEY = ECKey.generate_key("P-256")
OTHER_KEY = ECKey.generate_key("P-384")
PUBLIC_PEM = KEY.as_pem(private=False)


def form(**changed: Any) -> RegistrationForm:
    usual: dict[str, Any] = {
        "client_id": "statements",
        "redirect_uris": ["https://app.example/callback"],
        "key_documents": [PUBLIC_PEM],
        "everybody": True,
    }
    return RegistrationForm(**{**usual, **changed})


def test_a_whole_form_is_an_application() -> None:
    application = read_registration(form(name=" 对账单 ", logout_url="http://[::1]:9100/bye?x=1"))
    assert application.name == "对账单"
    assert application.auth_method == "private_key_jwt"
    assert application.key_names == [KEY.thumbprint()]
    document = application.as_document()
    assert document["logout_url"] == "http://[::1]:9100/bye?x=1"
    assert str(KEY.as_dict(private=False)["x"]) not in json.dumps(document)


@pytest.mark.parametrize(
    "client_id",
    ["", "a", "ab", "A-b", "-ab", "ab-", "a b", "a/b", "a" * 65, "社保", "a\0b", "ab\n", "../up"],
)
def test_an_identifier_has_nothing_to_escape(client_id: str) -> None:
    with pytest.raises(Invalid, match="relying-party-id-malformed"):
        read_registration(form(client_id=client_id))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "app.example/callback",
        "//app.example/callback",
        "https:///callback",
        "https:app.example",
        "http://app.example/callback",
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "ftp://app.example/",
        "javascript:alert(1)",
        "app:/callback",
        "https://app.example/callback#f",
        "https://app.example/callback#",
        "https://user@app.example/",
        "https://user:pass@app.example/",
        "https://app.example\\@evil.example/",
        "https://app.example/ callback",
        "https://app.example/\tcallback",
        "https://app.example/\ncallback",
        "https://app.example/<script>",
        'https://app.example/"',
        "https://app.example:0/",
        "https://app.example:99999/",
        "https://app.example:x/",
        "https://[::1/",
        "https://社保.example/",
        "https://app.example/" + "x" * 512,
    ],
)
@pytest.mark.parametrize("field", ["redirect_uris", "post_logout_redirect_uris", "logout_url"])
def test_an_address_is_one_that_a_browser_reads_as_we_do(url: str, field: str) -> None:
    """RFC 9700 2.1; RFC 6749 3.1.2: absolute, no fragment, TLS."""
    if url == "" and field == "logout_url":
        assert read_registration(form(logout_url="")).logout_url is None
        return
    with pytest.raises(Invalid, match="relying-party-url-refused"):
        read_registration(form(**{field: url if field == "logout_url" else [url]}))


@pytest.mark.parametrize(
    "url",
    ["http://localhost:9000/x", "http://127.0.0.9/x", "https://app.example:8443/a/b?c=%20d&e"],
)
def test_plain_http_is_for_this_machine_only(url: str) -> None:
    """RFC 8252 7.3."""
    assert read_registration(form(redirect_uris=[url])).redirect_uris == (url,)


def test_there_is_a_redirect_address_and_not_too_many() -> None:
    with pytest.raises(Invalid, match="relying-party-redirect-missing"):
        read_registration(form(redirect_uris=[]))
    many = [f"https://app.example/{number}" for number in range(17)]
    with pytest.raises(Invalid, match="relying-party-too-many"):
        read_registration(form(redirect_uris=many))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "ES512", ""])
def test_id_tokens_are_signed_by_known_algorithms(algorithm: str) -> None:
    with pytest.raises(Invalid, match="relying-party-value-unknown"):
        read_registration(form(signature_algorithm=algorithm))


# -- keys ---------------------------------------------------------------------------------------


def test_keys_come_in_three_forms_and_keep_their_names() -> None:
    """RFC 7517 4, 5; RFC 7638 for those without a name."""
    jwks = json.dumps(
        {"keys": [{**KEY.as_dict(private=False), "kid": "first", "use": "sig", "alg": "ES256"}]}
    )
    found = read_keys([jwks.encode(), OTHER_KEY.as_pem(private=False)])["keys"]
    assert [key["kid"] for key in found] == ["first", OTHER_KEY.thumbprint()]
    assert all(key["use"] == "sig" for key in found)


# By name: what is drawn anew in each process cannot name a test.
PRIVATE = {
    "pem": KEY.as_pem(private=True),
    "jwk": json.dumps(KEY.as_dict(private=True)).encode(),
    "jwks": json.dumps({"keys": [RSAKey.generate_key(2048).as_dict(private=True)]}).encode(),
    "secret": json.dumps(OctKey.generate_key(256).as_dict(private=True)).encode(),
}


@pytest.mark.parametrize("form_of_it", PRIVATE)
def test_a_private_key_is_refused_by_name(form_of_it: str) -> None:
    """Whoever sends one has lost it."""
    with pytest.raises(Invalid, match="relying-party-key-private"):
        read_keys([PRIVATE[form_of_it]])


def pem(key: Any) -> bytes:
    octets: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return octets


NO_KEYS = {
    "empty": b"",
    "text": b"no key",
    "null": b"null",
    "list": b"[]",
    "no-keys": b'{"keys": []}',
    "keys-an-object": b'{"keys": {}}',
    "a-text-as-key": b'{"keys": ["x"]}',
    "a-number-as-keys": b'{"keys": 7}',
    "off-the-curve": b'{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}',
    "secret-without-value": b'{"kty": "oct"}',
    "deep": b"[" * 5000,
    "not-utf-8": b"\xff\xfe",
    "broken-pem": b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    "broken-certificate": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "large": b'{"keys":[' + b" " * 70_000,
    "name-a-list": json.dumps({**KEY.as_dict(private=False), "kid": ["x"]}).encode(),
    "name-too-long": json.dumps({**KEY.as_dict(private=False), "kid": "k" * 129}).encode(),
    "ed25519": pem(ed25519.Ed25519PrivateKey.generate()),
    "p-521": pem(ec.generate_private_key(ec.SECP521R1())),
    "secp256k1": pem(ec.generate_private_key(ec.SECP256K1())),
    "rsa-1024": pem(rsa.generate_private_key(65537, 1024)),  # noqa: S505 - refused
}


@pytest.mark.parametrize("what", NO_KEYS)
def test_what_is_no_key_for_signatures_is_refused(what: str) -> None:
    with pytest.raises(Invalid):
        read_keys([NO_KEYS[what]])


def test_two_keys_have_two_names_and_there_are_not_too_many() -> None:
    with pytest.raises(Invalid, match="relying-party-key-twice"):
        read_keys([PUBLIC_PEM, PUBLIC_PEM])
    many = [ECKey.generate_key("P-256").as_pem(private=False) for _ in range(9)]
    with pytest.raises(Invalid, match="relying-party-key-refused"):
        read_keys(many)


# -- whom it is for -----------------------------------------------------------------------------

VIP = Principal("wh000001", "江城", "unit", unit_class="vip")
ORDINARY = Principal("wh000002", "东湖", "unit", unit_class="ordinary")
AUDITOR = Principal("liu.yang", "刘洋", "officer", roles=frozenset({"auditor"}))
REVIEWER = Principal("chen.jie", "陈杰", "officer", roles=frozenset({"review_officer"}))
PERSON = Principal("p1", "王芳", "person")
ALL = (VIP, ORDINARY, AUDITOR, REVIEWER, PERSON)


@pytest.mark.parametrize(
    ("audience", "included"),
    [
        (Audience(), ()),
        (Audience(everybody=True), ALL),
        (Audience(kinds=("unit",)), (VIP, ORDINARY)),
        (Audience(kinds=("unit", "person")), (VIP, ORDINARY, PERSON)),
        (Audience(unit_classes=("vip",)), (VIP,)),
        (Audience(roles=("auditor",)), (AUDITOR,)),
        (Audience(roles=("auditor", "review_officer")), (AUDITOR, REVIEWER)),
        (Audience(kinds=("officer",), roles=("auditor",)), (AUDITOR,)),
        (Audience(kinds=("unit",), roles=("auditor",)), ()),
        (Audience(kinds=("unit",), unit_classes=("ordinary",)), (ORDINARY,)),
    ],
)
def test_all_conditions_hold_and_no_condition_is_nobody(
    audience: Audience, included: tuple[Principal, ...]
) -> None:
    assert tuple(each for each in ALL if audience.includes(each)) == included


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"everybody": False}, "relying-party-for-nobody"),
        ({"kinds": ["unit"]}, "relying-party-for-everybody-or-some"),
        ({"everybody": False, "kinds": ["units"]}, "relying-party-value-unknown"),
        ({"everybody": False, "roles": ["root"]}, "relying-party-value-unknown"),
        ({"everybody": False, "unit_classes": ["VIP"]}, "relying-party-value-unknown"),
    ],
)
def test_a_registration_says_for_whom(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid, match=code):
        read_registration(form(**changed))
