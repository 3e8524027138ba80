"""The ceremony itself: the root, its first CRL, and the first issuing CA.

1. the document is read as it was reviewed
2. the root's key is made, where it will stay
3. the root certifies itself
4. an issuing CA is certified when its key is to be made here; otherwise the
   server asks for it later
5. the root's first CRL is signed
6. the record of all this is signed by the root

Every certificate goes the way of all certificates: built from its profile,
linted, signed by a token of the linter, read back and verified.
"""

from ca.authorities.certificates import AuthorityCertificates, NewAuthorityKey
from ca.ceremony.document import ReviewedDocument
from ca.ceremony.records import SignedRecord
from ca.ceremony.session import RootSession
from ca.key_types import CaPrivateKey
from ca.keys import KeyStore
from ca.models import AuthorityName
from ca.names.authority_names import ROOT, next_issuing_name
from ca.serial_numbers import draw_serial_number
from ca.signing import KeySigner
from foundation.clock import Clock
from foundation.randomness import Randomness


def make_root(
    document: ReviewedDocument,
    *,
    root_keys: KeyStore,
    server_keys: KeyStore,
    clock: Clock,
    randomness: Randomness,
) -> SignedRecord:
    """Return the record of steps 1 to 6, which holds everything that was made but the keys.

    Keys are in their stores before anything is signed with them. Raises
    `DocumentRefused`, `LintRefused` and `KeyUnavailable`.
    """
    content = document.content
    # 1.
    certificates = AuthorityCertificates(
        profiles=content.profiles(), lifetimes=content.lifetimes(), clock=clock
    )
    # 2. and 3.
    new, key = _make_key(ROOT, root_keys, document, randomness)
    root = certificates.make_root(new)
    session = RootSession(
        "ceremony",
        document=document,
        root=root,
        root_key_name=new.key_name,
        root_key=key,
        before=(),
        clock=clock,
    )
    for person in content.participants:
        session.note("participant", name=person.name, role=person.role)
    session.note("root-key-made", key_name=new.key_name, key_algorithm=content.algorithm)
    session.note_certificate("root-certified", root.certificate)
    # 4.
    if content.issuing_key == "here":
        _make_issuing(session, server_keys, document, randomness)
    # 5.
    session.sign_crl((), 0)
    # 6.
    return session.close()


def _make_issuing(
    session: RootSession, keys: KeyStore, document: ReviewedDocument, randomness: Randomness
) -> None:
    name = next_issuing_name(())
    new, _ = _make_key(name, keys, document, randomness)
    session.note(
        "issuing-key-made", key_name=new.key_name, key_algorithm=document.content.algorithm
    )
    session.certify_issuing(name, new.serial_number, new.key_name, new.signer.public_key)


def _make_key(
    name: AuthorityName, keys: KeyStore, document: ReviewedDocument, randomness: Randomness
) -> tuple[NewAuthorityKey, CaPrivateKey]:
    serial_number = draw_serial_number(randomness)
    key_name = f"{name}-{serial_number.lower()}"
    key = keys.create(key_name, document.content.algorithm)
    return NewAuthorityKey(serial_number, key_name, KeySigner(key)), key
