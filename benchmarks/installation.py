"""An installation under measurement: a served data folder, and the same house in process.

The server is a process of its own, as an operator starts it; the house in this
process prepares subscribers on the same database.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from stdnum.cn import uscc

from benchmarks.visitors import Keeper, Visitor
from ca.key_types import EndEntityPrivateKey
from enrollment.slips.issuing import IssuedSlip
from enrollment.subscribers.officers import OfficerApplication
from enrollment.subscribers.units import UnitApplication
from foundation.audit import Actor
from foundation.settings import Settings
from gateway.composition.ground import lay_ground
from gateway.composition.house import House, build_house
from gateway.composition.initialisation import initialise
from tests.support.ports import Ports, free_ports
from tests.support.server import Server

OPERATOR = Actor.operator()

_NOBODY = Actor.anonymous("127.0.0.1")


@dataclass
class Installation:
    """Everything that the subjects measure."""

    folder: Path
    house: House
    server: Server
    _numbers: Iterator[int]

    @property
    def ports(self) -> Ports:
        """The ports of the three doors."""
        return self.server.ports

    def register_unit(self) -> IssuedSlip:
        """Register another unit and return its slip."""
        number = next(self._numbers)
        stem = f"91420100MA{number:07d}"
        application = UnitApplication(
            name=f"样例单位{number}", credit_code=stem + uscc.calc_check_digit(stem),
            district="wuchang",
        )  # fmt: skip
        with self.house.database.writing() as session:
            return self.house.enrollment.units.register(session, application, OPERATOR)

    def register_officer(self, username: str, *roles: str) -> IssuedSlip:
        """Register an officer and return the slip."""
        application = OfficerApplication(username=username, roles=roles, display_name=username)
        with self.house.database.writing() as session:
            return self.house.enrollment.officers.add(session, application, OPERATOR)

    def pick_up(self, slip: IssuedSlip) -> Visitor:
        """Pick up the certificate of a slip; return its holder, who has not logged in yet."""
        picked_up = self.house.enrollment.pickup.redeem(
            slip.serial_number, slip.download_password, "modern", _NOBODY
        )
        bundle = load_pkcs12(picked_up.pkcs12, slip.download_password.encode())
        assert bundle.cert is not None
        chain = [bundle.cert.certificate, *(one.certificate for one in bundle.additional_certs)]
        key = bundle.key
        assert isinstance(key, EndEntityPrivateKey)
        tls = self.keeper.client_context(chain, key)
        return Visitor(slip, chain[0], self.ports.portal, tls)

    @property
    def keeper(self) -> Keeper:
        """Writes the files that the standard library wants certificates and keys in."""
        return Keeper(self.folder / "clients", self.house.certification.hierarchy.root.certificate)


@contextmanager
def running_installation(
    folder: Path,
    database_url: str | None = None,
    *,
    pki_processes: int = 1,
    prepare: Callable[[House], None] = lambda _: None,
) -> Iterator[Installation]:
    """Make an installation in `folder` and serve it while the block runs; on SQLite by default.

    `prepare` is what happens between the two.
    """
    ports = free_ports()
    settings = Settings(
        data=folder / "data", pki_port=ports.pki, public_port=ports.public,
        portal_port=ports.portal, database_url=database_url,
    )  # fmt: skip
    ground = lay_ground(settings)
    initialise(ground, OPERATOR)
    elsewhere = {"CERTGATE_DATABASE_URL": database_url} if database_url is not None else {}
    processes = {"CERTGATE_PKI_PROCESSES": str(pki_processes)}
    server = Server(settings.data, ports, {**elsewhere, **processes})
    try:
        installation = Installation(folder, build_house(ground), server, count(1))
        prepare(installation.house)
        server.start()
        try:
            yield installation
        finally:
            server.stop()
    finally:
        ground.database.dispose()
