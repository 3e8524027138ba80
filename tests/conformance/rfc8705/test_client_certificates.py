"""RFC 8705: applications that authenticate by certificate, and tokens bound to it."""

import pytest

from foundation.errors import Invalid
from tests.support.bureau import OPERATOR, PORTAL, Visitor
from tests.support.relying_party import LoginHouse, Party, who_is


@pytest.fixture(scope="module")
def machine(house: LoginHouse) -> LoginHouse:
    """Who calls: for the RFC any certificate of the CA will do, here another subscriber's."""
    return LoginHouse.of_another(house)


@pytest.fixture(scope="module")
def party(house: LoginHouse, machine: LoginHouse) -> Party:
    return house.certified_party("payroll", machine.chain[0])


def caller(house: LoginHouse, chain: tuple[bytes, ...]) -> Visitor:
    """A program at the portal door: a certificate and no session."""
    return house.bureau.visitor(chain)


def test_the_registered_subject_gets_a_bound_token(
    house: LoginHouse, machine: LoginHouse, party: Party
) -> None:
    """Sections 2.1 and 3: good with the certificate it was asked for with, and no other."""
    door = caller(house, machine.chain)
    answer = party.exchange(door, party.code(house.unit), client_id="payroll")
    assert answer.status_code == 200
    token = answer.json()["access_token"]
    assert who_is(door, token).json()["sub"] == house.username
    assert who_is(caller(house, house.chain), token).status_code == 401
    without = who_is(house.public, token)
    assert without.status_code == 401
    assert 'error="invalid_token"' in without.headers["www-authenticate"]


def test_another_certificate_is_another_client(house: LoginHouse, party: Party) -> None:
    """Section 2.1: whoever issued it; and the code is not used up by the attempt."""
    code = party.code(house.unit)
    answer = party.exchange(caller(house, house.chain), code, client_id="payroll")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_a_name_without_a_certificate_is_nobody(house: LoginHouse, party: Party) -> None:
    """Section 2: on the public door there is none."""
    answer = party.exchange(house.public, party.code(house.unit), client_id="payroll")
    assert answer.json()["error"] == "invalid_client"


def test_the_portal_door_without_a_certificate_says_it_in_the_words_of_oauth(
    house: LoginHouse, party: Party
) -> None:
    nobody = house.bureau.visitor()
    answer = party.exchange(nobody, party.code(house.unit), client_id="payroll")
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_client"})
    info = who_is(nobody, "x")
    assert (info.status_code, info.json()) == (401, {"error": "invalid_token"})


def test_one_method_is_registered_and_no_other_counts(
    house: LoginHouse, machine: LoginHouse, party: Party
) -> None:
    """Section 2: the weaker of two is never the one that counts."""
    signs = house.party("signs")
    door = caller(house, machine.chain)
    by_name = signs.exchange(door, signs.code(house.unit), client_id="signs")
    assert by_name.json()["error"] == "invalid_client"
    by_key = party.exchange(door, party.code(house.unit))
    assert by_key.json()["error"] == "invalid_client"


def test_who_signs_and_shows_a_certificate_gets_a_bound_token_too(
    house: LoginHouse, machine: LoginHouse
) -> None:
    """Section 3 holds for any method; section 5 names where."""
    signs = house.party("signs-and-shows")
    metadata = house.public.get("/.well-known/openid-configuration").json()
    alias = metadata["mtls_endpoint_aliases"]["token_endpoint"].removeprefix(PORTAL)
    door = caller(house, machine.chain)
    token = door.post(alias, data=signs.form(signs.code(house.unit))).json()["access_token"]
    assert who_is(door, token).status_code == 200
    assert who_is(house.public, token).status_code == 401
    plain = signs.exchange(house.public, signs.code(house.unit)).json()["access_token"]
    assert who_is(house.public, plain).status_code == 200


def test_a_revoked_certificate_authenticates_nobody(house: LoginHouse) -> None:
    """Section 7.4: and its tokens are worth nothing, although the subscriber's session lives."""
    machine = LoginHouse.of_another(house)
    party = house.certified_party("stolen", machine.chain[0])
    door = caller(house, machine.chain)
    token = party.exchange(door, party.code(house.unit), client_id="stolen").json()["access_token"]
    assert who_is(door, token).status_code == 200
    serial_number = house.bureau.house.certification.verifier.verify(machine.chain).serial_number
    with house.bureau.house.database.writing() as session:
        house.bureau.house.revocation.revoke(session, serial_number, "keyCompromise", OPERATOR)
    assert who_is(door, token).status_code == 401
    answer = party.exchange(door, party.code(house.unit), client_id="stolen")
    assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject_dn", ""),
        ("subject_dn", "not a name"),
        ("subject_dn", "CN="),
        ("san_dns", "ä.example"),
        ("san_ip", "300.1.1.1"),
        ("san_email", "ü@example"),
        ("serial", "1"),
        ("", ""),
    ],
)
def test_a_name_that_no_certificate_has_is_not_registered(
    house: LoginHouse, field: str, value: str
) -> None:
    """Section 2.1.2."""
    with pytest.raises(Invalid):
        house.register(
            "nameless",
            redirect_uris=["https://app.example/"],
            tls_names=[(field, value)],
            everybody=True,
        )


def test_exactly_one_name_or_keys(house: LoginHouse) -> None:
    """Section 2.1.2: a client MUST use exactly one of them."""
    one = ("subject_dn", "CN=one")
    for fields in (
        {},
        {"tls_names": [one, ("san_dns", "one.example")]},
        {"tls_names": [one], "key_documents": [b"x"]},
    ):
        with pytest.raises(Invalid, match="relying-party-authentication-unclear"):
            house.register(
                "unclear", redirect_uris=["https://app.example/"], everybody=True, **fields
            )
