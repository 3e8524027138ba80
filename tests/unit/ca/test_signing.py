"""What is signed is what was linted, in each algorithm, and a bad signature never leaves."""

from dataclasses import replace
from typing import Literal

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authorities import Authority
from ca.errors import SigningFault
from ca.keys import KeyAlgorithm, generate_key
from ca.signing import KeySigner
from ca.signing.proof import verify_signature
from ca.signing.signed import compare_certificate
from tests.support.broken_key import BrokenKey
from tests.support.drafts import authority, draft_end_entity, draft_root
from tests.support.private_keys import private_key_of

ALGORITHMS: list[KeyAlgorithm] = ["ecdsa-p256", "ecdsa-p384", "rsa-3072", "rsa-4096", "ed25519"]


def root_with(algorithm: KeyAlgorithm) -> Authority:
    key = generate_key(algorithm)
    draft = draft_root().but(public_key=key.public_key())
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    draft = replace(draft.but_extension(identifier), issuer_private_key=key)
    return Authority("root", KeySigner(key).sign_certificate(draft.lint()), KeySigner(key))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_signs_certificates_that_verify(algorithm: KeyAlgorithm) -> None:
    root = root_with(algorithm)
    root.certificate.verify_directly_issued_by(root.certificate)


def test_the_signed_content_is_the_linted_content() -> None:
    draft = draft_end_entity()
    issuing = authority("issuing")
    certificate = KeySigner(private_key_of(issuing)).sign_certificate(
        draft.lint_of(tbs := draft.tbs())
    )
    assert certificate.tbs_certificate_bytes == tbs
    certificate.verify_directly_issued_by(issuing.certificate)


def test_a_certificate_with_other_content_than_the_linted_never_leaves() -> None:
    """The signature is right, and one octet of what it stands beside is not (issue 3, part 1)."""
    issuing, draft = authority("issuing"), draft_end_entity()
    tbs, key = draft.tbs(), private_key_of(issuing)
    der = KeySigner(key).sign_certificate(draft.lint_of(tbs)).public_bytes(Encoding.DER)
    other = tbs.replace("武汉".encode(), "武昌".encode(), 1)
    assert other != tbs
    with pytest.raises(SigningFault):
        compare_certificate(der.replace(tbs, other), tbs, issuing.signer.public_key)
    compare_certificate(der, tbs, issuing.signer.public_key)


@pytest.mark.parametrize("fault", ["signature", "form"])
def test_a_signature_that_does_not_verify_never_leaves(
    fault: Literal["signature", "form"],
) -> None:
    issuing = authority("issuing")
    key = private_key_of(issuing)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    with pytest.raises(SigningFault):
        KeySigner(BrokenKey(key, fault)).sign_certificate(draft_end_entity().lint())


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_signature_of_each_algorithm_is_verified_over_its_own_content(
    algorithm: KeyAlgorithm,
) -> None:
    signer = KeySigner(generate_key(algorithm))
    signature = signer.sign_ocsp(b"content")
    verify_signature(signer.public_key, signature, b"content")
    with pytest.raises(SigningFault):
        verify_signature(signer.public_key, signature, b"other content")


def test_an_ed25519_issuer_signs_without_a_hash() -> None:
    root = root_with("ed25519")
    assert isinstance(private_key_of(root), ed25519.Ed25519PrivateKey)
    assert root.certificate.signature_hash_algorithm is None
