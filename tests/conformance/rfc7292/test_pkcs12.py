"""PKCS#12 files open in OpenSSL, in the two forms promised (RFC 7292)."""

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from ca.keys import generate_key
from ca.pkcs12 import Form, build_pkcs12
from ca.signing import KeySigner
from tests.support.drafts import authority, draft_end_entity
from tests.support.openssl import Answer, openssl, try_openssl

pytestmark = pytest.mark.conformance

PASSWORD = "ABCD-EFGH-JKLM-NPQR"
FORMS: list[Form] = ["modern", "compatible"]


def make(form: Form) -> bytes:
    draft = draft_end_entity()
    key = generate_key("ecdsa-p256")
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    draft = draft.but(public_key=key.public_key()).but_extension(identifier)
    return build_pkcs12(
        private_key=key,
        certificate=KeySigner(draft.issuer_private_key).sign_certificate(draft.lint()),
        chain=[authority("issuing").certificate],
        password=PASSWORD,
        friendly_name="武汉长江贸易有限公司",
        form=form,
    )


def test_the_modern_form_is_aes_256_with_a_sha_256_mac(tmp_path: Path) -> None:
    said = _opened(make("modern"), tmp_path).errors
    assert "MAC: sha256" in said
    # Certificates and key alike.
    assert said.count("PBES2, PBKDF2, AES-256-CBC") == 2
    assert said.count("hmacWithSHA256") == 2


def test_the_compatible_form_is_triple_des_with_a_sha_1_mac(tmp_path: Path) -> None:
    said = _opened(make("compatible"), tmp_path).errors
    assert "MAC: sha1" in said
    assert said.count("pbeWithSHA1And3-KeyTripleDES-CBC") == 2


@pytest.mark.parametrize("form", FORMS)
def test_holds_key_certificate_and_issuing_ca_but_not_the_root(form: Form, tmp_path: Path) -> None:
    opened = _opened(make(form), tmp_path, "-nodes").output
    certificates = x509.load_pem_x509_certificates(opened)
    key = load_pem_private_key(opened, None)
    assert certificates[0].public_key() == key.public_key()
    assert certificates[1:] == [authority("issuing").certificate]
    assert authority("root").certificate not in certificates


@pytest.mark.parametrize("form", FORMS)
def test_the_friendly_name_is_what_its_owner_reads(form: Form) -> None:
    bundle = load_pkcs12(make(form), PASSWORD.encode())
    assert bundle.cert is not None
    assert bundle.cert.friendly_name == "武汉长江贸易有限公司".encode()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("password", ["", "abcd-efgh-jklm-npqr", PASSWORD + " "])
def test_another_password_opens_nothing(form: Form, password: str, tmp_path: Path) -> None:
    (tmp_path / "x.p12").write_bytes(make(form))
    answer = try_openssl(
        "pkcs12", "-in", "x.p12", "-passin", f"pass:{password}", "-nodes", folder=tmp_path
    )
    assert answer.status != 0
    assert "Mac verify error" in answer.errors
    assert b"PRIVATE" not in answer.output


def test_a_root_in_the_chain_is_refused() -> None:
    issuing, root = authority("issuing"), authority("root")
    with pytest.raises(ValueError, match="root"):
        build_pkcs12(
            private_key=generate_key("ecdsa-p256"),
            certificate=issuing.certificate,
            chain=[issuing.certificate, root.certificate],
            password=PASSWORD,
            friendly_name="x",
        )


def _opened(content: bytes, folder: Path, *options: str) -> Answer:
    (folder / "x.p12").write_bytes(content)
    quiet = options or ("-noout",)
    return openssl(
        "pkcs12", "-in", "x.p12", "-info", "-passin", f"pass:{PASSWORD}", *quiet, folder=folder
    )
