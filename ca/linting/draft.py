"""What the rules look at: a certificate's content and what was asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cryptography import x509

from ca.key_types import CaPublicKey
from ca.models import ProfileName
from ca.profiles import Profile

ExtensionValue = TypeVar("ExtensionValue", bound=x509.ExtensionType)


@dataclass(frozen=True)
class Draft:
    """A certificate whose signature is a placeholder, and its intended issuer.

    `issuer` is None for a self-signed root; `issuer_key` is then its own key.
    """

    certificate: x509.Certificate
    serial_number: str
    profile: Profile
    issuer: x509.Certificate | None
    issuer_key: CaPublicKey

    @property
    def kind(self) -> ProfileName:
        """Return the profile's name."""
        return self.profile.name

    @property
    def is_authority(self) -> bool:
        """Return whether this is to be a CA certificate."""
        return self.kind in ("root", "issuing")

    def extension(self, kind: type[ExtensionValue]) -> x509.Extension[ExtensionValue] | None:
        """Return the extension of that type, or None."""
        try:
            return self.certificate.extensions.get_extension_for_class(kind)
        except x509.ExtensionNotFound:
            return None


# A rule returns what is wrong, in words for an operator, or None. Its name is
# what an error shows; its docstring cites the section it enforces.
Rule = Callable[[Draft], str | None]
