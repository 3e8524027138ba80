"""The last rules: the extensions are those of the profile, value by value and octet by octet."""

from typing import cast

from ca.encoding.der import TRUE, object_identifier, octet_string, sequence
from ca.key_types import CaPublicKey
from ca.linting.draft import Draft, Rule
from ca.profiles.extensions import Keys


def extensions_are_the_profiles(draft: Draft) -> str | None:
    """Nothing less, nothing more and nothing else than the profile's section says (4.2)."""
    issuer = draft.issuer.certificate if draft.issuer is not None else None
    # The kind of key is another rule's matter; here only its identifier is made.
    wanted = draft.profile.extensions(Keys(cast(CaPublicKey, draft.public_key), issuer))
    found = [(item.value, item.critical) for item in draft.extensions.values()]
    if found != wanted:
        return "the extensions are not those of the profile"
    return None


def extensions_are_written_canonically(draft: Draft) -> str | None:
    """DER (section 4.1), though parsers forgive it: X.690 sections 8.2, 10.1, 11.1, 11.2, 11.5.

    Two verifiers that read one encoding differently are how forged certificates
    have been made.
    """
    written = sequence(
        *(
            sequence(
                object_identifier(item.oid.dotted_string),
                TRUE if item.critical else b"",
                octet_string(item.value.public_bytes()),
            )
            for item in draft.extensions.values()
        )
    )
    return None if written == draft.octets.extensions else "the extensions are not in DER"


PROFILE_RULES: tuple[Rule, ...] = (
    extensions_are_the_profiles,
    extensions_are_written_canonically,
)
