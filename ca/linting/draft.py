"""What the rules look at: a certificate's content and what was asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar, cast

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

from ca.key_types import CaPublicKey
from ca.keys.reading import read_public_key
from ca.linting.issuer import IssuerFacts
from ca.linting.octets import TbsOctets
from ca.linting.subjects import Attribute, SubjectFacts, read_subject
from ca.models import ProfileName
from ca.profiles import Profile

ExtensionValue = TypeVar("ExtensionValue", bound=x509.ExtensionType)


@dataclass(frozen=True)
class Draft:
    """A certificate whose signature is a placeholder, and its intended issuer.

    `issuer` is None for a self-signed root; `issuer_key` is then its own key.
    What several rules ask for is worked out once.
    """

    certificate: x509.Certificate
    octets: TbsOctets
    serial_number: str
    profile: Profile
    issuer: IssuerFacts | None
    issuer_key: CaPublicKey

    @property
    def kind(self) -> ProfileName:
        """Return the profile's name."""
        return self.profile.name

    @property
    def is_authority(self) -> bool:
        """Return whether this is to be a CA certificate."""
        return self.profile.name in ("root", "issuing")

    @cached_property
    def public_key(self) -> PublicKeyTypes:
        """Return the subject's key; raises `ValueError` when it cannot be read."""
        return read_public_key(self.octets.subject_public_key_info)

    @cached_property
    def subject_facts(self) -> SubjectFacts:
        """Return what the subject says; raises `ValueError` when it cannot be read."""
        return read_subject(self.octets.subject, self.certificate)

    @property
    def subject(self) -> list[Attribute]:
        """Return the subject's attributes in their order."""
        return self.subject_facts.attributes

    @cached_property
    def extensions(self) -> Mapping[type[x509.ExtensionType], x509.Extension[x509.ExtensionType]]:
        """Return the extensions in their order, by the type of their value."""
        return {type(item.value): item for item in self.certificate.extensions}

    def extension(self, kind: type[ExtensionValue]) -> x509.Extension[ExtensionValue] | None:
        """Return the extension of that type, or None."""
        return cast("x509.Extension[ExtensionValue] | None", self.extensions.get(kind))


# A rule returns what is wrong, in words for an operator, or None. Its name is
# what an error shows; its docstring cites the section it enforces.
Rule = Callable[[Draft], str | None]
