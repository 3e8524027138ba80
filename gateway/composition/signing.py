"""Where the CA's keys are: in this process, or in a signer of its own."""

import os
import pwd
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from cryptography import x509
from sqlalchemy import select

from ca.keys import KeyStore
from ca.models import AuthorityRecord, CertificateRecord
from ca.signer import RemoteSigners, SignerServer, SigningDesk
from ca.signer.address import Address, UnixAddress, read_address
from ca.signer.adoption import Adoptable
from ca.signer.connections import SignerConnections
from ca.signer.desk import SigningRates
from ca.signer.holdings import Holdings
from ca.signer.log import SignatureLog
from ca.signing import LocalSigners, Signers
from foundation.audit import Actor
from foundation.clock import Clock, SystemClock
from foundation.database import Database
from foundation.errors import Invalid
from foundation.randomness import Randomness, SystemRandomness
from foundation.settings import Settings
from gateway.composition.keys import authority_keys
from gateway.composition.profiles import profiles_of
from policies.parameters import load_parameters

SIGNER_LOG = "signer.db"
SOCKET = "signer.sock"


def signers_of(settings: Settings, randomness: Randomness) -> Signers:
    """Return the signers of the CA's keys: those of its signer process, or of this one.

    Does not connect yet. Raises `Invalid` for an address that cannot be one,
    and `PassphraseUnavailable`.
    """
    if settings.signer is None:
        return LocalSigners(authority_keys(settings, randomness))
    return RemoteSigners(SignerConnections(_address(settings)))


@dataclass(frozen=True)
class SignerHouse:
    """Everything one signer process is made of."""

    address: Address
    keys: KeyStore
    holdings: Holdings
    log: SignatureLog
    desk: SigningDesk
    users: tuple[int, ...]

    def server(self) -> SignerServer:
        """Begin to listen and return the server; raises `OSError`."""
        return SignerServer(self.desk, self.address, self.users)


@contextmanager
def open_signer(settings: Settings, *, ceremony: bool = False) -> Iterator[SignerHouse]:
    """Open a signer's data folder, which is made when it is missing.

    Raises `KeyUnavailable`, `Invalid` and `policies.documents.BrokenDocument`.
    """
    clock, randomness = SystemClock(), SystemRandomness()
    folder = settings.data
    # Others may go through to the socket; what else is in here has its own rights.
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    with ExitStack() as closing:
        log = SignatureLog(folder / SIGNER_LOG, clock)
        closing.callback(log.close)
        keys = authority_keys(settings, randomness)
        holdings = Holdings(keys, folder / "holdings")
        closing.callback(log.write_count, Actor.system())
        yield SignerHouse(
            address=_address(settings),
            keys=keys,
            holdings=holdings,
            log=log,
            desk=_desk(settings, holdings, log, clock, ceremony),
            users=_users(settings),
        )


def adoptable_keys(database: Database) -> list[Adoptable]:
    """Return the keys of a gateway's CA that belong in a signer.

    Those of issuing CAs and OCSP signers that are still good. Never the root's:
    it belongs on no machine with a network (docs/operations.md).
    """
    authorities = select(AuthorityRecord.key_name, AuthorityRecord.certificate).where(
        AuthorityRecord.name != "root"
    )
    responders = (
        select(CertificateRecord.key_name, CertificateRecord.der)
        .where(CertificateRecord.profile == "ocsp")
        .where(CertificateRecord.state == "good")
        .where(CertificateRecord.key_name.is_not(None))
    )
    with database.reading() as session:
        rows = [*session.execute(authorities), *session.execute(responders)]
    return [Adoptable(name, x509.load_der_x509_certificate(der)) for name, der in rows]


def _desk(
    settings: Settings, holdings: Holdings, log: SignatureLog, clock: Clock, ceremony: bool
) -> SigningDesk:
    rates = load_parameters().signer
    return SigningDesk(
        holdings=holdings,
        profiles=profiles_of(settings),
        log=log,
        clock=clock,
        rates=SigningRates(**rates.model_dump()),
        ceremony=ceremony,
    )


def _address(settings: Settings) -> Address:
    if settings.signer is None:
        return UnixAddress(settings.data.absolute() / SOCKET)
    try:
        return read_address(settings.signer, settings.signer_credentials)
    except ValueError as wrong:
        raise Invalid("signer-address-wrong", field="signer") from wrong


def _users(settings: Settings) -> tuple[int, ...]:
    """Return who may connect: the signer's own user, and those named by the setting."""
    named = [name.strip() for name in settings.signer_users.split(",") if name.strip()]
    return (os.getuid(), *(_uid(name) for name in named))


def _uid(name: str) -> int:
    if name.isdecimal():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError as unknown:
        raise Invalid("signer-user-unknown", field="signer_users", user=name) from unknown
