"""Baseline: the `cryptography` library builds and signs, and nothing else happens."""

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from ca.authorities import Authority
from tests.support.private_keys import private_key_of

Attributes = Sequence[tuple[x509.ObjectIdentifier, str]]


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

    def for_key(
        self, key: ec.EllipticCurvePublicKey, attributes: Attributes | None = None
    ) -> bytes:
        """Return a certificate for this key.

        `attributes` are the subject in words, else it is the model's; with them
        the key identifier is the key's own, as in a certificate that is to be used.
        """
        model = self._model
        subject = model.subject if attributes is None else _name(attributes)
        builder = (
            x509.CertificateBuilder()
            .serial_number(x509.random_serial_number())
            .issuer_name(model.issuer)
            .subject_name(subject)
            .public_key(key)
            .not_valid_before(model.not_valid_before_utc)
            .not_valid_after(model.not_valid_after_utc)
        )
        for extension in model.extensions:
            value = extension.value
            if attributes is not None and isinstance(value, x509.SubjectKeyIdentifier):
                value = x509.SubjectKeyIdentifier.from_public_key(key)
            builder = builder.add_extension(value, extension.critical)
        return builder.sign(private_key_of(self._authority), SHA256()).public_bytes(Encoding.DER)


def _name(attributes: Attributes) -> x509.Name:
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])
