"""Certificates that are not what they seem."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from foundation.clock import SystemClock
from tests.attacks.target import Target, code_of
from tests.support.edge_client import despite_the_cut
from tests.support.guest import Guest
from tests.support.lookalikes import like
from tests.support.tls_credentials import SERVER, Credential, make_root

pytestmark = pytest.mark.slow
DAY = timedelta(days=1)
SESSION = "/api/v1/session"


def copy_of(
    certificate: x509.Certificate, signer: ec.EllipticCurvePrivateKey | None = None
) -> Credential:
    """Return the same certificate in another's hand: own key, signed by it or by `signer`."""
    key = ec.generate_private_key(ec.SECP256R1())
    copied = like(certificate, signer or key, public_key=key.public_key())
    return Credential(copied, key)


def forged(resident: Guest) -> dict[str, Credential]:
    """Return certificates of every kind that is not ours, by what they are."""
    (issuing,) = resident.credential.above
    stranger = make_root("CertGate Root CA")
    below = stranger.issue_ca("CertGate Issuing CA")
    false_issuing = copy_of(issuing)
    over = (SystemClock().now() - 2 * DAY, SystemClock().now() - DAY)
    key = ec.generate_private_key(ec.SECP256R1())
    ours = resident.credential.certificate
    return {
        "self-signed": make_root(resident.username),
        "a foreign root's": stranger.issue(resident.username),
        "below an issuing CA of a foreign root": below.issue("x"),
        "expired": stranger.issue("x", lifetime=(-2 * DAY, -DAY)),
        "for servers": stranger.issue("localhost", purposes=(SERVER,), hosts=("localhost",)),
        "a copy signed by itself": copy_of(ours),
        "a copy below a CA of our name": _below(ours, false_issuing),
        "an expired copy": Credential(
            like(ours, key, public_key=key.public_key(), valid=over), key, (issuing,)
        ),
        # A unit's certificate is no CA's (RFC 5280 section 6.1.4 (k)).
        "below a unit": _below(ours, resident.credential),
    }


def _below(certificate: x509.Certificate, issuer: Credential) -> Credential:
    key = ec.generate_private_key(ec.SECP256R1())
    made = like(
        certificate,
        issuer.private_key,
        public_key=key.public_key(),
        issuer=issuer.certificate.subject,
    )
    return Credential(made, key, (issuer.certificate, *issuer.above))


def test_no_forged_certificate_lets_anybody_in(target: Target, resident: Guest) -> None:
    """Somebody makes himself what the CA has not given him; the cookies he has already."""
    (issuing,) = resident.credential.above
    for name, credential in forged(resident).items():
        for decoys in ((), (resident.credential.certificate, issuing)):
            try:
                client = target.doors.portal(credential, *decoys)
                answer = client.ask(SESSION, cookies=resident.jar)
            except OSError:
                continue  # TLS refused it
            assert answer.status == 403, name
            assert code_of(answer) == "certificate-untrusted", name


def test_a_certificate_further_up_the_chain_is_a_decoy(target: Target, resident: Guest) -> None:
    """A verifier that looks for any good certificate takes the one that was put beside."""
    thief = target.newcomer()
    client = target.doors.portal(thief.credential, resident.credential.certificate)
    answer = client.ask(SESSION, cookies=resident.jar, headers={"Accept": "application/json"})
    assert answer.status in {401, 403}
    assert resident.username.encode() not in answer.body


def test_a_revoked_certificate_is_not_helped_by_a_good_one(target: Target, resident: Guest) -> None:
    """As above, with a certificate of one's own that is over."""
    victim = target.victim()
    target.revoke(victim)
    client = target.doors.portal(victim.credential, resident.credential.certificate)
    answer = despite_the_cut(lambda: client.ask(SESSION, cookies=resident.jar))
    assert (answer.status, code_of(answer)) == (403, "certificate-revoked")
