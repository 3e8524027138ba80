"""One session with a token, opened when it is needed and again when it was lost."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pkcs11
from pkcs11 import exceptions

from ca.errors import KeyUnavailable
from ca.keys.pkcs11.errors import PinRefused, TokenUnavailable

Answer = TypeVar("Answer")

_PIN_FAULTS = (
    exceptions.PinIncorrect,
    exceptions.PinInvalid,
    exceptions.PinLenRange,
    exceptions.PinExpired,
    exceptions.PinLocked,
    exceptions.UserPinNotInitialized,
)


@dataclass(frozen=True)
class TokenAccess:
    """Where a token is and what opens it."""

    module: Path
    label: str
    pin: str = field(repr=False)


class TokenConnection:
    """Runs work on a token, one piece at a time: a session has room for one operation.

    A process has one connection to a module: reinitialising it, which finds a
    token that came back, ends the sessions of everybody else in the process.
    """

    def __init__(self, access: TokenAccess) -> None:
        """Nothing is opened yet."""
        self._access = access
        self._lock = threading.Lock()
        self._session: pkcs11.Session | None = None
        self._pin_refused = False
        # Handles of objects are good for one session; this tells sessions apart.
        self.generation = 0

    @property
    def label(self) -> str:
        """Return the token's label."""
        return self._access.label

    def run(self, work: Callable[[pkcs11.Session], Answer]) -> Answer:
        """Return what `work` answers; when the session was lost, it is asked twice.

        Raises `TokenUnavailable` and `PinRefused`.
        """
        with self._lock:
            if self._session is not None:
                # Any fault at all: what a token says when it was pulled out is
                # different with every maker.
                with suppress(exceptions.PKCS11Error):
                    return work(self._session)
                self._drop_session()
            return self._run_afresh(work)

    def run_afresh(self, work: Callable[[pkcs11.Session], Answer]) -> Answer:
        """Return what `work` answers in a new session, for which the token must be there.

        A session from before may see an empty token where there is none.
        """
        with self._lock:
            self._drop_session()
            return self._run_afresh(work)

    def close(self) -> None:
        """End the session; the next piece of work opens another."""
        with self._lock:
            self._drop_session()

    def _run_afresh(self, work: Callable[[pkcs11.Session], Answer]) -> Answer:
        try:
            self._session = self._open_session()
            return work(self._session)
        except exceptions.PKCS11Error as failure:
            self._drop_session()
            raise TokenUnavailable(self.label) from failure
        except KeyUnavailable:
            self._drop_session()
            raise

    def _open_session(self) -> pkcs11.Session:
        if self._pin_refused:
            raise PinRefused(self.label)
        token = self._find_token()
        self.generation += 1
        try:
            return token.open(rw=True, user_pin=self._access.pin)
        except exceptions.UserAlreadyLoggedIn:
            # Logging in holds for the process and not for the session.
            return token.open(rw=True)
        except _PIN_FAULTS as refused:
            self._pin_refused = True
            raise PinRefused(self.label) from refused

    def _find_token(self) -> pkcs11.Token:
        library = pkcs11.lib(str(self._access.module))
        try:
            return library.get_token(token_label=self.label)
        except exceptions.PKCS11Error:
            # Modules read their list of slots once (PKCS#11 2.40, C_Initialize).
            library.reinitialize()
            return library.get_token(token_label=self.label)

    def _drop_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            with suppress(exceptions.PKCS11Error):
                session.close()
