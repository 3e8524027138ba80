"""Certificate profiles, read from `openssl.cnf` once at start.

Anything in a profile's section that is not understood refuses to start: a
certificate with fewer extensions than its profile promises must not exist.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

from cryptography import x509

from ca.errors import ProfileError
from ca.models import AuthorityName, ProfileName
from ca.names.authority_names import ROOT, issuing_common_name
from ca.names.subject import NAME_ATTRIBUTES
from ca.profiles.configuration_file import ConfigurationFile, read_configuration
from ca.profiles.extensions import ExtensionTemplate, Keys, read_extension
from ca.profiles.general_names import spell_general_name, spell_subtree

PROFILE_NAMES: tuple[ProfileName, ...] = get_args(ProfileName)
AUTHORITY_PROFILES: frozenset[ProfileName] = frozenset({"root", "issuing"})
SUBSCRIBER_PROFILES: frozenset[ProfileName] = frozenset({"unit", "officer", "person"})
EDGE_PROFILES: frozenset[ProfileName] = frozenset({"edge"})

_NAME_SECTIONS: Mapping[ProfileName, str] = {
    "root": "root_name",
    "issuing": "issuing_name",
    "server": "service_name",
    "ocsp": "service_name",
    "edge": "service_name",
    "unit": "subscriber_name",
    "officer": "subscriber_name",
    "person": "subscriber_name",
}


@dataclass(frozen=True)
class Variant:
    """For which certificates of a kind a profile was read.

    `issuer` is the issuing CA that signs, or that a certificate of the profile
    "issuing" is for, `crl_shard` the part of its CRL that
    would list them (None: the full one), `server_names` who a server is.
    """

    issuer: AuthorityName = "issuing"
    crl_shard: int | None = None
    server_names: tuple[str, ...] = ()


# Two are the same when they are one object: what is kept for a profile is found fast.
@dataclass(frozen=True, eq=False)
class Profile:
    """What goes into one kind of certificate."""

    name: ProfileName
    name_defaults: tuple[x509.NameAttribute[str], ...]
    templates: tuple[ExtensionTemplate, ...]
    variant: Variant = Variant()

    def extensions(self, keys: Keys) -> list[tuple[x509.ExtensionType, bool]]:
        """Return (extension, critical) in the order of the section."""
        return [(template.make(keys), template.critical) for template in self.templates]


class Profiles:
    """All profiles of one `openssl.cnf`."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        """Read and check every profile; raises `ProfileError`.

        `environment` replaces the process's environment, so that settings and
        not whatever surrounds the process decide; see `settings_environment`.
        """
        self._text = read_configuration(path)
        self._environment = dict(environment)
        self._profiles = self._read()
        self._variants: dict[tuple[ProfileName, Variant], Profile] = {}

    def get(self, name: ProfileName) -> Profile:
        """Return the profile `name` as the file alone has it."""
        return self._profiles[name]

    def for_certificate(
        self,
        name: ProfileName,
        *,
        issuer: AuthorityName,
        crl_shard: int | None,
        server_names: Sequence[str] = (),
    ) -> Profile:
        """Return the profile for one certificate of `issuer` in this part of its CRL.

        `server_names` are host names and addresses, for the profile "server".
        """
        variant = Variant(issuer, crl_shard, tuple(server_names))
        found = self._variants.get((name, variant))
        if found is None:
            environment = {**self._environment, **_environment_of(variant)}
            file = ConfigurationFile.parse(self._text, environment)
            found = replace(_read_profile(file, name), variant=variant)
            # As many as there are shards, times profiles; names of servers hardly change.
            self._variants[name, variant] = found
        return found

    def for_authority(self, name: AuthorityName) -> Profile:
        """Return the profile of the root, or of the issuing CA `name`."""
        if name == ROOT:
            return self.get("root")
        return self.for_certificate("issuing", issuer=name, crl_shard=None)

    def _read(self) -> dict[ProfileName, Profile]:
        file = ConfigurationFile.parse(self._text, self._environment)
        return {name: _read_profile(file, name) for name in PROFILE_NAMES}


def settings_environment(
    *, pki_url: str, server_names: Sequence[str], organization: str | None = None
) -> dict[str, str]:
    """Return the variables of `openssl.cnf` for these settings.

    Raises `ProfileError` when a value would change the meaning of the line it
    stands in.
    """
    environment = {
        "CERTGATE_PKI_URL": pki_url,
        "CERTGATE_SERVER_NAMES": ", ".join(map(spell_general_name, server_names)),
        "CERTGATE_PERMITTED_NAMES": ", ".join(map(spell_subtree, server_names)),
    }
    if organization is not None:
        environment["CERTGATE_ORGANIZATION"] = organization
    for value in (pki_url, *server_names):
        if any(character in value for character in ",; \t\r\n"):
            raise ProfileError(f"{value!r} cannot stand in a certificate profile")
    return environment


def _environment_of(variant: Variant) -> dict[str, str]:
    issuer, shard = variant.issuer, variant.crl_shard
    given = {
        "CERTGATE_ISSUER": issuer,
        "CERTGATE_ISSUING_CA": issuing_common_name(issuer),
        "CERTGATE_CRL": issuer if shard is None else f"{issuer}/{shard}",
    }
    if variant.server_names:
        given["CERTGATE_SERVER_NAMES"] = ", ".join(map(spell_general_name, variant.server_names))
    return given


def _read_profile(file: ConfigurationFile, name: ProfileName) -> Profile:
    try:
        templates = tuple(read_extension(key, value) for key, value in file.section(name).items())
        defaults = tuple(
            _read_attribute(key, value) for key, value in file.section(_NAME_SECTIONS[name]).items()
        )
    except ProfileError as problem:
        raise ProfileError(f"profile {name}: {problem}") from problem
    return Profile(name, defaults, templates)


def _read_attribute(key: str, value: str) -> x509.NameAttribute[str]:
    if key not in NAME_ATTRIBUTES:
        raise ProfileError(f"name attribute {key} is not known")
    try:
        return x509.NameAttribute(NAME_ATTRIBUTES[key], value)
    except ValueError as problem:
        raise ProfileError(f"{key}: {problem}") from problem


def find_profile_file() -> Path:
    """Return `openssl.cnf`: in the package `ca` when installed, else above it in the sources."""
    package = Path(__file__).resolve().parent.parent
    candidates = (package / "openssl.cnf", package.parent / "openssl.cnf")
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise ProfileError(f"{candidates[-1]} is missing")
