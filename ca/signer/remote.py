"""The gateway's side: signers whose keys are in another process.

Nothing is believed: a signature is verified under the certificate's key before
anybody gets it, whoever made it.
"""

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from ca.encoding.signature_algorithms import assemble_signed
from ca.errors import KeyUnavailable, LintRefused, SignerAway, SignerBusy, SigningFault
from ca.key_types import CaPublicKey
from ca.keys import KeyAlgorithm
from ca.linting import LintedTbs
from ca.signer.connections import SignerConnections
from ca.signer.messages import (
    Answer,
    CreateKey,
    FindKey,
    Request,
    SignCertificate,
    SignCrl,
    SignOcsp,
)
from ca.signing import Signer
from ca.signing.proof import verify_signature
from ca.signing.signed import UnverifiedCertificate, compare_certificate, verify_certificate

_KINDS = (
    ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey | mldsa.MLDSA65PublicKey
)


class RemoteSigners:
    """The keys that a signer holds."""

    def __init__(self, connections: SignerConnections) -> None:
        self._connections = connections

    def create(self, name: str, algorithm: KeyAlgorithm) -> Signer:
        """Have a key made; raises `FileExistsError`, `KeyUnavailable` and `SignerBusy`."""
        answer, spki = self._connections.ask(CreateKey(key=name, algorithm=algorithm))
        if answer.verdict == "taken":
            raise FileExistsError(name)
        _require_done(answer, name)
        return RemoteSigner(self._connections, name, _read_key(spki, name))

    def find(self, name: str, public_key: CaPublicKey | None = None) -> Signer | None:
        """Return the signer, or None when the key is not held there.

        Raises `SignerAway` when nobody can be asked and the public half is not
        known, and `KeyUnavailable`.
        """
        try:
            answer, spki = self._connections.ask(FindKey(key=name))
        except SignerAway:
            if public_key is None:
                raise
            return RemoteSigner(self._connections, name, public_key)
        if answer.verdict == "not_held":
            return None
        _require_done(answer, name)
        return RemoteSigner(self._connections, name, _read_key(spki, name))

    def get(self, name: str, public_key: CaPublicKey | None = None) -> Signer:
        """Return the signer; raises `KeyUnavailable`."""
        signer = self.find(name, public_key)
        if signer is None:
            raise KeyUnavailable(name)
        return signer


class RemoteSigner:
    """A `Signer` that asks the signer process each time."""

    def __init__(self, connections: SignerConnections, name: str, public_key: CaPublicKey) -> None:
        self._connections = connections
        self._name = name
        self._public_key = public_key

    @property
    def public_key(self) -> CaPublicKey:
        """Return the public half."""
        return self._public_key

    def sign_certificate(self, linted: LintedTbs) -> x509.Certificate:
        """Have the content signed; see `Signer.sign_certificate`.

        Raises `LintRefused` when it breaks a rule of the signer's own profiles.
        """
        return verify_certificate(self.sign_unverified(linted), self._public_key)

    def sign_unverified(self, linted: LintedTbs) -> UnverifiedCertificate:
        """Have the content signed; see `Signer.sign_unverified`.

        Raises `LintRefused` as `sign_certificate` does.
        """
        tbs = linted.take_for(self._public_key)
        profile = linted.profile
        request = SignCertificate(
            key=self._name,
            serial_number=linted.serial_number,
            profile=profile.name,
            issuer=profile.variant.issuer,
            crl_shard=profile.variant.crl_shard,
            server_names=profile.variant.server_names,
        )
        signature = self._ask(request, tbs)
        return compare_certificate(
            assemble_signed(tbs, self._public_key, signature), tbs, self._public_key
        )

    def sign_crl(self, tbs: bytes) -> bytes:
        """Return the signed list; see `Signer.sign_crl`."""
        signature = self._ask(SignCrl(key=self._name), tbs)
        verify_signature(self._public_key, signature, tbs)
        return assemble_signed(tbs, self._public_key, signature)

    def sign_ocsp(self, tbs: bytes) -> bytes:
        """Return the signature; see `Signer.sign_ocsp`."""
        signature = self._ask(SignOcsp(key=self._name), tbs)
        verify_signature(self._public_key, signature, tbs)
        return signature

    def _ask(self, request: Request, body: bytes) -> bytes:
        answer, octets = self._connections.ask(request, body)
        _require_done(answer, self._name)
        return octets


def _require_done(answer: Answer, name: str) -> None:
    match answer.verdict:
        case "done":
            return
        case "busy":
            raise SignerBusy(name)
        case "lint":
            raise LintRefused(answer.rule, answer.problem)
        case "refused":
            raise SigningFault(f"the signer refused: {answer.rule}")
        case _:
            raise KeyUnavailable(name)


def _read_key(spki: bytes, name: str) -> CaPublicKey:
    try:
        key = load_der_public_key(spki)
    except ValueError as failure:
        raise KeyUnavailable(name) from failure
    if not isinstance(key, _KINDS):
        raise KeyUnavailable(name)
    return key
