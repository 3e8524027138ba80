"""What gateway and signer say to each other: a few acts, each bounded and strict.

A message is a header, one JSON object, and a body of octets (`ca.signer.frames`).
The body of a request to sign is the DER to be signed; that of its answer is the
signature alone, so that a CRL of forty megabytes does not travel back.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from ca.keys.algorithms import KeyAlgorithm
from ca.models import ProfileName

KeyName = Annotated[str, Field(pattern=r"^(root|issuing(-[0-9]{1,4})?|ocsp)-[0-9a-f]{1,40}$")]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FindKey(_Message):
    """Is this key held? The answer's body is its SubjectPublicKeyInfo."""

    act: Literal["find_key"] = "find_key"
    key: KeyName


class CreateKey(_Message):
    """Make a key and keep it durably. The answer's body is its SubjectPublicKeyInfo."""

    act: Literal["create_key"] = "create_key"
    key: KeyName
    algorithm: KeyAlgorithm


class SignCertificate(_Message):
    """Sign the TBSCertificate in the body, once it keeps the rules of its profile here too."""

    act: Literal["sign_certificate"] = "sign_certificate"
    key: KeyName
    serial_number: Annotated[str, Field(pattern=r"^[0-9A-F]{1,40}$")]
    profile: ProfileName
    issuer: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,16}$")]
    crl_shard: Annotated[int, Field(ge=0, lt=65_536)] | None = None
    server_names: Annotated[tuple[Annotated[str, Field(max_length=253)], ...], Field(max_length=64)]


class SignCrl(_Message):
    """Sign the TBSCertList in the body."""

    act: Literal["sign_crl"] = "sign_crl"
    key: KeyName


class SignOcsp(_Message):
    """Sign the ResponseData in the body."""

    act: Literal["sign_ocsp"] = "sign_ocsp"
    key: KeyName


Request = FindKey | CreateKey | SignCertificate | SignCrl | SignOcsp
_REQUEST: TypeAdapter[Request] = TypeAdapter(Annotated[Request, Field(discriminator="act")])

# What an act may carry, in octets: a CRL of a million entries has about 45 MB.
LONGEST_BODIES = {
    "find_key": 0,
    "create_key": 0,
    "sign_certificate": 16_384,
    "sign_crl": 128 * 1024 * 1024,
    "sign_ocsp": 16_384,
}

Verdict = Literal["done", "not_held", "taken", "unavailable", "lint", "busy", "refused"]


class Answer(_Message):
    """How an act ended; `rule` and `problem` say why it was refused, never a secret."""

    verdict: Verdict
    rule: str = ""
    problem: str = ""


class NotUnderstood(Exception):
    """A message breaks the form; the connection is closed."""


def read_request(unverified_header: bytes) -> Request:
    """Return the request; raises `NotUnderstood`."""
    try:
        return _REQUEST.validate_json(unverified_header)
    except ValidationError as failure:
        raise NotUnderstood("not a request") from failure


def read_answer(unverified_header: bytes) -> Answer:
    """Return the answer; raises `NotUnderstood`."""
    try:
        return Answer.model_validate_json(unverified_header)
    except ValidationError as failure:
        raise NotUnderstood("not an answer") from failure
