"""A private key behind a device that went wrong."""

from typing import Literal

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed


class BrokenKey(ec.EllipticCurvePrivateKey):
    """A key that lives elsewhere, behind a device that went wrong."""

    def __init__(self, real: ec.EllipticCurvePrivateKey, fault: Literal["signature", "form"]):
        self._real = real
        self._fault = fault

    def sign(
        self,
        data: bytes | bytearray | memoryview,
        signature_algorithm: ec.EllipticCurveSignatureAlgorithm,
    ) -> bytes:
        if self._fault == "form":
            return b"no signature at all"
        assert not isinstance(signature_algorithm.algorithm, Prehashed)
        return self._real.sign(bytes(data) + b"!", ec.ECDSA(hashes.SHA256()))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._real.public_key()

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> bytes:
        raise NotImplementedError

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._real.curve

    @property
    def key_size(self) -> int:
        return self._real.key_size

    def private_numbers(self) -> ec.EllipticCurvePrivateNumbers:
        raise NotImplementedError

    def private_bytes(self, *_: object) -> bytes:
        raise NotImplementedError

    def __copy__(self) -> "BrokenKey":
        raise NotImplementedError

    def __deepcopy__(self, _: dict[int, object]) -> "BrokenKey":
        raise NotImplementedError
