"""Contents of certificates that are right but for the one thing a test changes."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache, partial
from typing import Any

from cryptography import x509

from ca.authorities import Authority
from ca.encoding.tbs import TbsContent, encode_tbs
from ca.key_types import CaPrivateKey, CaPublicKey
from ca.keys import generate_key
from ca.linting import LintedTbs, lint
from ca.linting.lint import RULES, read_draft
from ca.models import ProfileName
from ca.names.subject import Subject
from ca.profiles import Profile
from ca.profiles.extensions import ExtensionTemplate, Keys
from ca.profiles.lifetimes import Lifetimes
from ca.signing import KeySigner
from tests.support.certification import SERVER_NAMES, UNIT, make_profiles
from tests.support.clock import NEW_YEAR
from tests.support.private_keys import private_key_of

SERIAL_NUMBER = "4142434445464748494A"

ChangeExtension = Callable[[x509.ExtensionType, bool], tuple[x509.ExtensionType, bool] | None]


@dataclass(frozen=True)
class DraftContent:
    """Content, the profile it is made for, and who is to sign it."""

    content: TbsContent
    profile: Profile
    issuer: x509.Certificate | None
    issuer_private_key: CaPrivateKey

    def but(self, **changes: Any) -> "DraftContent":
        """Return the draft with fields of its content changed."""
        return replace(self, content=replace(self.content, **changes))

    def but_extensions(self, change: ChangeExtension) -> "DraftContent":
        """Return the draft with each extension changed, or left out for None."""
        changed = [change(value, critical) for value, critical in self.content.extensions]
        return self.but(extensions=[item for item in changed if item is not None])

    def but_extension(
        self, new: x509.ExtensionType, *, critical: bool | None = None
    ) -> "DraftContent":
        """Return the draft with the extension of `new`'s kind replaced by it."""

        def change(value: x509.ExtensionType, was: bool) -> tuple[x509.ExtensionType, bool]:
            if value.oid != new.oid:
                return value, was
            return new, was if critical is None else critical

        return self.but_extensions(change)

    def plus(self, value: x509.ExtensionType, *, critical: bool = False) -> "DraftContent":
        """Return the draft with one more extension, at the end."""
        return self.but(extensions=[*self.content.extensions, (value, critical)])

    def without(self, kind: type[x509.ExtensionType]) -> "DraftContent":
        """Return the draft without the extension of that kind."""
        return self.but_extensions(
            lambda value, critical: None if isinstance(value, kind) else (value, critical)
        )

    def with_key(self, key: CaPublicKey) -> "DraftContent":
        """Return the draft for another key, with its identifier."""
        identifier = x509.SubjectKeyIdentifier.from_public_key(key)
        return self.but(public_key=key).but_extension(identifier)

    def of_its_profile(self) -> "DraftContent":
        """Return the draft with a profile that asks for just these extensions."""
        templates = tuple(
            ExtensionTemplate("given", critical, partial(_given, value))
            for value, critical in self.content.extensions
        )
        return replace(self, profile=replace(self.profile, templates=templates))

    def tbs(self) -> bytes:
        """Return the encoded content."""
        return encode_tbs(self.content, self.issuer_private_key.public_key())

    def broken_rules(
        self, tbs: bytes | None = None, serial_number: str = SERIAL_NUMBER
    ) -> set[str]:
        """Return the names of all rules that the draft, or other octets in its place, break."""
        draft = read_draft(
            tbs or self.tbs(),
            serial_number,
            self.profile,
            self.issuer,
            self.issuer_private_key.public_key(),
        )
        return {rule.__name__ for rule in RULES if rule(draft) is not None}

    def lint(self, serial_number: str = SERIAL_NUMBER) -> LintedTbs:
        """Lint the draft as the CA would."""
        return self.lint_of(self.tbs(), serial_number)

    def lint_of(self, tbs: bytes, serial_number: str = SERIAL_NUMBER) -> LintedTbs:
        """Lint other octets as if they were this draft's."""
        return lint(
            tbs,
            serial_number=serial_number,
            profile=self.profile,
            issuer=self.issuer,
            issuer_key=self.issuer_private_key.public_key(),
        )


def draft_root() -> DraftContent:
    """Return the content of a root."""
    return _draft("root", None, x509.Name(make_profiles().get("root").name_defaults))


def draft_issuing() -> DraftContent:
    """Return the content of an issuing CA."""
    profile = make_profiles().get("issuing")
    return _draft("issuing", authority("root"), x509.Name(profile.name_defaults))


def draft_end_entity(
    name: ProfileName = "unit", *, subject: Subject = UNIT, issuer: Authority | None = None
) -> DraftContent:
    """Return the content of an end entity's certificate."""
    profile = make_profiles().get(name)
    return _draft(name, issuer or authority("issuing"), subject.name(profile.name_defaults))


def draft_server() -> DraftContent:
    """Return the content of a server's certificate."""
    return draft_end_entity("server", subject=Subject(SERVER_NAMES[0]))


@cache
def authority(name: str) -> Authority:
    """Return a root or issuing CA that lives as long as the test process."""
    if name == "root":
        draft = draft_root()
        return Authority(
            "root",
            KeySigner(draft.issuer_private_key).sign_certificate(draft.lint()),
            KeySigner(draft.issuer_private_key),
        )
    key = generate_key("ecdsa-p256")
    draft = draft_issuing()
    keys = Keys(key.public_key(), draft.issuer)
    draft = draft.but(public_key=key.public_key(), extensions=draft.profile.extensions(keys))
    certificate = KeySigner(draft.issuer_private_key).sign_certificate(draft.lint())
    return Authority("issuing", certificate, KeySigner(key))


def _draft(name: ProfileName, issuer: Authority | None, subject: x509.Name) -> DraftContent:
    profile = make_profiles().get(name)
    key = generate_key("ecdsa-p256")
    certificate = issuer.certificate if issuer else None
    later = timedelta(hours=1) if issuer else timedelta()
    not_before, not_after = Lifetimes().validity(name, NEW_YEAR + later, certificate)
    content = TbsContent(
        serial_number=int(SERIAL_NUMBER, 16),
        issuer=certificate.subject if certificate else subject,
        subject=subject,
        public_key=key.public_key(),
        not_before=not_before,
        not_after=not_after,
        extensions=profile.extensions(Keys(key.public_key(), certificate)),
    )
    return DraftContent(content, profile, certificate, private_key_of(issuer) if issuer else key)


def _given(value: x509.ExtensionType, _: Keys) -> x509.ExtensionType:
    return value
