"""What is done where the root's key is: no network, no database, no server."""

from pathlib import Path
from typing import Annotated

import typer

from ca.ceremony import (
    CeremonyFolder,
    OfflineRoot,
    ReviewedDocument,
    RootHistory,
    SignedRecord,
    keep,
    make_root,
    read_document,
    read_request,
    write_transcript,
)
from ca.keys import EncryptedFileKeys, KeyStore
from ca.keys.memory import MemoryKeys
from foundation.clock import SystemClock
from foundation.i18n import Translator
from foundation.randomness import SystemRandomness
from gateway.cli.ca.passphrases import new_passphrase
from gateway.cli.ca.rehearsal import print_rehearsal
from gateway.cli.ca.root_keys import RootKeyPlace, with_root_key_options
from gateway.cli.context import AsJson, told_failures
from gateway.cli.language import translator
from gateway.cli.output import print_document, print_facts

Folder = Annotated[Path, typer.Option("--ceremony", help="The folder of the ceremony.")]


@with_root_key_options
def ceremony(
    document: Annotated[Path, typer.Argument(help="The reviewed document (TOML).")],
    out: Annotated[Path, typer.Option(help="An empty or new folder for everything.")],
    root_key: RootKeyPlace,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Rehearse with throwaway keys; write nothing.")
    ] = False,
    server_passphrase_file: Annotated[
        Path | None,
        typer.Option(help="Holds the passphrase of the issuing key, when it is made here."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the root: key, certificate, first CRL, and the record of all of it."""
    t = translator()
    with told_failures(t):
        reviewed = read_document(document)
        if dry_run:
            rehearsed = _make(reviewed, MemoryKeys(), MemoryKeys())
            print_rehearsal(t, rehearsed, write_transcript(t, rehearsed), as_json)
            return
        folder = CeremonyFolder(out)
        # Before the folder is begun, which is done once: wrong options leave nothing behind.
        root_keys = root_key.to_make(t, folder)
        folder.begin()
        server_keys = _server_keys(t, folder, reviewed, server_passphrase_file)
        folder.keep_document(reviewed.octets)
        signed = _make(reviewed, root_keys, server_keys)
        _tell(t, folder, signed, as_json)


@with_root_key_options
def sign_issuing(
    request: Annotated[Path, typer.Argument(help="The request of `certgate ca request`.")],
    ceremony: Folder,
    root_key: RootKeyPlace,
    document: Annotated[
        Path | None, typer.Option(help="A newly reviewed document, for other names.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Certify the key of a request as the next issuing CA; makes the bundle for the server."""
    t = translator()
    with told_failures(t):
        asked = read_request(request)
        reviewed = read_document(document) if document is not None else None
        folder, root = _open(t, ceremony, root_key)
        _tell(t, folder, root.sign_issuing(asked, reviewed), as_json)


@with_root_key_options
def root_crl(
    ceremony: Folder,
    root_key: RootKeyPlace,
    revoke: Annotated[
        str | None, typer.Option(help="The name of an issuing CA that ends with this CRL.")
    ] = None,
    reason: Annotated[str, typer.Option(help="RFC 5280 5.3.1 reason name.")] = "unspecified",
    as_json: AsJson = False,
) -> None:
    """Sign the root's next CRL; what was revoked stays revoked."""
    t = translator()
    with told_failures(t):
        folder, root = _open(t, ceremony, root_key)
        _tell(t, folder, root.sign_crl(revoke, reason), as_json)


def verify_records(
    folder: Annotated[Path, typer.Argument(help="The folder of the ceremony.")],
    as_json: AsJson = False,
) -> None:
    """Verify every record, its signature and its place; no key is needed."""
    t = translator()
    with told_failures(t):
        history = RootHistory(CeremonyFolder(folder).read_records())
        document = {
            "root_fingerprint_sha256": history.fingerprint_sha256,
            "records": [
                {"name": signed.name, "sha256": signed.sha256} for signed in history.records
            ],
        }
    if as_json:
        print_document(document)
        return
    typer.echo(t("cli.ca.records_whole", count=len(history.records)))
    for signed in history.records:
        typer.echo(f"{signed.name}\t{signed.sha256}")


def _make(reviewed: ReviewedDocument, root_keys: KeyStore, server_keys: KeyStore) -> SignedRecord:
    return make_root(
        reviewed,
        root_keys=root_keys,
        server_keys=server_keys,
        clock=SystemClock(),
        randomness=SystemRandomness(),
    )


def _server_keys(
    t: Translator, folder: CeremonyFolder, reviewed: ReviewedDocument, passphrase_file: Path | None
) -> KeyStore:
    if reviewed.content.issuing_key == "server":
        # Nothing is made in it.
        return MemoryKeys()
    passphrase = new_passphrase(t, passphrase_file, "cli.ca.new_server_passphrase")
    return EncryptedFileKeys(folder.server_keys, passphrase)


def _open(t: Translator, path: Path, root_key: RootKeyPlace) -> tuple[CeremonyFolder, OfflineRoot]:
    folder = CeremonyFolder(path)
    keys = root_key.to_use(t, folder)
    return folder, OfflineRoot(folder, keys, clock=SystemClock(), randomness=SystemRandomness())


def _tell(t: Translator, folder: CeremonyFolder, signed: SignedRecord, as_json: bool) -> None:
    files = keep(folder, signed, t)
    history = RootHistory(folder.read_records())
    facts = {
        "root_fingerprint_sha256": history.fingerprint_sha256,
        "record_sha256": signed.sha256,
        "files": [str(file) for file in files],
    }
    if as_json:
        print_document(facts)
    else:
        print_facts(t, facts)
