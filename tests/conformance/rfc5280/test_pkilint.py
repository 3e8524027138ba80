"""Certificates of every profile and algorithm pass an independent RFC 5280 linter."""

from pathlib import Path

import pytest
from cryptography import x509

from ca.keys import KeyAlgorithm
from ca.models import ProfileName
from ca.profiles import PROFILE_NAMES
from ca.signature_algorithms import assemble_signed, sign_raw
from ca.subject import Subject
from foundation.database import Database
from tests.support.certification import Certification, make_certification
from tests.support.drafts import draft_root
from tests.support.every_profile import certificate_of
from tests.support.pkilint import findings_on

pytestmark = pytest.mark.conformance


@pytest.mark.parametrize("profile", PROFILE_NAMES)
def test_every_profile_is_without_findings(ca: Certification, profile: ProfileName) -> None:
    assert findings_on(certificate_of(ca, profile)) == []


@pytest.mark.parametrize("algorithm", ["ecdsa-p384", "rsa-3072", "ed25519"])
def test_every_algorithm_is_without_findings(
    algorithm: KeyAlgorithm, database: Database, tmp_path: Path
) -> None:
    ca = make_certification(database, tmp_path, algorithm=algorithm)
    for profile in PROFILE_NAMES:
        assert findings_on(certificate_of(ca, profile)) == [], profile


@pytest.mark.parametrize("algorithm", ["ecdsa-p384", "rsa-3072", "rsa-4096", "ed25519"])
def test_every_kind_of_subscriber_key_is_without_findings(
    ca: Certification, algorithm: KeyAlgorithm
) -> None:
    assert findings_on(ca.issue(algorithm=algorithm).certificate) == []


@pytest.mark.parametrize(
    "name", ["一" * 200, "Ünïcødé & Söhne <GmbH>", "example.com", "a, b + c = d"]
)
def test_awkward_names_are_without_findings(ca: Certification, name: str) -> None:
    subject = Subject.of_unit(username="wh000123", name=name, credit_code="91420100MA4KXYZ12X")
    assert findings_on(ca.issue(subject=subject).certificate) == []


def test_the_linter_finds_what_is_wrong() -> None:
    # A linter that is called wrongly finds nothing, and every test above passes.
    draft = draft_root().but_extension(x509.BasicConstraints(True, None), critical=False)
    tbs, key = draft.tbs(), draft.issuer_private_key
    der = assemble_signed(tbs, key.public_key(), sign_raw(key, tbs))
    found = findings_on(x509.load_der_x509_certificate(der))
    assert any("basic_constraints" in finding for finding in found)
