"""A whole house on a test database, and visitors who come with or without a certificate."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from httpx import Response
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from enrollment.slips.issuing import IssuedSlip
from enrollment.subscribers.officers import OfficerApplication
from enrollment.subscribers.units import UnitApplication
from foundation.audit import Actor
from foundation.settings import Settings
from gateway.composition.applications import Applications
from gateway.composition.ground import Ground, lay_ground
from gateway.composition.house import House, build_house
from gateway.composition.initialisation import initialise
from tests.support.answers import form_token_in
from tests.support.clock import FakeClock
from tests.support.enrolling import CHEAP

PORTAL = "https://localhost:9443"
NEW_PASSWORD = "a quiet river in spring"
OPERATOR = Actor.operator()
FEW_SHARDS = 4


class _WithCertificate:
    """Puts a client's chain where the TLS listener would."""

    def __init__(self, app: ASGIApp, chain: tuple[bytes, ...]) -> None:
        self._app = app
        self.chain = chain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["extensions"] = {"tls": {"certgate_unverified_chain": self.chain}}
        await self._app(scope, receive, send)


class Visitor(TestClient):
    """Somebody at the portal, with a cookie jar and perhaps a certificate."""

    def __init__(
        self, portal: ASGIApp, chain: tuple[bytes, ...] = (), base_url: str = PORTAL
    ) -> None:
        self._presenting = _WithCertificate(portal, chain)
        super().__init__(self._presenting, base_url=base_url, follow_redirects=False)

    @property
    def chain(self) -> tuple[bytes, ...]:
        """What is presented now."""
        return self._presenting.chain

    def present(self, chain: tuple[bytes, ...]) -> None:
        """Present another certificate from now on, keeping the cookies."""
        self._presenting.chain = chain

    def log_in(self, username: str, password: str) -> Any:
        """Log in by the API."""
        return self.post("/api/v1/session", json={"username": username, "password": password})

    def submit(self, path: str, fields: Mapping[str, object], page: str = "/password") -> Response:
        """Post a form as a browser does, with the token that `page` gives it."""
        token = form_token_in(self.get(page).text)
        answer: Response = self.post(path, data={**fields, "form_token": token})
        return answer

    def reset(self, old_password: str, new_password: str = NEW_PASSWORD) -> Any:
        """Change the password by the API."""
        return self.put(
            "/api/v1/password",
            json={"old_password": old_password, "new_password": new_password},
        )


@dataclass
class Bureau:
    """A house with a clock that a test moves."""

    house: House
    clock: FakeClock

    # Each is built when somebody comes to it: a test has seldom use for all three.

    @cached_property
    def portal(self) -> ASGIApp:
        """The application of the portal."""
        return Applications(self.house).portal()

    @cached_property
    def public(self) -> ASGIApp:
        """The application of the public door."""
        return Applications(self.house).public()

    @cached_property
    def pki(self) -> ASGIApp:
        """The application of the PKI door."""
        return Applications(self.house).pki()

    def visitor(self, chain: tuple[bytes, ...] = (), base_url: str = PORTAL) -> Visitor:
        """Return somebody who presents `chain`."""
        return Visitor(self.portal, chain, base_url)

    def register_unit(
        self,
        name: str = "武汉江城精密制造有限公司",
        credit_code: str = "91420100MA4K00001U",
        *,
        district: str = "wuchang",
        vip: bool = False,
    ) -> IssuedSlip:
        """Register a unit and return its slip."""
        application = UnitApplication(name=name, credit_code=credit_code, district=district)
        with self.house.database.writing() as session:
            slip = self.house.enrollment.units.register(session, application, OPERATOR)
            if vip:
                self.house.enrollment.standing.promote(session, slip.username, OPERATOR)
        return slip

    def register_officer(
        self, username: str, *roles: str, district: str | None = None
    ) -> IssuedSlip:
        """Register an officer and return the slip."""
        application = OfficerApplication(
            username=username, roles=roles, display_name=username, district=district
        )
        with self.house.database.writing() as session:
            return self.house.enrollment.officers.add(session, application, OPERATOR)

    def pick_up(self, slip: IssuedSlip) -> tuple[bytes, ...]:
        """Pick up the certificate of a slip and return its chain, leaf first."""
        picked_up = self.house.enrollment.pickup.redeem(
            slip.serial_number, slip.download_password, "modern", Actor.anonymous("127.0.0.1")
        )
        bundle = load_pkcs12(picked_up.pkcs12, slip.download_password.encode())
        assert bundle.cert is not None
        certificates: list[x509.Certificate] = [bundle.cert.certificate]
        certificates += [extra.certificate for extra in bundle.additional_certs]
        return tuple(certificate.public_bytes(Encoding.DER) for certificate in certificates)

    def arrive(self, slip: IssuedSlip) -> Visitor:
        """Pick up, log in for the first time, reset the password; return who is now inside."""
        visitor = self.visitor(self.pick_up(slip))
        assert visitor.log_in(slip.username, slip.initial_password).status_code == 201
        assert visitor.reset(slip.initial_password).status_code == 204
        return visitor


def modest(ground: Ground) -> Ground:
    """Return the ground with what costs most made cheap: CRLs in many parts, slow hashes."""
    rules = ground.parameters
    certificates = rules.certificates.model_copy(update={"crl_shards": FEW_SHARDS})
    return replace(
        ground,
        parameters=rules.model_copy(update={"certificates": certificates, "argon2": CHEAP}),
    )


@contextmanager
def bureau_of(settings: Settings, clock: FakeClock) -> Iterator[Bureau]:
    """A new house with these settings."""
    ground = modest(lay_ground(settings, clock=clock))
    try:
        initialise(ground, OPERATOR)
        yield Bureau(build_house(ground), clock)
    finally:
        ground.database.dispose()


@contextmanager
def open_bureau(database_url: str, folder: Path) -> Iterator[Bureau]:
    """A new house in `folder`, without jobs: what they would do is done by the test."""
    settings = Settings(data=folder / "data", database_url=database_url, review_delay_seconds=180)
    with bureau_of(settings, FakeClock()) as opened:
        yield opened


@pytest.fixture
def bureau(database_url: str, tmp_path: Path) -> Iterator[Bureau]:
    """A house on SQLite and on PostgreSQL."""
    with open_bureau(database_url, tmp_path) as opened:
        yield opened


REVIEW_DELAY = timedelta(seconds=180)
