"""What has passed the rules about common parts, so that they are not asked the same thing again.

From one certificate of a profile to the next only number, subject, key and key
identifier differ. The rules about everything else look at nothing but these
other parts, the profile and the issuer. When every octet of them is one that
passed, the verdict is the same. There are two kinds, because one second has
many certificates and one profile many seconds:

frame        version, algorithm, issuer and validity
extensions   all of them, when the identifier stands in the same place and is
             that of the new key
"""

from collections.abc import Hashable
from threading import Lock

from ca.encoding.key_identifiers import key_identifier
from ca.encoding.signature_algorithms import signature_algorithm_of
from ca.linting.draft import Draft
from ca.linting.octets import key_bits

# Shards times profiles times issuers, and the seconds since: what is forgotten
# is worked out again.
_MOST = 4096


class Passed:
    """Remembers passes, never refusals."""

    def __init__(self) -> None:
        self._passed: set[Hashable] = set()
        self._lock = Lock()

    def knows(self, question: Hashable | None) -> bool:
        """Return whether this has passed."""
        return question in self._passed

    def remember(self, question: Hashable | None) -> None:
        """Keep a pass; None stands for what is asked each time."""
        if question is None:
            return
        with self._lock:
            if len(self._passed) >= _MOST:
                self._passed.clear()
            self._passed.add(question)


def frame_question(draft: Draft) -> Hashable | None:
    """Return all that the rules about the frame look at, or None for a self-signed root."""
    if draft.issuer is None:
        return None
    octets = draft.octets
    return (
        octets.version,
        octets.algorithm,
        octets.issuer,
        octets.validity,
        # The algorithm that the content names is held against the issuer's.
        signature_algorithm_of(draft.issuer_key).identifier,
        draft.issuer,
    )


def extensions_question(draft: Draft) -> Hashable | None:
    """Return all that the rules about extensions look at, or None when it cannot be known."""
    if draft.issuer is None or draft.is_authority:
        return None
    octets = draft.octets
    identifier = key_identifier(key_bits(octets.subject_public_key_info))
    before, found, after = octets.extensions.partition(identifier)
    return (before, after, draft.profile, draft.issuer) if found else None
