"""Certificates of every profile and algorithm pass an independent RFC 5280 linter."""

from pathlib import Path

import pytest
from cryptography import x509

from ca.authorities import Authority
from ca.encoding.signature_algorithms import assemble_signed, sign_raw
from ca.keys import KeyAlgorithm, generate_key
from ca.models import ProfileName
from ca.names.subject import Subject
from ca.profiles import PROFILE_NAMES
from foundation.database import Database
from tests.support.certification import (
    OPERATOR,
    SERVER_NAMES,
    Certification,
    make_certification,
    make_store,
)
from tests.support.drafts import draft_root
from tests.support.every_profile import certificate_of
from tests.support.pkilint import findings_on

pytestmark = pytest.mark.conformance

# Pkilint cannot yet verify that a root of ML-DSA is self-signed, which would
# allow it to leave out the authority key identifier (section 4.2.1.1).
ML_DSA_ROOT = (
    "pkix.aki_absent_self_issued_and_unsupported_algorithm: Self-issued CA certificate "
    "uses unsupported public key algorithm: 2.16.840.1.101.3.4.3.18"
)
LOCALHOST = 'pkix.invalid_domain_name_syntax: Invalid domain name syntax: "localhost"'


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Certificates, not storage."""
    return str(request.param)


@pytest.mark.parametrize("profile", PROFILE_NAMES)
def test_every_profile_is_without_findings(ca: Certification, profile: ProfileName) -> None:
    assert findings_on(certificate_of(ca, profile)) == []


@pytest.mark.parametrize("algorithm", ["ecdsa-p384", "rsa-3072", "ed25519", "ml-dsa-65"])
def test_every_algorithm_is_without_findings(
    algorithm: KeyAlgorithm, database: Database, tmp_path: Path
) -> None:
    ca = make_certification(database, tmp_path, algorithm=algorithm)
    for profile in PROFILE_NAMES:
        accepted = [ML_DSA_ROOT] if (profile, algorithm) == ("root", "ml-dsa-65") else []
        assert findings_on(certificate_of(ca, profile)) == accepted, profile


@pytest.mark.parametrize("algorithm", ["ecdsa-p384", "rsa-3072", "rsa-4096", "ed25519"])
def test_every_kind_of_subscriber_key_is_without_findings(
    ca: Certification, algorithm: KeyAlgorithm
) -> None:
    assert findings_on(ca.issue(algorithm=algorithm).certificate) == []


@pytest.mark.parametrize("profile", ["root", "issuing", "server", "ocsp"])
def test_a_default_installation_has_one_finding_that_is_accepted(
    profile: str, database: Database, tmp_path: Path
) -> None:
    """Pkilint wants two labels in a dNSName; RFC 1034 section 3.5 has one or more.

    ``localhost`` is a name of one (RFC 6761 section 6.3), and the default of an
    installation that nobody else can reach.
    """
    names = ("localhost", "127.0.0.1")
    store = make_store(database, tmp_path, server_names=names)
    hierarchy = store.create(names, OPERATOR)
    certificates = {
        "server": hierarchy.server.certificate,
        "issuing": hierarchy.issuing.certificate,
        "root": hierarchy.root.certificate,
        "ocsp": hierarchy.ocsp_signers["issuing"].certificate,
    }
    accepted = [LOCALHOST] if profile in {"server", "issuing"} else []
    assert findings_on(certificates[profile]) == accepted


def test_an_issuing_ca_after_a_rollover_is_without_findings(
    database: Database, tmp_path: Path
) -> None:
    store = make_store(database, tmp_path)
    hierarchy = store.create(SERVER_NAMES, OPERATOR)
    root, key = hierarchy.root, generate_key("ecdsa-p384").public_key()
    assert isinstance(root, Authority)
    successor = store.authority_certificates().make_issuing(
        "issuing-2", "4142434445464748494A", key, root
    )
    assert findings_on(successor) == []


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
