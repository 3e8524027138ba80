"""Signing certificates: the only place where an authority's key meets a TBS.

The signer takes nothing but `LintedTbs` tokens, each good for one signature by
one key, so there is no way to a signature around the rules (`ca.linting`).
"""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding

from ca.authority import CaPrivateKey, CaPublicKey
from ca.errors import SigningFault
from ca.linting import LintedTbs
from ca.signature_algorithms import assemble_certificate, sign_raw


def sign_certificate(linted: LintedTbs, private_key: CaPrivateKey) -> x509.Certificate:
    """Sign exactly the linted content and prove it before returning.

    Raises `ValueError` when the token was used before or was made for another
    key, and `SigningFault` when what was signed is not what was linted or the
    signature does not verify (a broken key, library or memory).
    """
    public_key = private_key.public_key()
    tbs = linted.take_for(public_key)
    der = assemble_certificate(tbs, public_key, sign_raw(private_key, tbs))
    certificate = x509.load_der_x509_certificate(der)
    if certificate.tbs_certificate_bytes != tbs:
        raise SigningFault("the signed content is not the linted content")
    _verify_signature(certificate, public_key)
    return certificate


def _verify_signature(certificate: x509.Certificate, public_key: CaPublicKey) -> None:
    """Verify, with the algorithm the certificate itself names; raises `SigningFault`."""
    signature, content = certificate.signature, certificate.tbs_certificate_bytes
    parameters = certificate.signature_algorithm_parameters
    try:
        match public_key:
            case ed25519.Ed25519PublicKey():
                public_key.verify(signature, content)
            case ec.EllipticCurvePublicKey():
                assert isinstance(parameters, ec.ECDSA)
                public_key.verify(signature, content, parameters)
            case _:
                assert isinstance(parameters, padding.PKCS1v15)
                assert certificate.signature_hash_algorithm is not None
                public_key.verify(
                    signature, content, parameters, certificate.signature_hash_algorithm
                )
    except InvalidSignature as failure:
        raise SigningFault("the signature does not verify with the issuer's key") from failure
