"""The root's CRL from where its key is kept, on both databases (issue 3, part 3)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509

from ca.authorities import Authority, RootWithoutKey
from ca.crl import CrlRecord, RootCrlRefused
from ca.crl.building import CrlContent, write_tbs
from ca.crl.encoding import encode_entry
from ca.crl.gate import number_of
from ca.records import get_record
from ca.serial_numbers import serial_number_of
from foundation.audit import Actor
from foundation.errors import Denied
from tests.support.drafts import authority
from tests.support.revocation import CRL_VALIDITY, RevocableCa

Sign = Callable[..., bytes]


@pytest.fixture
def sign(revocable: RevocableCa) -> Sign:
    """What the machine with the root's key does; from here on that key is away."""
    root = revocable.ca.hierarchy.root
    assert isinstance(root, Authority)
    revocable.ca.hierarchy.root = RootWithoutKey("root", root.certificate)
    revocable.ca.clock.advance(days=1)

    def signed(*entries: bytes, by: Authority = root, **changes: object) -> bytes:
        now = revocable.ca.clock.now()
        content: dict[str, object] = {
            "crl_number": int(now.timestamp() * 1000),
            "this_update": now,
            "next_update": now + CRL_VALIDITY,
            **changes,
        }
        return by.signer.sign_crl(write_tbs(by, CrlContent(**content), entries))  # type: ignore[arg-type]

    return signed


def _import(revocable: RevocableCa, der: bytes) -> CrlRecord:
    with revocable.database.writing() as session:
        return revocable.crls.import_root_crl(session, der, Actor.operator())


def _problem(revocable: RevocableCa, der: bytes) -> str:
    before = revocable.crl("root")
    with pytest.raises(RootCrlRefused) as refused:
        _import(revocable, der)
    assert revocable.crl("root") == before
    return refused.value.code


def _issuing(revocable: RevocableCa) -> str:
    return serial_number_of(revocable.ca.hierarchy.issuing.certificate.serial_number)


def test_the_next_one_is_published(revocable: RevocableCa, sign: Sign) -> None:
    der = sign()
    done = _import(revocable, der)
    assert revocable.crl("root") == x509.load_der_x509_crl(der)
    assert done.crl_number == number_of(revocable.crl("root"))
    revocable.verify(revocable.issue().certificate)


def test_the_same_again_changes_nothing(revocable: RevocableCa, sign: Sign) -> None:
    der = sign()
    assert _import(revocable, der).crl_number == _import(revocable, der).crl_number


def test_an_issuing_ca_that_it_revokes_is_not_trusted(revocable: RevocableCa, sign: Sign) -> None:
    issued = revocable.issue()
    revocable.verify(issued.certificate)
    now = revocable.ca.clock.now()
    _import(revocable, sign(encode_entry(_issuing(revocable), now, "cACompromise")))
    with pytest.raises(Denied) as refused:
        revocable.verify(issued.certificate)
    assert refused.value.code == "certificate-untrusted"
    with revocable.database.reading() as session:
        record = get_record(session, _issuing(revocable))
    assert (record.state, record.reason, record.revoked_at) == ("revoked", "cACompromise", now)


def test_a_later_one_may_not_forget_it(revocable: RevocableCa, sign: Sign) -> None:
    now = revocable.ca.clock.now()
    _import(revocable, sign(encode_entry(_issuing(revocable), now, "superseded")))
    revocable.ca.clock.advance(days=1)
    assert _problem(revocable, sign()) == "root-crl-not-proved"


def test_a_hold_may_be_released(revocable: RevocableCa, sign: Sign) -> None:
    issued = revocable.issue()
    now = revocable.ca.clock.now()
    _import(revocable, sign(encode_entry(_issuing(revocable), now, "certificateHold")))
    with pytest.raises(Denied):
        revocable.verify(issued.certificate)
    revocable.ca.clock.advance(days=1)
    _import(revocable, sign())
    revocable.verify(issued.certificate)


@pytest.mark.parametrize("junk", [b"", b"\x30\x00", b"-----BEGIN X509 CRL-----"])
def test_what_is_no_crl_is_refused(revocable: RevocableCa, sign: Sign, junk: bytes) -> None:
    assert _problem(revocable, junk) == "root-crl-not-proved"
    assert _problem(revocable, sign() + b"\x00") == "root-crl-not-proved"
    assert _problem(revocable, sign()[:-1]) == "root-crl-not-proved"


def test_too_long_a_file_is_not_read(revocable: RevocableCa, sign: Sign) -> None:
    assert _problem(revocable, sign() + bytes(1024 * 1024)) == "root-crl-too-long"


def test_another_authority_is_refused(revocable: RevocableCa, sign: Sign) -> None:
    assert _problem(revocable, sign(by=revocable.ca.hierarchy.issuing)) == "root-crl-not-proved"
    assert _problem(revocable, sign(by=authority("root"))) == "root-crl-not-proved"


def test_an_older_one_is_refused(revocable: RevocableCa, sign: Sign) -> None:
    older = sign()
    revocable.ca.clock.advance(hours=1)
    _import(revocable, sign())
    assert _problem(revocable, older) == "root-crl-not-proved"
    assert _problem(revocable, sign(crl_number=7)) == "root-crl-not-proved"


def test_it_is_for_now(revocable: RevocableCa, sign: Sign) -> None:
    now = revocable.ca.clock.now()
    later = now + timedelta(seconds=1)
    assert _problem(revocable, sign(this_update=later)) == "root-crl-not-yet"
    assert _problem(revocable, sign(next_update=now)) == "root-crl-over"


@pytest.mark.parametrize(
    "changes",
    [{"addresses": ("http://pki.example.org/crl/root.crl",)}, {"base_number": 1}],
    ids=["part", "delta"],
)
def test_a_part_is_not_the_whole(
    revocable: RevocableCa, sign: Sign, changes: dict[str, object]
) -> None:
    assert _problem(revocable, sign(**changes)) == "root-crl-not-proved"
