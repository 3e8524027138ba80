"""What cannot be read the signer refuses to sign: an answer, on record, and never a crash."""

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


def test_a_certificate_of_another_version_is_refused() -> None:
    tbs = draft_end_entity(issuer=authority("issuing")).tbs()
    request = SignCertificate(
        key="issuing-41", serial_number=SERIAL_NUMBER, profile="unit", issuer="issuing",
        crl_shard=0, server_names=(),
    )  # fmt: skip
    with pytest.raises(Refused) as refused:
        check_certificate(
            request,
            tbs.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05", 1),
            _issuing(),
            make_profiles(),
            ceremony=False,
        )
    assert refused.value.rule == "well_formed"
