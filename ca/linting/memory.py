"""What has passed the rules about extensions, so that they are not asked the same thing again.

Those rules look at nothing but the extensions, the profile and the issuer, and
from one certificate of a profile to the next only the key identifier differs.
When every other octet is one that passed, and the identifier stands in the same
place and is that of the new key, the verdict is the same.
"""

from threading import Lock

from cryptography import x509

from ca.key_identifiers import key_identifier
from ca.linting.draft import Draft
from ca.linting.octets import key_bits
from ca.profiles import Profile

# Shards times profiles times issuers; what is forgotten is worked out again.
_MOST = 4096

_Question = tuple[bytes, bytes, Profile, x509.Certificate]


class PassedExtensions:
    """Remembers passes, never refusals."""

    def __init__(self) -> None:
        self._passed: set[_Question] = set()
        self._lock = Lock()

    def question(self, draft: Draft) -> _Question | None:
        """Return what the rules are asked, or None when it cannot be one asked before."""
        if draft.issuer is None or draft.is_authority:
            return None
        identifier = key_identifier(key_bits(draft.octets.subject_public_key_info))
        before, found, after = draft.octets.extensions.partition(identifier)
        return (before, after, draft.profile, draft.issuer.certificate) if found else None

    def knows(self, question: _Question | None) -> bool:
        """Return whether this has passed."""
        return question in self._passed

    def remember(self, question: _Question | None) -> None:
        """Keep a pass."""
        if question is None:
            return
        with self._lock:
            if len(self._passed) >= _MOST:
                self._passed.clear()
            self._passed.add(question)
