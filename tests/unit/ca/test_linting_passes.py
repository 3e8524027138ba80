"""Right content passes the linter, of every profile and kind of key."""

import ipaddress
from collections.abc import Callable
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa

from ca.names.subject import Subject
from ca.profiles.extensions import Keys
from tests.support.certification import SERVER_NAMES, make_profiles
from tests.support.draft_changes import (
    named,
    served,
    served_also,
)
from tests.support.drafts import (
    DraftContent,
    draft_end_entity,
    draft_issuing,
    draft_root,
    draft_server,
)

pytestmark = pytest.mark.conformance

_PERSON = Subject.of_person(username="li.wei", name="李伟")


@pytest.mark.parametrize("authority_key", [True, False])
def test_ml_dsa_is_for_authorities_alone(authority_key: bool) -> None:
    """RFC 9881; experimental, and no client logs in with it."""
    key = mldsa.MLDSA65PrivateKey.generate().public_key()
    draft = draft_issuing() if authority_key else draft_end_entity()
    assert draft.with_key(key).broken_rules() == (
        set() if authority_key else {"public_key_is_accepted"}
    )


def test_ed25519_is_for_everybody() -> None:
    key = ed25519.Ed25519PrivateKey.generate().public_key()
    assert draft_end_entity().with_key(key).broken_rules() == set()


@pytest.mark.parametrize(
    "make",
    [
        draft_root,
        draft_issuing,
        draft_end_entity,
        draft_server,
        named,
        lambda: draft_end_entity("officer", subject=_PERSON),
        lambda: draft_end_entity("person", subject=_PERSON),
        lambda: draft_end_entity("ocsp", subject=Subject("OCSP Responder")),
        lambda: draft_end_entity("edge", subject=Subject("edge-1")),
        lambda: served_also("a.portal.example.org"),
        lambda: served(
            x509.DNSName(SERVER_NAMES[0]), x509.IPAddress(ipaddress.ip_address("10.1.2.3"))
        ),
    ],
)
def test_right_content_passes(make: Callable[[], DraftContent]) -> None:
    make().lint()


def test_a_shard_and_an_issuer_of_their_own_pass() -> None:
    profile = make_profiles().for_certificate("unit", issuer="issuing", crl_shard=7)
    draft = draft_end_entity()
    extensions = profile.extensions(Keys(draft.content.public_key, draft.issuer))
    sharded_draft = replace(draft.but(extensions=extensions), profile=profile)
    assert sharded_draft.broken_rules() == set()
