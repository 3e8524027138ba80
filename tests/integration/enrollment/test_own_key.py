"""A slip can be exchanged for a certificate of a key that the subscriber made (RFC 2986)."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from cryptography.x509.oid import NameOID

from ca.csr import CsrRefused
from ca.serial_numbers import serial_number_of
from enrollment.certification import CertificatePending
from enrollment.pickup.picked_up import PickedUp, PickedUpCertificate
from enrollment.slips.issued_slip import IssuedSlip
from foundation.errors import Conflict, Denied, Unavailable
from tests.support.at_once import each_at_once
from tests.support.enrolling import VISITOR, Counter
from tests.support.renewing import new_key, request_for

PRESUMPTUOUS = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])


def redeem(counter: Counter, slip: IssuedSlip, csr: bytes) -> PickedUpCertificate:
    return counter.services.pickup.redeem_csr(
        slip.serial_number, slip.download_password, csr, VISITOR
    )


def redeem_file(counter: Counter, slip: IssuedSlip) -> PickedUp:
    return counter.services.pickup.redeem(
        slip.serial_number, slip.download_password, "modern", VISITOR
    )


def test_only_the_key_is_taken_from_the_request(counter: Counter) -> None:
    slip, key = counter.register(), new_key()
    names = (x509.DNSName("portal.example.org"),)
    picked_up = redeem(counter, slip, request_for(key, PRESUMPTUOUS, alternative_names=names))
    certificate = picked_up.certificate
    assert certificate.public_key() == key.public_key()
    assert serial_number_of(certificate.serial_number) == slip.serial_number
    (user_id,) = certificate.subject.get_attributes_for_oid(NameOID.USER_ID)
    assert user_id.value == slip.username
    with pytest.raises(x509.ExtensionNotFound):
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert x509.load_pem_x509_certificates(picked_up.pem_chain()) == [
        certificate,
        *picked_up.chain,
    ]


def test_it_logs_in_like_any_other(counter: Counter) -> None:
    slip = counter.register()
    redeem(counter, slip, request_for(new_key()))
    counter.log_in(slip)
    with pytest.raises(Denied, match="pickup-refused"):
        redeem(counter, slip, request_for(new_key()))


def test_the_same_key_again_yields_the_same_certificate(counter: Counter) -> None:
    slip, key = counter.register(), new_key()
    first = redeem(counter, slip, request_for(key)).certificate
    again = redeem(counter, slip, request_for(key, PRESUMPTUOUS)).certificate
    assert first.fingerprint(SHA256()) == again.fingerprint(SHA256())


def test_another_key_is_refused_clearly(counter: Counter) -> None:
    slip = counter.register()
    redeem(counter, slip, request_for(new_key()))
    with pytest.raises(Conflict, match="pickup-other-key"):
        redeem(counter, slip, request_for(new_key()))


def test_a_slip_yields_a_file_or_a_certificate_for_an_own_key_never_both(
    counter: Counter,
) -> None:
    slip = counter.register()
    redeem(counter, slip, request_for(new_key()))
    with pytest.raises(Conflict, match="pickup-own-key"):
        redeem_file(counter, slip)
    with pytest.raises(Conflict, match="pickup-own-key"):
        counter.services.pickup.redeem_key(slip.serial_number, slip.download_password, VISITOR)

    other = counter.reissue(slip)
    redeem_file(counter, other)
    with pytest.raises(Conflict, match="pickup-server-key"):
        redeem(counter, other, request_for(new_key()))


def test_a_key_for_a_program_is_the_one_in_the_file(counter: Counter) -> None:
    slip = counter.register()
    picked_up = counter.services.pickup.redeem_key(
        slip.serial_number, slip.download_password, VISITOR
    )
    key = load_der_private_key(picked_up.private_key, None)
    assert key.public_key() == picked_up.certificate.public_key()
    bundle = load_pkcs12(redeem_file(counter, slip).pkcs12, slip.download_password.encode())
    assert bundle.key is not None
    assert bundle.key.public_key() == key.public_key()
    assert picked_up.private_key not in repr(picked_up).encode()


def test_a_bad_request_costs_nothing_and_the_slip_stays_open(counter: Counter) -> None:
    slip = counter.register()
    for unverified in (b"", b"nonsense", b"0\x03\x02\x01\x01"):
        with pytest.raises(CsrRefused):
            redeem(counter, slip, unverified)
    assert counter.certificate_state(slip.serial_number) == "reserved"
    redeem(counter, slip, request_for(new_key()))
    assert counter.certificate_state(slip.serial_number) == "good"


def test_a_wrong_pair_learns_nothing_of_the_request(counter: Counter) -> None:
    slip = counter.register()
    for csr in (b"nonsense", request_for(new_key())):
        with pytest.raises(Denied, match="pickup-refused"):
            counter.services.pickup.redeem_csr(
                slip.serial_number, "AAAA-BBBB-CCCC-DDDD", csr, VISITOR
            )


def test_a_ticket_redeems_an_own_key_too(counter: Counter) -> None:
    slip, key = counter.register(), new_key()
    pickup = counter.services.pickup
    opened = pickup.open(slip.serial_number, slip.download_password, VISITOR)
    picked_up = pickup.redeem_ticket_csr(opened.ticket, request_for(key), VISITOR)
    assert picked_up.certificate.public_key() == key.public_key()
    with pytest.raises(Conflict, match="pickup-own-key"):
        pickup.redeem_ticket(opened.ticket, "modern", VISITOR)
    with pytest.raises(Denied, match="pickup-ticket-ended"):
        pickup.redeem_ticket_csr("no such ticket", request_for(key), VISITOR)


def test_a_signer_that_does_not_answer_is_waited_for(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    slip, csr = counter.register(), request_for(new_key())

    def silent(*_: object, **__: object) -> x509.Certificate:
        raise Unavailable("key-unavailable", key_name="issuing")

    with monkeypatch.context() as patch:
        patch.setattr(counter.services.pickup._certificates._issuance, "complete", silent)
        with pytest.raises(CertificatePending):
            redeem(counter, slip, csr)
    assert counter.certificate_state(slip.serial_number) == "prepared"
    redeem(counter, slip, csr)
    assert counter.certificate_state(slip.serial_number) == "good"


def test_a_file_and_an_own_key_at_once_agree_on_one(counter: Counter) -> None:
    """One of the two keys is in the certificate, and the other is told so."""
    slip, key = counter.register(), new_key()
    results = each_at_once(
        lambda: redeem(counter, slip, request_for(key)), lambda: redeem_file(counter, slip)
    )
    won = [each for each in results if isinstance(each, PickedUp | PickedUpCertificate)]
    lost = [each.code for each in results if isinstance(each, Conflict)]
    assert len(won) == 1, results
    assert lost in (["pickup-own-key"], ["pickup-server-key"])
