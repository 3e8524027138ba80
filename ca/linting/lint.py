"""The linter, and the token that proves its verdict to the signer."""

from collections.abc import Hashable
from typing import Final

from cryptography import x509

from ca.encoding.not_readable import NOT_READABLE
from ca.encoding.signature_algorithms import assemble_signed
from ca.errors import LintRefused
from ca.key_types import CaPublicKey
from ca.linting.draft import Draft, Rule
from ca.linting.extension_rules import EXTENSION_RULES
from ca.linting.field_rules import FIELD_RULES
from ca.linting.frame_rules import FRAME_RULES
from ca.linting.issuer import read_issuer
from ca.linting.memory import Passed, extensions_question, frame_question
from ca.linting.name_rules import NAME_RULES
from ca.linting.octets import split_tbs
from ca.linting.pointer_rules import POINTER_RULES
from ca.linting.profile_rules import PROFILE_RULES
from ca.linting.server_rules import SERVER_RULES
from ca.profiles import Profile

# These look at nothing but what certificates have in common (`ca.linting.memory`).
_ABOUT_THE_FRAME: Final[tuple[Rule, ...]] = FRAME_RULES
_ABOUT_EXTENSIONS: Final[tuple[Rule, ...]] = (
    *EXTENSION_RULES,
    *POINTER_RULES,
    *SERVER_RULES,
    *PROFILE_RULES,
)
_ABOUT_THE_REST: Final[tuple[Rule, ...]] = (*FIELD_RULES, *NAME_RULES)
RULES: Final[tuple[Rule, ...]] = (*_ABOUT_THE_REST, *_ABOUT_THE_FRAME, *_ABOUT_EXTENSIONS)

_PASSED: Final = Passed()
_SEAL: Final = object()


class LintedTbs:
    """Content that kept every rule; good for one signature by one key."""

    def __init__(
        self,
        tbs: bytes,
        issuer_key: CaPublicKey,
        *,
        serial_number: str,
        profile: Profile,
        seal: object,
    ) -> None:
        """Only `lint` has the seal. `serial_number` and `profile` are what it was held against."""
        if seal is not _SEAL:
            raise TypeError("only the linter makes linted content")
        self.serial_number = serial_number
        self.profile = profile
        self._tbs: list[bytes] = [tbs]
        self._issuer_key = issuer_key

    def take_for(self, issuer_key: CaPublicKey) -> bytes:
        """Return the content, once; raises `ValueError` for a second time or another key."""
        # Mostly the same object, and asking the library costs more than all else here.
        if issuer_key is not self._issuer_key and issuer_key != self._issuer_key:
            raise ValueError("the content was linted for another issuer")
        try:
            return self._tbs.pop()
        except IndexError:
            raise ValueError("the content was signed already") from None


def lint(
    tbs: bytes,
    *,
    serial_number: str,
    profile: Profile,
    issuer: x509.Certificate | None,
    issuer_key: CaPublicKey,
) -> LintedTbs:
    """Return a token for the signer; raises `LintRefused` naming the first broken rule.

    Does not check that the subject is who it says: that is the business of
    enrollment; nor that the serial number was never used: the table's.
    """
    try:
        draft = read_draft(tbs, serial_number, profile, issuer, issuer_key)
        _hold_against(_ABOUT_THE_REST, draft)
        _hold_unless_passed(_ABOUT_THE_FRAME, draft, frame_question(draft))
        _hold_unless_passed(_ABOUT_EXTENSIONS, draft, extensions_question(draft))
    except NOT_READABLE as failure:
        raise LintRefused("well_formed", str(failure)) from failure
    return LintedTbs(tbs, issuer_key, serial_number=serial_number, profile=profile, seal=_SEAL)


def _hold_unless_passed(rules: tuple[Rule, ...], draft: Draft, question: Hashable | None) -> None:
    if not _PASSED.knows(question):
        _hold_against(rules, draft)
        _PASSED.remember(question)


def _hold_against(rules: tuple[Rule, ...], draft: Draft) -> None:
    for rule in rules:
        problem = rule(draft)
        if problem is not None:
            raise LintRefused(rule.__name__, problem)


def read_draft(
    tbs: bytes,
    serial_number: str,
    profile: Profile,
    issuer: x509.Certificate | None,
    issuer_key: CaPublicKey,
) -> Draft:
    """Return what the rules look at; raises `ValueError` for what is no TBSCertificate."""
    unsigned = assemble_signed(tbs, issuer_key, b"")
    return Draft(
        certificate=x509.load_der_x509_certificate(unsigned),
        octets=split_tbs(tbs),
        serial_number=serial_number,
        profile=profile,
        issuer=read_issuer(issuer) if issuer is not None else None,
        issuer_key=issuer_key,
    )
