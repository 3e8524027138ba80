"""The trust stores in use, as many as are worth their memory."""

import threading
from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from ca.verification.trust import TrustKey, TrustStore, make_trust_store, read_trust_state

_STORES: Final = 256
# OpenSSL needs about ten times the octets of a CRL.
_OCTETS: Final = 32 * 1024 * 1024


class TrustStores:
    """The most recently used stores; safe for many threads."""

    def __init__(self, grace: timedelta, *, stores: int = _STORES, octets: int = _OCTETS) -> None:
        """Keep at most so many `stores`, with CRLs of at most so many `octets` together.

        The one used last is always kept. For `grace` after its end a CRL is
        believed when there is no newer one.
        """
        self._grace = grace
        self._most_stores = stores
        self._most_octets = octets
        self._kept: OrderedDict[TrustKey, TrustStore] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """Return how many stores are kept."""
        return len(self._kept)

    def get(self, session: Session, key: TrustKey, now: datetime) -> TrustStore:
        """Return a store for the present state.

        Raises `HierarchyMissing` and `Unavailable` like `read_trust_state`.
        """
        state, crls = read_trust_state(session, key)
        with self._lock:
            kept = self._kept.get(key)
            if kept is None or not kept.is_usable(state, now):
                kept = self._kept[key] = make_trust_store(session, state, crls, now, self._grace)
            self._kept.move_to_end(key)
            self._forget()
            return kept

    def _forget(self) -> None:
        octets = sum(store.octets for store in self._kept.values())
        while len(self._kept) > 1 and (
            len(self._kept) > self._most_stores or octets > self._most_octets
        ):
            _, forgotten = self._kept.popitem(last=False)
            octets -= forgotten.octets
