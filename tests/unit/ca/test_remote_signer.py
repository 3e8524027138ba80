"""The gateway's side of the signer: a signature is proved, whoever made it."""

from typing import cast

import pytest

from ca.errors import SigningFault
from ca.signer.connections import SignerConnections
from ca.signer.messages import Answer, Request
from ca.signer.remote import RemoteSigner
from tests.support.drafts import authority, draft_end_entity


class LyingSigner:
    """Signs with the right key, and something else than it was given."""

    def ask(self, request: Request, body: bytes = b"") -> tuple[Answer, bytes]:
        """Return a good signature over other content."""
        del request
        return Answer(verdict="done"), authority("issuing").signer.sign_ocsp(body + b"!")


@pytest.fixture
def remote() -> RemoteSigner:
    connections = cast(SignerConnections, LyingSigner())
    return RemoteSigner(connections, "issuing-0a", authority("issuing").signer.public_key)


def test_a_certificate_with_a_false_signature_is_not_taken(remote: RemoteSigner) -> None:
    with pytest.raises(SigningFault):
        remote.sign_certificate(draft_end_entity(issuer=authority("issuing")).lint())


def test_a_list_with_a_false_signature_is_not_taken(remote: RemoteSigner) -> None:
    with pytest.raises(SigningFault):
        remote.sign_crl(b"\x30\x00")


def test_an_answer_with_a_false_signature_is_not_taken(remote: RemoteSigner) -> None:
    with pytest.raises(SigningFault):
        remote.sign_ocsp(b"\x30\x00")
