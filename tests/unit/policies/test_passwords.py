"""Which new passwords are refused, and why: SP 800-63B-4 section 3.1.1.2, AMB-02."""

import pytest

from foundation.errors import Invalid
from policies.parameters import Parameters
from policies.passwords import PasswordPolicy, common_passwords, normalise_password

USERNAME = "wh000123"
OLD = "Kettle-Boat-19"


@pytest.fixture(scope="module")
def policy(parameters: Parameters) -> PasswordPolicy:
    return PasswordPolicy(parameters.passwords, common_passwords())


def refusal_of(policy: PasswordPolicy, password: str) -> list[str]:
    with pytest.raises(Invalid) as refusal:
        policy.check(password, username=USERNAME, names=["武汉江城机械公司", "李"], forbidden=[OLD])
    assert refusal.value.code == "password-refused"
    assert {error.field for error in refusal.value.fields} == {"new_password"}
    return [error.code for error in refusal.value.fields]


@pytest.mark.parametrize(
    "password",
    [
        "tin river socks",
        "all lower case letters",
        "8437261950monkey",  # a common word beside ten digits is not common
        "      a b c d e f",
        "晴川历历汉阳树芳草萋萋",
        "été à la mer chaude",
        "🦆🛶🏔️🧵🪁🎐🧊🪵🫖🧭",
        "q" * 3 + "z7" * 2 + "!w{~}\"'\\<>&;--",
        "x7!" + "k9?" * 41,
    ],
)
def test_a_long_and_uncommon_password_is_accepted(policy: PasswordPolicy, password: str) -> None:
    accepted = policy.check(password, username=USERNAME, forbidden=[OLD])
    assert accepted == normalise_password(password)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password-too-short"),
        ("tinriver9", "password-too-short"),
        ("晴川历历汉阳树芳草", "password-too-short"),
        ("tin river " * 13, "password-too-long"),
        ("ﷺ" * 20, "password-too-long"),  # 20 code points, 360 once normalised
        ("qwertyuiop", "password-common"),
        ("QwertyUiop", "password-common"),
        ("password2024", "password-common"),
        ("!Password12!", "password-common"),
        ("government", "password-common"),
        ("wuhanshebao1", "password-common"),
        ("CertGate2026", "password-common"),
        ("社保社保社保社保社保", "password-common"),
        ("aaaaaaaaaaaa", "password-predictable"),
        ("aBcDaBcDaBcD", "password-predictable"),
        ("6789:;<=>?@", "password-predictable"),
        ("kjihgfedcba", "password-predictable"),
        (f"{USERNAME}-Zq7!", "password-contains-name"),
        (f"{USERNAME.upper()}-Zq7!", "password-contains-name"),
        ("我爱武汉江城机械公司呀", "password-contains-name"),
        (OLD, "password-same"),
        ("Ｋettle-Boat-19", "password-same"),
        ("tin\x00river socks", "password-unprintable"),
        ("tin\nriver socks", "password-unprintable"),
        ("tin\ud800river socks", "password-unprintable"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(
    policy: PasswordPolicy, password: str, code: str
) -> None:
    assert code in refusal_of(policy, password)


def test_every_reason_is_given_at_once(policy: PasswordPolicy) -> None:
    assert refusal_of(policy, "aaaaaa") == [
        "password-too-short",
        "password-common",
        "password-predictable",
    ]


def test_the_bounds_themselves_are_accepted(policy: PasswordPolicy) -> None:
    assert policy.check("tin-river9", username=USERNAME)
    assert policy.check(("tin river " * 13)[:128], username=USERNAME)


def test_the_reason_says_how_long_it_must_be(policy: PasswordPolicy) -> None:
    with pytest.raises(Invalid) as refusal:
        policy.check("short", username=USERNAME)
    assert refusal.value.fields[0].params == {"minimum": 10}


def test_a_refusal_never_repeats_the_password(policy: PasswordPolicy) -> None:
    with pytest.raises(Invalid) as refusal:
        policy.check("hunter2", username=USERNAME)
    assert "hunter2" not in repr((refusal.value, refusal.value.fields, refusal.value.params))


def test_a_short_name_may_occur_by_chance(policy: PasswordPolicy) -> None:
    assert policy.check("tin river socks", username="riv")


def test_the_field_is_named_by_the_caller(policy: PasswordPolicy) -> None:
    with pytest.raises(Invalid) as refusal:
        policy.check("short", username=USERNAME, field="password")
    assert refusal.value.fields[0].field == "password"


def test_full_width_and_composed_characters_are_one_password() -> None:
    assert normalise_password("ｔｉｎ　ｒｉｖｅｒ") == "tin river"
    assert normalise_password("e\u0301te\u0301") == normalise_password("été")
