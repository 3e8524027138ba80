"""Signing answers with a delegated signer (RFC 6960 section 4.2.2.2)."""

import hashlib
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authority import OcspSigner
from ca.ocsp.encoding import (
    SingleAnswer,
    encode_certificates,
    encode_key_hash,
    encode_response,
    encode_response_data,
)
from ca.ocsp.issuers import subject_key_bits
from ca.signature_algorithms import signature_algorithm_of
from ca.signing import KeySigner, Signer


class AnswerSigner:
    """One delegated signer with everything about it that stands in each answer.

    RFC 5019 section 2.2.1: named by its key, and its certificate enclosed.
    """

    def __init__(self, signer: OcspSigner) -> None:
        certificate = signer.certificate
        self.signer = signer
        self.not_before: datetime = certificate.not_valid_before_utc
        self.not_after: datetime = certificate.not_valid_after_utc
        key_hash = hashlib.sha1(subject_key_bits(certificate), usedforsecurity=False).digest()
        self._responder_id = encode_key_hash(key_hash)
        self._certificates = encode_certificates(certificate.public_bytes(Encoding.DER))
        self.is_prompt = _is_prompt(signer.signer)
        self._algorithm = signature_algorithm_of(signer.signer.public_key).identifier

    def sign(self, produced_at: datetime, answer: SingleAnswer, nonce: bytes | None) -> bytes:
        """Return the OCSPResponse in DER; raises `KeyUnavailable`."""
        data = encode_response_data(self._responder_id, produced_at, answer, nonce)
        signature = self.signer.signer.sign_ocsp(data)
        return encode_response(data, self._algorithm, signature, self._certificates)


def _is_prompt(signer: Signer) -> bool:
    """Return whether a signature takes some 20 microseconds and waits for nobody.

    True of keys in this process on the curves that OpenSSL has fast code for.
    RSA takes fifty times as long; a signer process, or a token behind an
    object of ours, may not answer at all.
    """
    if not isinstance(signer, KeySigner):
        return False
    key = signer.private_key
    if not type(key).__module__.startswith("cryptography."):
        return False
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.curve.name == "secp256r1"
    return isinstance(key, ed25519.Ed25519PrivateKey)
