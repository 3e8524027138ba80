"""Whether a path may authenticate a TLS client (RFC 5280 sections 4.2.1.3, 4.2.1.9, 4.2.1.12).

The table's profile says so too (`ca.verification.verifier`): each holds without the other.
"""

from collections.abc import Callable, Sequence

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from ca.encoding.signature_algorithms import assemble_signed
from ca.verification.purpose import require_client_purpose
from foundation.errors import Denied
from tests.support.draft_changes import key_usage
from tests.support.drafts import DraftContent, authority, draft_end_entity, draft_issuing

_SERVER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
_EITHER = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
_ANY = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])


def _unsigned(draft: DraftContent) -> x509.Certificate:
    # Signatures are for the path validation before.
    return x509.load_der_x509_certificate(
        assemble_signed(draft.tbs(), draft.issuer_private_key.public_key(), b"")
    )


def _path(
    leaf: DraftContent | None = None, issuing: DraftContent | None = None
) -> Sequence[x509.Certificate]:
    return [
        _unsigned(leaf or draft_end_entity()),
        _unsigned(issuing) if issuing is not None else authority("issuing").certificate,
        authority("root").certificate,
    ]


@pytest.mark.parametrize("profile", ["unit", "officer", "person"])
def test_what_is_issued_to_subscribers_is_good_for_it(profile: str) -> None:
    require_client_purpose(_path(draft_end_entity(profile)))  # type: ignore[arg-type]


def test_one_usage_of_several_is_enough() -> None:
    require_client_purpose(_path(draft_end_entity().but_extension(_EITHER)))


@pytest.mark.parametrize(
    "change",
    [
        lambda draft: draft.but_extension(_SERVER),
        lambda draft: draft.but_extension(_ANY),
        lambda draft: draft.without(x509.ExtendedKeyUsage),
        lambda draft: draft.without(x509.KeyUsage),
        lambda draft: draft.but_extension(key_usage(key_agreement=True)),
        lambda draft: draft.but_extension(x509.BasicConstraints(ca=True, path_length=None)),
    ],
    ids=["server", "any", "no usage", "no key usage", "no signatures", "an authority"],
)
def test_a_leaf_for_something_else_is_refused(
    change: Callable[[DraftContent], DraftContent],
) -> None:
    with pytest.raises(Denied) as refused:
        require_client_purpose(_path(change(draft_end_entity())))
    assert refused.value.code == "certificate-untrusted"


def test_an_authority_that_is_confined_to_servers_makes_no_clients() -> None:
    with pytest.raises(Denied):
        require_client_purpose(_path(issuing=draft_issuing().plus(_SERVER)))
    require_client_purpose(_path(issuing=draft_issuing().plus(_EITHER)))
