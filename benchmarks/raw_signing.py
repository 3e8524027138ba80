"""Baseline: the `cryptography` library builds and signs, and nothing else happens."""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authority import Authority
from tests.support.private_keys import private_key_of


class RawSigning:
    """Makes certificates with the content of `model` under `authority`."""

    def __init__(self, authority: Authority, model: x509.Certificate) -> None:
        self._authority = authority
        self._model = model
        self._ready_key = ec.generate_private_key(ec.SECP256R1())

    def with_ready_key(self) -> bytes:
        """Return a certificate for a key that exists already."""
        return self.for_key(self._ready_key.public_key())

    def with_new_key(self) -> bytes:
        """Return a certificate for a key made for it."""
        return self.for_key(ec.generate_private_key(ec.SECP256R1()).public_key())

    def for_key(self, key: ec.EllipticCurvePublicKey) -> bytes:
        """Return a certificate for this key."""
        model = self._model
        builder = (
            x509.CertificateBuilder()
            .serial_number(x509.random_serial_number())
            .issuer_name(model.issuer)
            .subject_name(model.subject)
            .public_key(key)
            .not_valid_before(model.not_valid_before_utc)
            .not_valid_after(model.not_valid_after_utc)
        )
        for extension in model.extensions:
            builder = builder.add_extension(extension.value, extension.critical)
        return builder.sign(private_key_of(self._authority), SHA256()).public_bytes(Encoding.DER)
