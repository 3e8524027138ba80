"""An application that logs people in, written from the specifications and not with our library.

It signs with joserfc, as our side does; what is independent of that is
`tests/integration/openid/test_other_relying_party.py`.
"""

import base64
import hashlib
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from cryptography import x509
from httpx import Response
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from starlette.testclient import TestClient

from enrollment.slips.issuing import IssuedSlip
from gateway.openid.registration import RegistrationForm, read_registration
from tests.support.bureau import NEW_PASSWORD, OPERATOR, Bureau, Visitor, open_bureau
from tests.support.clock import FakeClock
from tests.support.credit_codes import credit_code

PUBLIC = "https://localhost:8443"
TOKEN_ENDPOINT = f"{PUBLIC}/openid/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
VERIFIER = "the-verifier-of-this-application-has-enough-characters"


_numbers = itertools.count(3_100_000)


def challenge_of(verifier: str) -> str:
    """Return BASE64URL(SHA-256(verifier)) (RFC 7636 section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def digest_of(der: bytes) -> str:
    """Return x5t#S256 of a certificate (RFC 8705 section 3.1)."""
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


@dataclass
class Party:
    """One registered application; keywords of its methods replace what it would send."""

    clock: FakeClock
    client_id: str
    redirect_uri: str = "https://app.example/callback"
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    _assertions: int = 0

    def request(self, **changed: str | None) -> dict[str, str]:
        """Return the parameters of an authorization request; None leaves one out."""
        usual: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid profile",
            "state": "st4te",
            "nonce": "n0nce",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def authorize(self, visitor: Visitor, **changed: str | None) -> Response:
        """Send a visitor's browser to the authorization endpoint; return the answer."""
        query = urlencode(self.request(**changed))
        answer: Response = visitor.get(f"/openid/authorize?{query}")
        return answer

    def code(self, visitor: Visitor, **changed: str | None) -> str:
        """Return the code that comes back for a visitor who is logged in."""
        return answered(self.authorize(visitor, **changed))["code"]

    def assertion(self, **changed: Any) -> str:
        """Return a fresh client assertion (RFC 7523 section 3); None leaves a claim out."""
        self._assertions += 1
        now = int(self.clock.now().timestamp())
        usual = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": TOKEN_ENDPOINT,
            "jti": f"{self.client_id}-{self._assertions}-{id(self)}",
            "iat": now,
            "exp": now + 60,
        }
        claims = {name: value for name, value in {**usual, **changed}.items() if value is not None}
        return jwt.encode({"alg": "ES256"}, claims, self.key)

    def form(self, code: str, **changed: str | None) -> dict[str, str]:
        """Return the form of a token request; None leaves a field out."""
        usual: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
        }
        if "client_assertion" not in changed and "client_id" not in changed:
            usual |= {
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self.assertion(),
            }
        return {name: value for name, value in {**usual, **changed}.items() if value is not None}

    def exchange(self, door: TestClient, code: str, **changed: str | None) -> Response:
        """Call the token endpoint of a door."""
        answer: Response = door.post("/openid/token", data=self.form(code, **changed))
        return answer


def answered(answer: Response) -> dict[str, str]:
    """Return the parameters that a redirect brings to the application."""
    assert answer.status_code == 303, answer.text
    parameters = parse_qs(urlsplit(answer.headers["location"]).query, strict_parsing=True)
    assert all(len(values) == 1 for values in parameters.values())
    return {name: values[0] for name, values in parameters.items()}


def who_is(door: TestClient, token: str) -> Response:
    """Ask the userinfo endpoint of a door."""
    answer: Response = door.get("/openid/userinfo", headers={"authorization": f"Bearer {token}"})
    return answer


@dataclass
class LoginHouse:
    """A bureau with the public door, somebody inside, and applications."""

    bureau: Bureau
    public: TestClient
    unit: Visitor
    username: str
    chain: tuple[bytes, ...]

    @classmethod
    def of(cls, bureau: Bureau) -> "LoginHouse":
        """Let a unit in."""
        public = TestClient(bureau.public, base_url=PUBLIC, follow_redirects=False)
        return cls._let_in(bureau, public, bureau.register_unit())

    @classmethod
    def of_another(cls, house: "LoginHouse") -> "LoginHouse":
        """Let another unit into the same bureau: for tests that put somebody out."""
        number = next(_numbers)
        slip = house.bureau.register_unit(f"武汉第{number}号有限公司", credit_code(number))
        return cls._let_in(house.bureau, house.public, slip)

    @classmethod
    def _let_in(cls, bureau: Bureau, public: TestClient, slip: IssuedSlip) -> "LoginHouse":
        chain = bureau.pick_up(slip)
        visitor = bureau.visitor(chain)
        assert visitor.log_in(slip.username, slip.initial_password).status_code == 201
        assert visitor.reset(slip.initial_password).status_code == 204
        return cls(bureau, public, visitor, slip.username, chain)

    def party(self, client_id: str, **changed: Any) -> Party:
        """Register an application that signs assertions; keywords are of `RegistrationForm`."""
        party = Party(self.bureau.clock, client_id)
        self.register(
            client_id,
            **{
                "redirect_uris": [party.redirect_uri],
                "key_documents": [party.key.as_pem(private=False)],
                "everybody": True,
                **changed,
            },
        )
        return party

    def certified_party(self, client_id: str, der: bytes, **changed: Any) -> Party:
        """Register an application that is known by the subject of a certificate."""
        subject = x509.load_der_x509_certificate(der).subject.rfc4514_string()
        party = Party(self.bureau.clock, client_id)
        self.register(
            client_id,
            **{
                "redirect_uris": [party.redirect_uri],
                "tls_names": [("subject_dn", subject)],
                "everybody": True,
                **changed,
            },
        )
        return party

    def register(self, client_id: str, **fields: Any) -> None:
        """Register an application as the operator."""
        application = read_registration(RegistrationForm(client_id=client_id, **fields))
        with self.bureau.house.database.writing() as session:
            self.bureau.house.openid.parties.register(session, application, OPERATOR)

    def log_in_again(self) -> Visitor:
        """Return the unit in a new session of its own."""
        visitor = self.bureau.visitor(self.chain)
        assert visitor.log_in(self.username, NEW_PASSWORD).status_code == 201
        return visitor

    def claims(self, id_token: str) -> Mapping[str, Any]:
        """Return the claims of an ID token, verified by the published keys."""
        keys = KeySet.import_key_set(self.public.get("/openid/jwks.json").json())
        return jwt.decode(id_token, keys, ["ES256"]).claims


@contextmanager
def login_house(folder: Path, template: Path) -> Iterator[LoginHouse]:
    """A bureau on a copy of an SQLite file with all tables, for many tests."""
    file = folder / "certgate.sqlite3"
    file.write_bytes(template.read_bytes())
    with open_bureau(f"sqlite:///{file}", folder) as bureau:
        yield LoginHouse.of(bureau)
