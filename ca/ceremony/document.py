"""The document of a ceremony: everything that is decided, reviewed before anything is made.

TOML, so that people can read and sign it. What is not in it is not decided on
the day: names, algorithm, lifetimes, addresses, and who is there.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from ca.ceremony.errors import DocumentRefused
from ca.errors import ProfileError
from ca.profiles import Profiles, find_profile_file, settings_environment
from ca.profiles.lifetimes import Lifetimes
from foundation.settings import KeyAlgorithmName, require_organization

_LARGEST = 64 * 1024

Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Participant(_Part):
    """Somebody who is there, and as what."""

    name: Name
    role: Name


class Days(_Part):
    """Lifetimes in days."""

    root: Annotated[int, Field(ge=365, le=30 * 365)] = 20 * 365
    issuing: Annotated[int, Field(ge=30, le=15 * 365)] = 10 * 365
    # As long as an offline root rests between two of its CRLs.
    root_crl: Annotated[int, Field(ge=7, le=400)] = 180


class CeremonyDocument(_Part):
    """What a ceremony makes."""

    version: Literal[1]
    title: Name
    organization: str
    algorithm: KeyAlgorithmName
    pki_url: str
    # Whom the issuing CA may call a server, besides private addresses (RFC 5280 4.2.1.10).
    server_names: Annotated[list[str], Field(min_length=1, max_length=32)]
    crl_shards: Annotated[int, Field(ge=1, le=4096)]
    # Where the key of the issuing CA is made: in the ceremony, or on the server,
    # which then asks for its certificate.
    issuing_key: Literal["here", "server"]
    days: Days = Days()
    # Two pairs of eyes at least.
    participants: Annotated[list[Participant], Field(min_length=2, max_length=32)]

    @field_validator("organization")
    @classmethod
    def _fitting_organization(cls, value: str) -> str:
        return require_organization(value)

    @field_validator("pki_url")
    @classmethod
    def _plain_http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "http" or not parts.hostname or value.endswith("/"):
            raise ValueError("an http:// address without a slash at its end")
        if parts.query or parts.fragment or parts.username is not None:
            raise ValueError("an address and nothing more")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.days.issuing > self.days.root:
            raise ValueError("the issuing CA would outlive the root")
        if len({person.name for person in self.participants}) != len(self.participants):
            raise ValueError("a participant is named twice")
        return self

    def profiles(self) -> Profiles:
        """Return the certificate profiles with these decisions; raises `DocumentRefused`."""
        try:
            return Profiles(
                find_profile_file(),
                settings_environment(
                    pki_url=self.pki_url,
                    server_names=self.server_names,
                    organization=self.organization,
                ),
            )
        except (ProfileError, ValueError) as refused:
            raise DocumentRefused(str(refused)) from refused

    def lifetimes(self) -> Lifetimes:
        """Return the lifetimes of root and issuing CA."""
        return Lifetimes(
            {
                "root": timedelta(days=self.days.root),
                "issuing": timedelta(days=self.days.issuing),
            }
        )


@dataclass(frozen=True)
class ReviewedDocument:
    """A document with the very octets that were reviewed."""

    content: CeremonyDocument
    octets: bytes

    @property
    def sha256(self) -> str:
        """Return the digest that reviewers compare, in upper-case hex."""
        return hashlib.sha256(self.octets).hexdigest().upper()


def read_document(path: Path) -> ReviewedDocument:
    """Return the document in `path`; raises `DocumentRefused`."""
    try:
        with path.open("rb") as file:
            octets = file.read(_LARGEST + 1)
    except OSError as failure:
        raise DocumentRefused(f"{path}: {failure.strerror}") from failure
    return parse_document(octets)


def parse_document(octets: bytes) -> ReviewedDocument:
    """Return what the octets say; raises `DocumentRefused`."""
    if len(octets) > _LARGEST:
        raise DocumentRefused("too long")
    try:
        found = tomllib.loads(octets.decode())
        content = CeremonyDocument.model_validate(found)
    except ValidationError as wrong:
        first = wrong.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DocumentRefused(f"{where}: {first['msg']}".removeprefix(": ")) from wrong
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise DocumentRefused(str(wrong)) from wrong
    return ReviewedDocument(content, octets)
