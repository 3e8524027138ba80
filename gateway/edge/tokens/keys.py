"""The keys of session tokens, for those who must verify them."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from gateway.signing_keys import KeyPurpose, SigningKeys


class TokenKeys:
    """What an edge has to know to verify session tokens."""

    def __init__(self, keys: SigningKeys, purpose: KeyPurpose) -> None:
        self._keys = keys
        self._purpose = purpose

    def current_secrets(self, session: Session) -> Mapping[str, str]:
        """Return the secret text of every key believed now, by its `kid`.

        The text (43 characters of base64url) is the HMAC key as it stands, on
        both sides. Among them are announced keys, which sign soon, and earlier
        ones whose tokens have not expired. A `kid` that is not in here is to be
        refused. Empty before the first rotation; raises `Unavailable`
        ("signing-keys-sealed") on a machine that cannot open them.
        """
        return {key.kid: key.secret for key in self._keys.accepted_keys(session, self._purpose)}
