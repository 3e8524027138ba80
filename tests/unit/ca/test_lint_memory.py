"""The linter remembers which common parts passed: the same octets, and nothing else."""

import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.encoding.signature_algorithms import assemble_signed, sign_raw
from ca.errors import LintRefused
from ca.keys import generate_key
from ca.linting import lint
from tests.support.drafts import DraftContent, draft_end_entity, draft_issuing


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> DraftContent:
    """A draft that passed; from now on every rule about common parts refuses whom it is asked."""
    draft = draft_end_entity()
    draft.lint()
    for rules in ("_ABOUT_THE_FRAME", "_ABOUT_EXTENSIONS"):
        monkeypatch.setattr(sys.modules[lint.__module__], rules, (never,))
    return draft


def never(_: object) -> str:
    return "asked"


def is_asked(draft: DraftContent) -> bool:
    try:
        draft.lint()
    except LintRefused as refused:
        return refused.params["rule"] == "never"
    return False


def test_another_key_of_the_same_profile_and_issuer_is_not_asked_again(
    passed: DraftContent,
) -> None:
    assert not is_asked(passed)
    assert not is_asked(passed.with_key(generate_key("ecdsa-p256").public_key()))
    assert not is_asked(passed.with_key(generate_key("rsa-3072").public_key()))


def test_another_value_is_asked(passed: DraftContent) -> None:
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    assert is_asked(passed.but_extension(server))
    assert is_asked(passed.plus(x509.OCSPNoCheck()))
    assert is_asked(passed.without(x509.CRLDistributionPoints))


def test_another_validity_or_issuer_name_is_asked(passed: DraftContent) -> None:
    assert is_asked(passed.but(not_after=passed.content.not_after + timedelta(seconds=1)))
    assert is_asked(passed.but(not_before=passed.content.not_before - timedelta(seconds=1)))
    assert is_asked(passed.but(issuer=passed.content.subject))


def test_another_number_or_subject_is_not_asked_again(passed: DraftContent) -> None:
    """They have rules of their own, which are asked each time."""
    other = draft_end_entity().content.subject
    assert not is_asked(passed.but(subject=x509.Name(reversed(list(other)))))


def test_an_issuer_with_another_kind_of_key_is_asked(passed: DraftContent) -> None:
    """The algorithm inside the content is the issuer's."""
    assert is_asked(replace(passed, issuer_private_key=generate_key("ed25519")))


def test_an_identifier_of_another_key_is_asked(passed: DraftContent) -> None:
    other = x509.SubjectKeyIdentifier.from_public_key(generate_key("ecdsa-p256").public_key())
    assert is_asked(passed.but_extension(other))


def test_another_profile_is_asked_even_with_the_same_octets(passed: DraftContent) -> None:
    assert is_asked(replace(passed, profile=draft_end_entity("person").profile))


def test_another_issuer_is_asked_even_with_the_same_octets(passed: DraftContent) -> None:
    sister = x509.load_der_x509_certificate(_signed(draft_issuing()))
    assert sister != passed.issuer
    assert is_asked(replace(passed, issuer=sister))


def test_authorities_are_always_asked(passed: DraftContent) -> None:
    assert is_asked(draft_issuing())


def _signed(draft: DraftContent) -> bytes:
    tbs, key = draft.tbs(), draft.issuer_private_key
    return assemble_signed(tbs, key.public_key(), sign_raw(key, tbs))
