"""What the server does for a root that is elsewhere: ask, install, let go."""

from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from ca.ceremony import CeremonyFolder, keep, make_request, read_bundle, read_document
from ca.keys import EncryptedFileKeys
from ca.keys.private_files import write_private_file
from ca.names.authority_names import is_issuing_name
from ca.rollover.errors import AuthorityUnknown
from foundation.audit import Actor
from foundation.database.schema import upgrade_schema
from foundation.errors import Conflict, Invalid
from gateway.approvals.ceremony import ApprovedCeremonies
from gateway.cli.ca.authorities import complete
from gateway.cli.ca.fingerprints import read_fingerprint
from gateway.cli.ca.passphrases import new_passphrase
from gateway.cli.ca.root_keys import PassphraseFile
from gateway.cli.context import (
    DEFAULT_DATA,
    AsJson,
    DataFolder,
    open_ground,
    read_settings,
    told_failures,
)
from gateway.cli.language import translator
from gateway.cli.output import print_result
from gateway.composition.awaiting import await_ceremony, ceremony_arrived
from gateway.composition.ceremony import (
    import_root_crl,
    installation,
    next_issuing,
    root_export,
    template,
)
from gateway.composition.certification import hierarchy_store
from gateway.composition.ground import Ground, lay_ground
from gateway.composition.keys import authority_keys

# Where there are two security officers, they approve the file's SHA-256 first
# (docs/decisions/0013-two-officers.md).
WithoutApproval = Annotated[
    bool,
    typer.Option(
        "--without-approval", help="In an emergency, without two officers; it is put on record."
    ),
]


def document(data: DataFolder = DEFAULT_DATA) -> None:
    """Print a ceremony's document with this server's settings, to be changed and reviewed."""
    with told_failures(translator()):
        ground = lay_ground(read_settings(data))
        try:
            typer.echo(template(ground), nl=False)
        finally:
            ground.database.dispose()


def request(
    out: Annotated[Path, typer.Option(help="A new file for the request.")],
    name: Annotated[
        str | None,
        typer.Option(help="The issuing CA's name, where there is no database: issuing-2, say."),
    ] = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Make the key of the next issuing CA, and a request for the ceremony."""
    with told_failures(translator()):
        if out.exists():
            raise Conflict("file-exists", path=str(out))
        if name is not None and not is_issuing_name(name):
            raise AuthorityUnknown(name)
        ground = _begin(data)
        try:
            if ground.settings.signer is not None and name is None:
                # Its keys are not here, and a copy must not be.
                raise Conflict("request-on-signer")
            keys = authority_keys(ground.settings, ground.randomness)
            key_name, pem = make_request(
                name or next_issuing(ground),
                keys,
                ground.settings.key_algorithm,
                ground.randomness,
            )
            if not hierarchy_store(ground).exists():
                await_ceremony(ground.settings.data, key_name)
            write_private_file(out.absolute(), pem)
        finally:
            ground.database.dispose()
    print_result({"key_name": key_name, "file": str(out.absolute())}, as_json)


def install(
    bundle: Annotated[Path, typer.Argument(help="The bundle of the ceremony.")],
    root_fingerprint: Annotated[
        str | None,
        typer.Option(help="The root's SHA-256 from the signed transcript; for the first bundle."),
    ] = None,
    without_approval: WithoutApproval = False,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Verify what a ceremony made and install it; anything that does not verify is refused."""
    with told_failures(translator()):
        unverified = read_bundle(bundle)
        ground = _begin(data)
        try:
            installing = installation(ground)
            expected = _expected_root(ground, root_fingerprint)
            approved = ApprovedCeremonies(audit=ground.audit, clock=ground.clock)
            by, octets = Actor.operator(), bundle.read_bytes()
            name = installing.install(
                unverified,
                expected,
                by,
                lambda session: approved.require(
                    session, "issuing_rollover", octets, by, is_waived=without_approval
                ),
            )
            ceremony_arrived(ground.settings.data)
            complete(ground)
        finally:
            ground.database.dispose()
    print_result({"authority": name, "root_fingerprint_sha256": expected}, as_json)


def import_crl(
    file: Annotated[Path, typer.Argument(help="A CRL of the root, DER or PEM.")],
    without_approval: WithoutApproval = False,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Publish a CRL that the offline root signed; what it revokes is refused at once."""
    with open_ground(data) as ground:
        upgrade_schema(ground.database)
        der = _read_crl(file)
        approved = ApprovedCeremonies(audit=ground.audit, clock=ground.clock)
        with ground.database.writing() as session:
            by, octets = Actor.operator(), file.read_bytes()
            approved.require(session, "root_crl_import", octets, by, is_waived=without_approval)
            published = import_root_crl(ground, session, der, Actor.operator())
    print_result({"crl_number": published.crl_number}, as_json)


def export_root(
    to: Annotated[Path, typer.Option(help="An empty or new folder, on a disk that leaves.")],
    document: Annotated[
        Path, typer.Option(help="The reviewed document, from `certgate ca document`.")
    ],
    passphrase_file: PassphraseFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Destroy this server's copy unasked.")] = False,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Move the root's key out of this server: from then on it is offline."""
    t = translator()
    with open_ground(data) as ground:
        upgrade_schema(ground.database)
        reviewed = read_document(document)
        export = root_export(ground)
        folder = CeremonyFolder(to)
        passphrase = new_passphrase(t, passphrase_file, "cli.ca.new_root_passphrase")
        signed = export.write(folder, EncryptedFileKeys(folder.keys, passphrase), reviewed)
        files = keep(folder, signed, t)
        export.publish(signed, Actor.operator())
        destroyed = yes or typer.confirm(t("cli.ca.destroy_root_key", folder=str(to)), err=True)
        if destroyed:
            export.destroy(signed)
    print_result(
        {
            "root_key_destroyed_here": destroyed,
            "record_sha256": signed.sha256,
            "files": [str(path) for path in files],
        },
        as_json,
    )


def _begin(data: Path) -> Ground:
    """Return the ground of a folder that may hold nothing yet."""
    settings = read_settings(data)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    ground = lay_ground(settings)
    upgrade_schema(ground.database)
    return ground


def _expected_root(ground: Ground, unverified_fingerprint: str | None) -> str:
    installing = installation(ground)
    if unverified_fingerprint is None:
        # Of the root that is here; without one there is nothing to compare with.
        return installing.root_fingerprint()
    return read_fingerprint(unverified_fingerprint)


def _read_crl(file: Path) -> bytes:
    try:
        octets = file.read_bytes()
    except OSError as failure:
        raise Invalid(
            "file-unreadable", path=str(file), problem=failure.strerror or ""
        ) from failure
    if not octets.startswith(b"-----"):
        return octets
    try:
        return x509.load_pem_x509_crl(octets).public_bytes(Encoding.DER)
    except ValueError as failure:
        raise Invalid("file-unreadable", path=str(file), problem="no CRL") from failure
