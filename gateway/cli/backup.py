"""``certgate backup | restore``: everything in one file, and back again."""

from pathlib import Path
from typing import Annotated

import typer

from ca.journal.settlement import Settled
from foundation.audit import Actor
from foundation.i18n import Translator
from gateway.backup import MadeBackup, Restored, make_backup, restore_backup
from gateway.backup.restored_keys import passphrase_file_of
from gateway.cli.context import (
    DEFAULT_DATA,
    AsJson,
    DataFolder,
    open_ground,
    read_settings,
    told_failures,
)
from gateway.cli.language import translator
from gateway.cli.output import print_document, print_facts
from gateway.composition.ground import lay_ground
from gateway.composition.house import build_house
from gateway.composition.initialisation import ensure_initialised

File = Annotated[Path, typer.Argument(help="The backup's file.")]


def backup(file: File, data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Copy database, keys (still encrypted) and settings into a new file; the server may run.

    The passphrase of the keys is not in it: keep it apart.
    """
    t = translator()
    with open_ground(data) as ground:
        made = make_backup(ground, file, Actor.operator())
        passphrase_file = passphrase_file_of(ground.settings)
    document = _made_document(made)
    if as_json:
        print_document({**document, "passphrase_file": str(passphrase_file)})
    else:
        print_facts(t, document)
        typer.echo(t("cli.backup_without_passphrase", file=str(passphrase_file)))


def restore(
    file: File,
    journal: Annotated[
        Path | None, typer.Option(help="The revocation journal of the time since the backup.")
    ] = None,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back into a folder and a database that hold no installation.

    The passphrase of the keys comes from elsewhere, before or after. What the
    revocation journal tells of the time since the backup is done again.
    """
    t = translator()
    read_settings(data)
    with told_failures(t):
        restored = restore_backup(file, data, Actor.operator(), journal=journal)
        settled = _settle(restored) if restored.has_passphrase else None
        document = {**_restored_document(restored), **_settled_document(settled)}
        if as_json:
            passphrase = {
                "passphrase_file": str(restored.passphrase_file),
                "passphrase_present": restored.has_passphrase,
            }
            print_document({**document, **passphrase})
        else:
            print_facts(t, document)
            _say_what_is_next(t, restored)
            if settled is not None and settled.standing != "known":
                problem = settled.problem or "-"
                typer.echo(t(f"cli.revocations_{settled.standing}", problem=problem))


def _made_document(made: MadeBackup) -> dict[str, object]:
    return {
        "file": str(made.file.absolute()),
        "size": made.size,
        "sha256": made.sha256,
        **_manifest_document(made),
    }


def _restored_document(restored: Restored) -> dict[str, object]:
    return {
        "data": str(restored.settings.data.absolute()),
        **_manifest_document(restored),
        "audit_entries": restored.audit_entries,
    }


def _manifest_document(described: MadeBackup | Restored) -> dict[str, object]:
    manifest = described.manifest
    return {
        "created_at": f"{manifest.created_at:%Y-%m-%dT%H:%M:%SZ}",
        "database_kind": manifest.database_kind,
        **manifest.database.model_dump(),
        "keys": len(manifest.key_members),
    }


def _say_what_is_next(t: Translator, restored: Restored) -> None:
    if not restored.has_passphrase:
        typer.echo(t("cli.restored_without_passphrase", file=str(restored.passphrase_file)))
    settings, manifest = restored.settings, restored.manifest
    if (settings.host, settings.pki_port) != (manifest.host, manifest.pki_port):
        typer.echo(t("cli.restored_elsewhere", host=manifest.host, pki_port=manifest.pki_port))


def _settle(restored: Restored) -> Settled:
    """Publish new CRLs and do what was revoked since."""
    ground = lay_ground(restored.settings)
    try:
        ensure_initialised(ground, Actor.operator())
        return build_house(ground).settlement.settle(Actor.operator())
    finally:
        ground.database.dispose()


def _settled_document(settled: Settled | None) -> dict[str, object]:
    """Return how revocations stand; without the keys that shows at the next start."""
    if settled is None:
        return {"revocations": "unsettled", "revocations_done": 0}
    return {"revocations": settled.standing, "revocations_done": settled.reconciled.count}
