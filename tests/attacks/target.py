"""A gateway that is attacked: its doors, and the officers who make and revoke victims there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ca.keys.private_files import replace_private_file
from foundation.randomness import SystemRandomness
from tests.support.credit_codes import credit_code
from tests.support.edge_client import Answered
from tests.support.guest import Doors, Guest, arrive, pick_up
from tests.support.tls_credentials import Credential

ENROLLMENT, SECURITY = "enrollment-officer", "security-officer"


@dataclass
class Target:
    """One gateway; `other` is another way into the same, where there is one."""

    doors: Doors
    other: Doors
    enrollment: Guest
    security: Guest
    # An application behind it that answers a unit's GET with the assertion's claims.
    application: str | None = None

    def slip(self) -> dict[str, str]:
        """Return the slip of a unit that nobody has used yet."""
        number = int.from_bytes(SystemRandomness().token(8)) % 10**7
        wanted = {
            "name": f"武汉第{number}制造有限公司",
            "credit_code": credit_code(number),
            "district": "wuchang",
        }
        answer = self.enrollment.ask("/api/v1/units", "POST", wanted)
        assert answer.status == 201, answer.body
        slip: dict[str, str] = answer.document
        return slip

    def newcomer(self) -> Guest:
        """Return a unit with a certificate that has never logged in."""
        return pick_up(self.doors, self.slip())

    def victim(self) -> Guest:
        """Return a unit that is inside."""
        return arrive(self.doors, self.slip())

    def revoke(self, guest: Guest) -> Any:
        """Have a certificate revoked; return the receipt."""
        address = f"/api/v1/certificates/{guest.serial_number}/revoke"
        answer = self.security.ask(address, "POST", {"reason": "keyCompromise"})
        assert answer.status == 200, answer.body
        return answer.document


def code_of(answer: Answered) -> str:
    """Return a problem's code; the status of whatever is none."""
    if "problem+json" not in answer.headers.get("content-type", ""):
        return str(answer.status)
    return str(answer.document["type"]).rpartition("/")[2]


def open_target(
    doors: Doors, other: Doors, credentials: Path, application: str | None = None
) -> Target:
    """Return a target whose officers are logged in; `credentials` is described in README.md."""
    enrollment, security = (_known(doors, credentials, name) for name in (ENROLLMENT, SECURITY))
    return Target(doors, other, enrollment, security, application)


def _known(doors: Doors, folder: Path, name: str) -> Guest:
    """Return an officer: by the slip the first time, later by what was kept of it."""
    slip: Mapping[str, str] = json.loads((folder / f"{name}.json").read_text())
    kept, password = folder / f"{name}.pem", folder / f"{name}.password"
    if not kept.exists():
        guest = arrive(doors, slip)
        replace_private_file(kept, guest.credential.pem)
        replace_private_file(password, guest.password.encode())
        return guest
    leaf, *above = x509.load_pem_x509_certificates(kept.read_bytes())
    key = load_pem_private_key(kept.read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    guest = Guest(
        doors,
        slip["username"],
        slip["serial_number"],
        Credential(leaf, key, tuple(above)),
        password.read_text(),
    )
    answer = guest.log_in()
    assert answer.status == 201, answer.body
    return guest
