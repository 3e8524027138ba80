"""A gateway with real listeners, and a unit whose certificate is in its last days.

The house is made a year ago by a clock of its own, which then stands at the
real present: other people's programs look at the machine's clock.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from enrollment.slips.issued_slip import IssuedSlip
from foundation.audit import Actor
from foundation.clock import SystemClock
from foundation.settings import Settings
from gateway.listeners.tls_context import TlsContext
from tests.integration.gateway.listeners.doors import open_door
from tests.support.bureau import NEW_PASSWORD, Bureau, bureau_of
from tests.support.clock import FakeClock
from tests.support.renewing import new_key, request_for

_YEAR = timedelta(days=365)
_SETTLED = 3


@dataclass(frozen=True)
class Credential:
    """A certificate that has been logged in with, and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain: tuple[bytes, ...]

    def write(self, folder: Path) -> tuple[Path, Path]:
        """Write certificate with chain and key as PEM; return both files."""
        certificate, key = folder / "present.pem", folder / "present.key"
        certificate.write_bytes(
            b"".join(
                x509.load_der_x509_certificate(each).public_bytes(Encoding.PEM)
                for each in self.chain
            )
        )
        key.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return certificate, key


@dataclass
class Gateway:
    """A bureau behind two doors on this machine."""

    bureau: Bureau
    root_file: Path
    public_port: int = 0
    portal_port: int = 0
    _names: Iterator[int] = field(default_factory=lambda: iter(range(1, 1000)))
    _settled: list[Credential] = field(default_factory=list)

    @property
    def public(self) -> str:
        """The address of the listener that asks for no certificate."""
        return f"https://localhost:{self.public_port}/.well-known/est"

    @property
    def portal(self) -> str:
        """The address of the listener that asks for one."""
        return f"https://localhost:{self.portal_port}/.well-known/est"

    def register(self) -> IssuedSlip:
        """Return the slip of somebody new."""
        return self.bureau.register_officer(f"officer.{next(self._names)}", "auditor")

    def settle(self) -> Credential:
        """Return the credential of somebody who can renew it now; each is given once."""
        return self._settled.pop()

    def prepare(self, count: int) -> None:
        """Let so many subscribers begin at the time of the bureau's clock."""
        self._settled += [self._settle() for _ in range(count)]

    def _settle(self) -> Credential:
        slip, key, by = self.register(), new_key(), Actor.anonymous(None)
        enrollment = self.bureau.house.enrollment
        picked_up = enrollment.pickup.redeem_csr(
            slip.serial_number, slip.download_password, request_for(key), by
        )
        # Not through the door: a cookie jar looks at the machine's clock.
        authenticators = enrollment.authenticators
        verified = authenticators.verify_password(slip.username, slip.initial_password, by)
        change = authenticators.prepare_change(
            slip.username, slip.initial_password, NEW_PASSWORD, by
        )
        with self.bureau.house.database.writing() as session:
            authenticators.bind_certificate(session, verified, slip.serial_number, by)
            authenticators.apply_change(session, change, by)
        chain = tuple(
            each.public_bytes(Encoding.DER) for each in (picked_up.certificate, *picked_up.chain)
        )
        return Credential(picked_up.certificate, key, chain)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """One gateway for all tests of a file: each brings a subscriber of its own."""
    folder = tmp_path_factory.mktemp("gateway")
    present = SystemClock().now()
    # An officer's certificate is good for a year.
    clock = FakeClock(present - (_YEAR - timedelta(days=30)))
    with bureau_of(Settings(data=folder / "data"), clock) as bureau:
        root_file = folder / "root.pem"
        certification = bureau.house.certification
        root_file.write_bytes(certification.hierarchy.root.certificate.public_bytes(Encoding.PEM))
        gateway = Gateway(bureau, root_file)
        gateway.prepare(_SETTLED)
        clock.set(present)
        certification.renew_services()
        certification.refresh_crls()
        with ExitStack() as doors:
            for app, name in ((bureau.public, "public_port"), (bureau.portal, "portal_port")):
                tls = _tls(bureau, asks=name == "portal_port")
                setattr(gateway, name, doors.enter_context(open_door(app, tls)).port)
            yield gateway


def _tls(bureau: Bureau, *, asks: bool) -> TlsContext:
    hierarchy = bureau.house.certification.hierarchy
    server = hierarchy.server
    return TlsContext(
        [server.certificate, server.issuing],
        server.private_key,
        ask_for_certificate_of=[hierarchy.issuing.certificate] if asks else (),
    )
