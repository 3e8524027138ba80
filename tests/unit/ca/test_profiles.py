"""Profiles are read whole at start, from one file, or nothing starts."""

from pathlib import Path

import pytest
from cryptography import x509

from ca.errors import ProfileError
from ca.keys import generate_key
from ca.profiles import PROFILE_NAMES, Profiles, find_profile_file, settings_environment
from ca.profiles.extensions import Keys
from tests.support.certification import make_profiles

KEYS = Keys(generate_key("ecdsa-p256").public_key(), None)


def test_the_repositorys_own_file_has_every_profile() -> None:
    profiles = make_profiles()
    assert [profiles.get(name).name for name in PROFILE_NAMES] == list(PROFILE_NAMES)


def test_the_defaults_of_the_file_stand_on_their_own() -> None:
    Profiles(find_profile_file(), {})


def test_pointers_follow_the_settings() -> None:
    unit = make_profiles(pki_url="http://pki.example.net").get("unit")
    points = next(
        value for value, _ in unit.extensions(KEYS) if isinstance(value, x509.CRLDistributionPoints)
    )
    names = [name.value for point in points for name in point.full_name or ()]
    assert names == ["http://pki.example.net/crl/issuing.crl"]


def test_a_certificate_points_at_its_own_issuer_and_part_of_the_crl() -> None:
    profile = make_profiles(pki_url="http://pki.example.net").for_certificate(
        "unit", issuer="issuing-2", crl_shard=7
    )
    values = [value for value, _ in profile.extensions(KEYS)]
    points = next(value for value in values if isinstance(value, x509.CRLDistributionPoints))
    access = next(value for value in values if isinstance(value, x509.AuthorityInformationAccess))
    assert [name.value for point in points for name in point.full_name or ()] == [
        "http://pki.example.net/crl/issuing-2/7.crl"
    ]
    assert "http://pki.example.net/ca/issuing-2.cer" in [
        description.access_location.value for description in access
    ]


def test_a_server_profile_is_made_for_its_names() -> None:
    server = make_profiles().for_certificate(
        "server", issuer="issuing", crl_shard=7, server_names=["a.example.org", "10.1.2.3"]
    )
    names = next(
        value
        for value, _ in server.extensions(KEYS)
        if isinstance(value, x509.SubjectAlternativeName)
    )
    assert names.get_values_for_type(x509.DNSName) == ["a.example.org"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["10.1.2.3"]


@pytest.mark.parametrize("value", ["a.org, DNS:b.org", "a;b", "a b", "a\nb"])
def test_a_setting_cannot_smuggle_in_another_item(value: str) -> None:
    with pytest.raises(ProfileError, match="cannot stand"):
        settings_environment(pki_url="http://a", server_names=[value])
    with pytest.raises(ProfileError, match="cannot stand"):
        settings_environment(pki_url=value, server_names=["a.org"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[ person ]", "[ persons ]"),
        ("keyUsage = critical, digitalSignature", "keyUsage = critical, everything"),
        ("noCheck = ignored", "noCheck = ignored\nnsComment = hello"),
        ("countryName = CN", "countryName = China"),
        ("countryName = CN", "country = CN"),
    ],
)
def test_a_file_with_a_mistake_refuses_to_start(before: str, after: str, tmp_path: Path) -> None:
    text = find_profile_file().read_text(encoding="utf-8")
    assert before in text
    broken = tmp_path / "openssl.cnf"
    broken.write_text(text.replace(before, after), encoding="utf-8")
    with pytest.raises(ProfileError):
        Profiles(broken, {})


def test_a_missing_file_refuses_to_start(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="cannot be read"):
        Profiles(tmp_path / "openssl.cnf", {})
