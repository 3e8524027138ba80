"""RFC 2986: requests of the openssl command are read, and read as it means them."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from ca.csr import CsrRefused, accept_csr
from tests.support.openssl import openssl, try_openssl

pytestmark = pytest.mark.conformance

KEYS = [
    ("ec", "ec_paramgen_curve:P-256"),
    ("ec", "ec_paramgen_curve:P-384"),
    ("rsa", "rsa_keygen_bits:2048"),
    ("rsa", "rsa_keygen_bits:3072"),
    ("ed25519", None),
]
_PRIME_FIELD = bytes.fromhex("06072a8648ce3d0101")  # RFC 3279 section 2.3.5
_WISHES = ["-addext", "subjectAltName=DNS:a.example.org,URI:urn:x,otherName:1.2.3.4;UTF8:x"]


def make_key(folder: Path, algorithm: str, option: str | None) -> bytes:
    """Make `key.pem` and return the public key in DER."""
    options = ["-pkeyopt", option] if option else []
    openssl("genpkey", "-algorithm", algorithm, *options, "-out", "key.pem", folder=folder)
    public = openssl("pkey", "-in", "key.pem", "-pubout", folder=folder).output
    return load_pem_public_key(public).public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def make_request(folder: Path, *options: str) -> bytes:
    """Return a request for `key.pem`."""
    name = "/C=CN/O=武汉/CN=unit"
    return openssl(
        "req", "-new", "-utf8", "-key", "key.pem", "-subj", name, *options, folder=folder
    ).output


@pytest.mark.parametrize("form", ["PEM", "DER"])
@pytest.mark.parametrize(("algorithm", "option"), KEYS)
def test_section_4_the_key_is_the_one_openssl_made(
    tmp_path: Path, algorithm: str, option: str | None, form: str
) -> None:
    spki = make_key(tmp_path, algorithm, option)
    accepted = accept_csr(make_request(tmp_path, "-outform", form, *_WISHES))
    key = accepted.public_key
    assert key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) == spki
    assert len(accepted.alternative_names) == 3


@pytest.mark.parametrize("curve", ["P-256", "P-384", "P-521"])
@pytest.mark.parametrize("form", ["uncompressed", "compressed"])
def test_a_curve_in_explicit_parameters_is_refused(tmp_path: Path, curve: str, form: str) -> None:
    """RFC 5480 section 2.1.1: a certificate names its curve."""
    openssl(
        "genpkey", "-algorithm", "ec", "-out", "key.pem", "-pkeyopt", "ec_param_enc:explicit",
        "-pkeyopt", f"ec_paramgen_curve:{curve}", "-pkeyopt", f"point-format:{form}",
        folder=tmp_path,
    )  # fmt: skip
    request = make_request(tmp_path, "-outform", "DER")
    assert _PRIME_FIELD in request
    with pytest.raises(CsrRefused) as refused:
        accept_csr(request)
    assert refused.value.code == "csr-curve-not-named"


def test_section_4_1_attributes_beside_extensions_are_no_obstacle(tmp_path: Path) -> None:
    make_key(tmp_path, "ec", "ec_paramgen_curve:P-256")
    (tmp_path / "req.cnf").write_text(
        "[req]\ndistinguished_name=dn\nattributes=attrs\nprompt=no\n"
        "[dn]\nCN=unit\n[attrs]\nchallengePassword=a secret of the asker\nunstructuredName=x\n"
    )
    request = openssl("req", "-new", "-key", "key.pem", "-config", "req.cnf", folder=tmp_path)
    assert accept_csr(request.output).alternative_names == ()


def test_section_4_2_both_refuse_a_signature_of_another_key(tmp_path: Path) -> None:
    make_key(tmp_path, "ec", "ec_paramgen_curve:P-256")
    request = bytearray(make_request(tmp_path, "-outform", "DER"))
    place = request.index(b"unit")
    request[place : place + 4] = b"bank"
    answer = try_openssl("req", "-inform", "DER", "-verify", "-noout", stdin=bytes(request))
    assert answer.status != 0 or "failure" in answer.errors
    with pytest.raises(CsrRefused) as refused:
        accept_csr(bytes(request))
    assert refused.value.code == "csr-signature-wrong"


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha224", "sha3-256"])
def test_digests_that_openssl_would_still_use_are_refused(tmp_path: Path, digest: str) -> None:
    make_key(tmp_path, "rsa", "rsa_keygen_bits:2048")
    with pytest.raises(CsrRefused) as refused:
        accept_csr(make_request(tmp_path, f"-{digest}"))
    assert refused.value.code in {"csr-signature-weak", "csr-malformed"}
