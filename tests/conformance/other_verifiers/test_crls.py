"""CRLs: other people's programs take ours, and none that was changed (RFC 5280 section 6.3.3)."""

from collections.abc import Callable
from pathlib import Path

import pytest
from asn1crypto import core
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from ca.models import AuthorityName
from tests.conformance.other_verifiers.published import published_about
from tests.conformance.other_verifiers.verifiers import ACCEPT_CRL
from tests.support.lookalikes import foreign_hierarchy
from tests.support.revocation import RevocableCa
from tests.support.situations import good, revoked

pytestmark = pytest.mark.conformance

each_program = pytest.mark.parametrize("program", ACCEPT_CRL)
Forge = Callable[[RevocableCa], bytes]


@each_program
@pytest.mark.parametrize("authority", ["root", "issuing"])
def test_each_takes_ours(
    revocable: RevocableCa, authority: AuthorityName, program: str, tmp_path: Path
) -> None:
    revoked(revocable)
    assert _accepts(revocable, program, authority, _ours(revocable, authority), tmp_path)


@each_program
def test_a_crl_of_another_authority_is_not_taken_for_ours(
    revocable: RevocableCa, program: str, tmp_path: Path
) -> None:
    assert not _accepts(revocable, program, "issuing", _ours(revocable, "root"), tmp_path)


def without_its_entries(revocable: RevocableCa) -> bytes:
    """What a thief would like: the CRL as it is, but for his certificate."""
    revoked(revocable)
    crl = asn1_crl.CertificateList.load(_ours(revocable, "issuing"))
    del crl["tbs_cert_list"]["revoked_certificates"]
    return _encoded(crl)


def with_a_later_next_update(revocable: RevocableCa) -> bytes:
    """An old CRL kept alive would hide whatever was revoked since."""
    crl = asn1_crl.CertificateList.load(_ours(revocable, "issuing"))
    later = revocable.crl().next_update_utc
    assert later is not None
    crl["tbs_cert_list"]["next_update"] = asn1_x509.Time(
        "utc_time", core.UTCTime(later.replace(year=later.year + 1))
    )
    return _encoded(crl)


def by_somebody_with_our_name(revocable: RevocableCa) -> bytes:
    certificate, key = foreign_hierarchy(revocable.ca)
    ours = revocable.crl()
    assert ours.next_update_utc is not None
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(certificate.subject)
        .last_update(ours.last_update_utc)
        .next_update(ours.next_update_utc)
    )
    for extension in ours.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


@each_program
@pytest.mark.parametrize(
    "forge",
    [without_its_entries, with_a_later_next_update, by_somebody_with_our_name],
    ids=lambda forge: forge.__name__,
)
def test_none_takes_what_we_did_not_sign(
    revocable: RevocableCa, forge: Forge, program: str, tmp_path: Path
) -> None:
    assert not _accepts(revocable, program, "issuing", forge(revocable), tmp_path)


def _ours(revocable: RevocableCa, authority: AuthorityName) -> bytes:
    return revocable.crl(authority).public_bytes(Encoding.DER)


def _accepts(
    revocable: RevocableCa, program: str, authority: str, crl: bytes, folder: Path
) -> bool:
    published_about(revocable, good(revocable)).write(folder)
    (folder / "x.crl").write_bytes(crl)
    return ACCEPT_CRL[program](folder, authority, "x.crl")


def _encoded(crl: asn1_crl.CertificateList) -> bytes:
    der: bytes = crl.dump(force=True)
    return der
