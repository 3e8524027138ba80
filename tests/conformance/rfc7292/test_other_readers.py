"""PKCS#12 files open in the programs that units use, and in none of them with a wrong password.

RFC 7292 leaves much to the reader: how a name in Chinese is written (a
BMPString, section 4.2), how a password becomes a key (appendix B), which
algorithms it still knows.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ca.key_types import EndEntityPrivateKey
from ca.keys import KeyAlgorithm, generate_key
from ca.pkcs12 import Form, build_pkcs12
from ca.signing import KeySigner
from tests.conformance.rfc7292.readers import READERS, NotOpened
from tests.support.drafts import authority, draft_end_entity
from tests.support.programs import Answer

pytestmark = pytest.mark.conformance

PASSWORD = "ABCD-EFGH-JKLM-NPQR"
NAME = "武汉长江贸易有限公司"
FORMS: list[Form] = ["modern", "compatible"]
# In the wrong case, nothing at all, and what an input method makes of it.
WRONG = ["abcd-efgh-jklm-npqr", "", "ＡＢＣＤ-EFGH-JKLM-NPQR"]
ALGORITHMS: list[KeyAlgorithm] = ["ecdsa-p256", "ecdsa-p384", "rsa-3072"]
# They use what they do not show.
SHOW_NO_KEY = ["node"]
SHOW_NO_NAME = ["node", "openssl"]
each_reader = pytest.mark.parametrize("reader", READERS)
each_form = pytest.mark.parametrize("form", FORMS)


@dataclass(frozen=True)
class Made:
    """A PKCS#12 and what was put into it."""

    content: bytes
    private_key: EndEntityPrivateKey
    certificate: x509.Certificate


@cache
def made(form: Form, algorithm: KeyAlgorithm = "ecdsa-p256", name: str = NAME) -> Made:
    key = generate_key(algorithm)
    assert isinstance(key, EndEntityPrivateKey)
    identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    draft = draft_end_entity().but(public_key=key.public_key()).but_extension(identifier)
    certificate = KeySigner(draft.issuer_private_key).sign_certificate(draft.lint())
    content = build_pkcs12(
        private_key=key,
        certificate=certificate,
        chain=[authority("issuing").certificate],
        password=PASSWORD,
        friendly_name=name,
        form=form,
    )
    return Made(content, key, certificate)


@each_reader
@each_form
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_everything_arrives(
    reader: str, form: Form, algorithm: KeyAlgorithm, tmp_path: Path
) -> None:
    made_here = made(form, algorithm)
    opened = READERS[reader](made_here.content, PASSWORD, tmp_path)
    # In any order; the root is not among them.
    expected = {made_here.certificate, authority("issuing").certificate}
    assert set(opened.certificates) == expected
    assert len(opened.certificates) == len(expected)
    if reader not in SHOW_NO_KEY:
        assert opened.private_key is not None
        assert _octets(opened.private_key) == _octets(made_here.private_key)
    if reader not in SHOW_NO_NAME:
        assert opened.friendly_name == NAME


@pytest.mark.parametrize("reader", [name for name in READERS if name not in SHOW_NO_NAME])
@pytest.mark.parametrize("name", ["𠮷野家（武汉）有限公司", "Ünïcødé & Söhne", "一" * 120])
def test_awkward_names_arrive(reader: str, name: str, tmp_path: Path) -> None:
    # Among them one outside the Basic Multilingual Plane, which a BMPString
    # holds as a surrogate pair.
    opened = READERS[reader](made("modern", name=name).content, PASSWORD, tmp_path)
    # Java's KeyStore does not tell upper from lower case.
    assert opened.friendly_name == (name.lower() if reader == "java" else name)


@each_reader
@each_form
@pytest.mark.parametrize("password", WRONG)
def test_a_wrong_password_opens_nothing(
    reader: str, form: Form, password: str, tmp_path: Path
) -> None:
    for answer in _refusal(reader, made(form).content, password, tmp_path):
        # The certificates are sealed too. The name beside the key is not: no form
        # of PKCS#12 seals it (RFC 7292 section 4.2, bagAttributes).
        assert "BEGIN CERTIFICATE" not in answer.everything


@each_reader
@each_form
def test_a_changed_file_opens_nowhere(reader: str, form: Form, tmp_path: Path) -> None:
    # RFC 7292 section 4: the MAC is over everything that is inside.
    content = bytearray(made(form).content)
    content[len(content) // 2] ^= 1
    _refusal(reader, bytes(content), PASSWORD, tmp_path)


def _refusal(reader: str, content: bytes, password: str, folder: Path) -> list[Answer]:
    with pytest.raises(NotOpened) as refused:
        READERS[reader](content, password, folder)
    answers = refused.value.answers
    assert answers[0].errors.strip(), "it says why"
    for answer in answers:
        # Below zero is a signal: a crash is no refusal.
        assert answer.status >= 0
        # GnuTLS prints a key as it stands sealed in the file; no other shows any.
        assert "PRIVATE KEY" not in answer.everything.replace("ENCRYPTED PRIVATE KEY", "")
    return answers


def _octets(key: PrivateKeyTypes) -> bytes:
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
