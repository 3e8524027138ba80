"""Failures of the CA.

Those with a text for the user derive from `foundation.errors`; the others are
faults of configuration or of the program and stop what they occur in.
"""

from foundation.errors import Conflict, Invalid, NotFound, Unavailable


class CertificateNotFound(NotFound):
    """No certificate and no reservation has this serial number."""

    def __init__(self, serial_number: str) -> None:
        super().__init__("certificate-not-found", serial_number=serial_number)


class CertificateStateConflict(Conflict):
    """The certificate's state does not allow the step."""

    def __init__(self, serial_number: str, state: str) -> None:
        super().__init__("certificate-state-conflict", serial_number=serial_number, state=state)
        self.state = state


class CertificateAlreadyRevoked(Conflict):
    """The certificate is revoked, and nothing leads out of that."""

    def __init__(self, serial_number: str) -> None:
        super().__init__("certificate-already-revoked", serial_number=serial_number)


class CertificateNotOnHold(Conflict):
    """Only a held certificate can be released."""

    def __init__(self, serial_number: str, state: str) -> None:
        super().__init__("certificate-not-on-hold", serial_number=serial_number, state=state)


class AuthorityNotRevocable(Conflict):
    """A certificate of root or issuing CA is not ended like a subscriber's (docs/operations.md)."""

    def __init__(self, serial_number: str) -> None:
        super().__init__("authority-not-revocable", serial_number=serial_number)


class SerialNumberTaken(Conflict):
    """The generator drew a serial number that exists; asking again draws another."""

    def __init__(self) -> None:
        super().__init__("serial-number-taken")


class HierarchyExists(Conflict):
    """There is a root or issuing CA already; it is never made over."""

    def __init__(self) -> None:
        super().__init__("hierarchy-exists")


class HierarchyMissing(NotFound):
    """The hierarchy has not been made yet (`certgate init`)."""

    def __init__(self) -> None:
        super().__init__("hierarchy-missing")


class IssuerExpired(Conflict):
    """The authority's own certificate is over; it signs nothing any more."""

    def __init__(self) -> None:
        super().__init__("issuer-expired")


class LintRefused(Invalid):
    """The content of a certificate breaks a rule; nothing was signed."""

    def __init__(self, rule: str, problem: str) -> None:
        super().__init__("certificate-lint-refused", rule=rule, problem=problem)


class KeyUnavailable(Unavailable):
    """A private key is missing, unreadable, or opens with another passphrase."""

    def __init__(self, key_name: str) -> None:
        super().__init__("key-unavailable", key_name=key_name)


class SignerAway(KeyUnavailable):
    """The signer process cannot be reached; it may be back in a moment."""


class SignerBusy(Unavailable):
    """The signer has signed as much as it may for now; asking again later helps."""

    def __init__(self, key_name: str) -> None:
        super().__init__("signer-busy", key_name=key_name)


class PassphraseUnavailable(KeyUnavailable):
    """The file with the passphrase of the keys is missing, unreadable or empty."""

    def __init__(self, path: str) -> None:
        Unavailable.__init__(self, "passphrase-unavailable", path=path)


class PublicKeyRefused(Invalid):
    """The public key is of a kind or strength the CA does not certify."""

    def __init__(self, kind: str) -> None:
        super().__init__("public-key-refused", kind=kind)


class KeyCompromised(Conflict):
    """The key was revoked as compromised; no certificate of it is ever issued again."""

    def __init__(self) -> None:
        super().__init__("public-key-compromised")


class KeyOfAnother(Conflict):
    """Another subscriber has a certificate of this key: one of the two does not own it."""

    def __init__(self) -> None:
        super().__init__("public-key-of-another")


class SubjectRefused(Invalid):
    """A name does not fit its attribute (RFC 5280 appendix A.1 upper bounds)."""

    def __init__(self, attribute: str, limit: int) -> None:
        super().__init__("subject-refused", field=attribute, limit=limit)


class ProfileError(Exception):
    """The profile file is missing, malformed or asks for something unknown."""


class SigningFault(Exception):
    """What came out of the signer is not what was linted, or does not verify."""


__all__ = [
    "AuthorityNotRevocable",
    "CertificateAlreadyRevoked",
    "CertificateNotFound",
    "CertificateNotOnHold",
    "CertificateStateConflict",
    "HierarchyExists",
    "HierarchyMissing",
    "IssuerExpired",
    "KeyCompromised",
    "KeyOfAnother",
    "KeyUnavailable",
    "LintRefused",
    "PassphraseUnavailable",
    "ProfileError",
    "PublicKeyRefused",
    "SerialNumberTaken",
    "SignerAway",
    "SignerBusy",
    "SigningFault",
    "SubjectRefused",
]
