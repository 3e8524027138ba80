"""Somebody who came to a gateway with a slip: certificate, cookies, password, a real network."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12

from tests.support.edge_client import Answered, Certified, Client, ask_on
from tests.support.tls_credentials import Credential

NEW_PASSWORD = "a quiet river in spring"
_DELETED = "max-age=0"


@dataclass(frozen=True)
class Root:
    """A root of which only the certificate is known."""

    certificate: x509.Certificate


@dataclass(frozen=True)
class Doors:
    """Where a gateway is, and by which root it is known; `folder` takes the visitors' keys."""

    folder: Path
    root: Certified
    portal_port: int
    public_port: int
    host: str = "localhost"
    address: str = "127.0.0.1"

    def portal(self, credential: Credential | None = None, *decoys: x509.Certificate) -> Client:
        """Return a client of the portal, with a certificate or without."""
        return Client(self, self.portal_port, credential, self.host, decoys, self.address)

    def public(self) -> Client:
        """Return a client of the public door."""
        return Client(self, self.public_port, host=self.host, address=self.address)

    @property
    def portal_url(self) -> str:
        """The portal's origin."""
        return f"https://{self.host}:{self.portal_port}"


@dataclass
class Guest:
    """A person or program with a certificate; cookies are kept as a browser keeps them."""

    doors: Doors
    username: str
    # As slips and addresses have it.
    serial_number: str
    credential: Credential
    password: str
    jar: dict[str, str] = field(default_factory=dict)
    # Whatever nobody else may ever read.
    secrets: list[str] = field(default_factory=list)

    @property
    def client(self) -> Client:
        """How they reach the portal."""
        return self.doors.portal(self.credential)

    def cookies(self) -> dict[str, str]:
        """Return what is in the jar."""
        return dict(self.jar)

    def at(self, doors: Doors) -> "Guest":
        """Return the same person at other doors, with the same jar."""
        return replace(self, doors=doors)

    def ask(
        self,
        path: str,
        method: str = "GET",
        document: Any = None,
        headers: Mapping[str, str] | None = None,
        connection: HTTPConnection | None = None,
    ) -> Answered:
        """Return the answer to a program's request; on a connection of its own without one."""
        used = connection or self.client.connect()
        body = None if document is None else json.dumps(document).encode()
        said = {"Accept": "application/json", "Accept-Language": "en", **(headers or {})}
        if body is not None:
            said.setdefault("Content-Type", "application/json")
        try:
            answer = ask_on(used, path, method, headers=said, body=body, cookies=self.jar)
        finally:
            if connection is None:
                used.close()
        keep(self.jar, answer)
        self.secrets += self.jar.values()
        return answer

    def log_in(self) -> Answered:
        """Log in by the API."""
        named = {"username": self.username, "password": self.password}
        return self.ask("/api/v1/session", "POST", named)

    def reset(self) -> Answered:
        """Change the password."""
        changed = {"old_password": self.password, "new_password": NEW_PASSWORD}
        answer = self.ask("/api/v1/password", "PUT", changed)
        if answer.status == 204:
            self.password = NEW_PASSWORD
        return answer


def keep(jar: dict[str, str], answer: Answered) -> None:
    """Put an answer's cookies into the jar, and take out what it deletes."""
    for line in answer.cookie_lines:
        pair, _, attributes = line.partition(";")
        name, _, value = pair.partition("=")
        if _DELETED in attributes.lower():
            jar.pop(name.strip(), None)
        else:
            jar[name.strip()] = value.strip()


def pick_up(doors: Doors, slip: Mapping[str, str]) -> Guest:
    """Pick up the certificate of a slip; return who may now log in."""
    answer = ask_for_pickup(doors, slip)
    assert answer.status == 200, answer.body
    return with_bundle(doors, slip, answer)


def ask_for_pickup(doors: Doors, slip: Mapping[str, str]) -> Answered:
    """Return the answer to a slip."""
    asked = {name: slip[name] for name in ("serial_number", "download_password")}
    return doors.public().ask(
        "/api/v1/pickup",
        "POST",
        headers={"Content-Type": "application/json"},
        body=json.dumps(asked).encode(),
    )


def with_bundle(doors: Doors, slip: Mapping[str, str], answer: Answered) -> Guest:
    """Return who may log in with the bundle that was handed out for a slip."""
    bundle = load_pkcs12(answer.body, slip["download_password"].encode())
    assert bundle.cert is not None
    assert isinstance(bundle.key, ec.EllipticCurvePrivateKey)
    above = [extra.certificate for extra in bundle.additional_certs]
    issuing = tuple(one for one in above if one.issuer != one.subject)
    credential = Credential(bundle.cert.certificate, bundle.key, issuing)
    secrets = [slip["download_password"], slip["initial_password"], NEW_PASSWORD]
    return Guest(
        doors,
        slip["username"],
        slip["serial_number"],
        credential,
        slip["initial_password"],
        secrets=secrets,
    )


def arrive(doors: Doors, slip: Mapping[str, str]) -> Guest:
    """Pick up, log in for the first time, reset the password; return who is now inside."""
    guest = pick_up(doors, slip)
    answer = guest.log_in()
    assert answer.status == 201, answer.body
    answer = guest.reset()
    assert answer.status == 204, answer.body
    return guest
