"""What cannot be read the signer refuses to sign: an answer, on record, and never a crash."""

from dataclasses import replace
from datetime import timedelta
from functools import cache

import pytest

from ca.encoding.der import TRUE, explicit, octet_string, sequence
from ca.linting.octets import fields
from ca.signer.content import Refused, check_certificate, check_crl
from ca.signer.holdings import Holding
from ca.signer.messages import SignCertificate
from ca.signing import KeySigner
from tests.support.certification import make_profiles
from tests.support.clock import FakeClock
from tests.support.drafts import SERIAL_NUMBER, authority, draft_end_entity
from tests.support.private_keys import private_key_of
from tests.support.signer import draft_crl

_CLOCK = FakeClock()
_ISSUING_DISTRIBUTION_POINT = bytes.fromhex("0603551d1c")
_X400_ADDRESS = b"\xa3\x02\x30\x00"


@cache
def _issuing() -> Holding:
    made = authority("issuing")
    return Holding("issuing-41", KeySigner(private_key_of(made)), made.certificate)


def _crl() -> bytes:
    certificate = _issuing().certificate
    assert certificate is not None
    return draft_crl(certificate, _CLOCK, number=1)


def _with_a_name_that_nobody_reads(tbs: bytes) -> bytes:
    *before, extensions = fields(tbs)
    point = sequence(explicit(0, explicit(0, _X400_ADDRESS)))
    more = sequence(_ISSUING_DISTRIBUTION_POINT, TRUE, octet_string(point))
    return sequence(*before, explicit(0, sequence(*fields(extensions[2:]), more)))


def test_a_list_that_can_be_read_is_signed() -> None:
    assert check_crl(_crl(), _issuing(), _CLOCK.now()).crl_number == 1


@pytest.mark.parametrize(
    "unreadable",
    [
        b"",
        b"\x30\x00",
        _crl()[:-1],
        _crl().replace(b"\x02\x01\x01", b"\x02\x01\x05", 1),
        _with_a_name_that_nobody_reads(_crl()),
    ],
    ids=["nothing", "empty", "cut", "version 6", "x400Address"],
)
def test_a_list_that_cannot_be_read_is_refused(unreadable: bytes) -> None:
    with pytest.raises(Refused) as refused:
        check_crl(unreadable, _issuing(), _CLOCK.now())
    assert refused.value.rule == "crl_well_formed"


@pytest.mark.parametrize(
    ("begins", "ends", "rule"),
    [
        (timedelta(minutes=6), timedelta(days=7), "crl_this_update"),
        (timedelta(0), timedelta(0), "crl_next_update"),
        (timedelta(0), timedelta(days=401), "crl_next_update"),
    ],
)
def test_a_list_is_about_now_and_not_for_ever(
    begins: timedelta, ends: timedelta, rule: str
) -> None:
    certificate = _issuing().certificate
    assert certificate is not None
    theirs = FakeClock(_CLOCK.now() + begins)
    tbs = draft_crl(certificate, theirs, number=1, valid_for=ends - begins)
    with pytest.raises(Refused) as refused:
        check_crl(tbs, _issuing(), _CLOCK.now())
    assert refused.value.rule == rule


def test_a_list_without_an_end_is_refused() -> None:
    """RFC 5280 section 5.1.2.5: nextUpdate MUST be there."""
    *before, this_update, _, extensions = fields(_crl())
    with pytest.raises(Refused) as refused:
        check_crl(sequence(*before, this_update, extensions), _issuing(), _CLOCK.now())
    assert refused.value.rule == "crl_next_update"


def _rule_broken(holding: Holding, tbs: bytes, issuer: str = "issuing") -> str:
    request = SignCertificate(
        key="issuing-41", serial_number=SERIAL_NUMBER, profile="unit", issuer=issuer,
        crl_shard=0, server_names=(),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        check_certificate(request, tbs, holding, make_profiles(), ceremony=False)
    return refused.value.rule


def _tbs() -> bytes:
    return draft_end_entity(issuer=authority("issuing")).tbs()


def test_a_certificate_of_another_version_is_refused() -> None:
    tbs = _tbs().replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05", 1)
    assert _rule_broken(_issuing(), tbs) == "well_formed"


def test_a_key_signs_for_its_own_authority_only() -> None:
    """Else a certificate could point at the CRL of another one."""
    assert _rule_broken(_issuing(), _tbs(), issuer="issuing-2") == "issuer_of_key"


@pytest.mark.parametrize("certificate", ["none", "subscriber"])
def test_a_key_that_was_made_no_authority_signs_no_certificate(certificate: str) -> None:
    """Whatever its name is: what the key is for stands in its certificate."""
    made = None
    if certificate == "subscriber":
        linted = draft_end_entity(issuer=authority("issuing")).lint()
        made = _issuing().signer.sign_certificate(linted)
    assert _rule_broken(replace(_issuing(), certificate=made), _tbs()) == "key_is_no_authority"
