"""``certgate ca list | rollover | revoke``: with the root's key on this machine."""

from typing import Annotated

import typer

from ca.rollover.ending import AUTHORITY_REASONS
from foundation.audit import Actor
from foundation.database.schema import upgrade_schema
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_ground
from gateway.cli.output import print_document, print_result, print_table
from gateway.composition.ceremony import authority_summaries, issuing_ending
from gateway.composition.certification import hierarchy_store, publish_first_crls
from gateway.composition.ground import Ground
from gateway.composition.profiles import certificate_names

_COLUMNS = ("name", "standing", "key", "key_algorithm", "not_after", "serial_number", "subject")


def list_authorities(data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List root and issuing CAs: who issues, who is retired, where the keys are."""
    with open_ground(data) as ground:
        documents = [summary.as_document() for summary in authority_summaries(ground)]
    if as_json:
        print_document({"items": documents})
    else:
        print_table(tuple(document[name] for name in _COLUMNS) for document in documents)


def rollover(data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """Let a new issuing CA follow; the old one's certificates go on until they end.

    Without the root's key here: `request`, `sign-issuing`, `install`.
    """
    with open_ground(data) as ground:
        upgrade_schema(ground.database)
        name = hierarchy_store(ground).rollover().roll_over(Actor.operator())
        complete(ground)
        done = next(each for each in authority_summaries(ground) if each.name == name)
    print_result({"authority": name, **_identified(done.as_document())}, as_json)


def revoke(
    name: Annotated[str, typer.Argument(help="The name of a retired issuing CA.")],
    reason: Annotated[str, typer.Option(help=", ".join(AUTHORITY_REASONS))],
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Revoke a retired issuing CA: every certificate below it is refused at once.

    Without the root's key here: `root-crl --revoke`, `import-crl`.
    """
    with open_ground(data) as ground:
        upgrade_schema(ground.database)
        ending = issuing_ending(ground)
        with ground.database.writing() as session:
            ending.revoke(session, name, reason, Actor.operator())
        done = next(each for each in authority_summaries(ground) if each.name == name)
    print_result({"authority": name, **_identified(done.as_document())}, as_json)


def complete(ground: Ground) -> None:
    """Give a new issuing CA what it needs: OCSP signer, server certificate, CRLs."""
    hierarchy = hierarchy_store(ground).load(certificate_names(ground.settings), Actor.operator())
    publish_first_crls(ground, hierarchy)


def _identified(document: dict[str, str]) -> dict[str, str]:
    kept = ("standing", "subject", "serial_number", "not_after", "fingerprint_sha256")
    return {name: document[name] for name in kept}
