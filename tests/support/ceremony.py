"""A ceremony for tests: its document, its folder, and an offline root to go on with."""

from dataclasses import dataclass
from pathlib import Path

from ca.ceremony import (
    CeremonyFolder,
    OfflineRoot,
    ReviewedDocument,
    RootHistory,
    SignedRecord,
    keep,
    make_root,
    parse_document,
)
from ca.crl.shards import DEFAULT_SHARDS
from ca.keys import EncryptedFileKeys, KeyAlgorithm
from foundation.i18n import Catalogues, Translator
from foundation.randomness import SystemRandomness
from tests.support.certification import PKI_URL, SERVER_NAMES
from tests.support.clock import FakeClock
from tests.support.texts import PACKAGES

ROOT_PASSPHRASE = b"a sentence for the root's key"
SERVER_PASSPHRASE = b"a sentence for the server's key"


def document_text(
    *,
    organization: str = "CertGate",
    algorithm: str = "ecdsa-p256",
    pki_url: str = PKI_URL,
    server_names: tuple[str, ...] = SERVER_NAMES,
    crl_shards: int = DEFAULT_SHARDS,
    issuing_key: str = "server",
    extra: str = "",
) -> str:
    """Return a good document, in which a case changes one thing."""
    names = ", ".join(f'"{name}"' for name in server_names)
    return f"""
version = 1
title = "Root ceremony"
organization = "{organization}"
algorithm = "{algorithm}"
pki_url = "{pki_url}"
server_names = [{names}]
crl_shards = {crl_shards}
issuing_key = "{issuing_key}"
{extra}
[[participants]]
name = "周明"
role = "key custodian"
[[participants]]
name = "李伟"
role = "witness"
"""


def translator(language: str = "en") -> Translator:
    """Return texts of every room, strictly."""
    return Translator(language, Catalogues.load(PACKAGES).texts[language], strict=True)


@dataclass
class Ceremony:
    """A ceremony that was held."""

    folder: CeremonyFolder
    keys: EncryptedFileKeys
    server_keys: EncryptedFileKeys
    clock: FakeClock
    signed: SignedRecord

    def root(self) -> OfflineRoot:
        """Return the root, opened anew from its folder."""
        return OfflineRoot(self.folder, self.keys, clock=self.clock, randomness=SystemRandomness())

    def history(self) -> RootHistory:
        """Return what the records say."""
        return RootHistory(self.folder.read_records())

    def keep(self, signed: SignedRecord) -> SignedRecord:
        """Write down what a session made."""
        keep(self.folder, signed, translator())
        return signed


def hold_ceremony(
    path: Path,
    *,
    clock: FakeClock | None = None,
    algorithm: KeyAlgorithm = "ecdsa-p256",
    issuing_key: str = "server",
    document: ReviewedDocument | None = None,
) -> Ceremony:
    """Hold a ceremony in a new folder."""
    clock = clock or FakeClock()
    reviewed = document or parse_document(
        document_text(algorithm=algorithm, issuing_key=issuing_key).encode()
    )
    folder = CeremonyFolder(path)
    folder.begin()
    folder.keep_document(reviewed.octets)
    keys = EncryptedFileKeys(folder.keys, ROOT_PASSPHRASE)
    server_keys = EncryptedFileKeys(folder.server_keys, SERVER_PASSPHRASE)
    signed = make_root(
        reviewed,
        root_keys=keys,
        server_keys=server_keys,
        clock=clock,
        randomness=SystemRandomness(),
    )
    ceremony = Ceremony(folder, keys, server_keys, clock, signed)
    ceremony.keep(signed)
    return ceremony
