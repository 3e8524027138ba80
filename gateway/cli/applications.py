"""``certgate application``: which applications may ask the OpenID Provider who somebody is."""

from pathlib import Path
from typing import Annotated

import typer

from foundation.audit import Actor
from foundation.errors import Invalid
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, open_house
from gateway.cli.language import translator
from gateway.cli.output import print_document, print_result, print_table
from gateway.composition.house import House
from gateway.openid.addresses import METADATA
from gateway.openid.registration import Application, RegistrationForm, read_registration

app = typer.Typer(
    no_args_is_help=True,
    help="Applications that use the standard login: add, list, rotate, remove.",
)

ClientId = Annotated[str, typer.Argument(help="The client identifier.")]
KeyFiles = Annotated[
    list[Path],
    typer.Option(
        "--key", exists=True, dir_okay=False,
        help="A public key: PEM, a certificate, a JWK or a JWK Set; may be given several times.",
    ),
]  # fmt: skip


@app.command()
def add(
    client_id: ClientId,
    redirect_uri: Annotated[
        list[str], typer.Option(help="Where codes are sent, compared exactly; several times.")
    ],
    name: Annotated[str, typer.Option(help="What people see; the identifier without.")] = "",
    key: KeyFiles = [],  # noqa: B006 - typer copies defaults
    tls_name: Annotated[
        str,
        typer.Option(
            help="FIELD=VALUE of its certificate instead of a key (RFC 8705): "
            "subject_dn, san_dns, san_uri, san_ip or san_email."
        ),
    ] = "",
    post_logout_redirect_uri: Annotated[
        list[str], typer.Option(help="Where a logout may lead back to; several times.")
    ] = [],  # noqa: B006
    logout_url: Annotated[
        str | None, typer.Option(help="Where it takes logout tokens (back channel).")
    ] = None,
    kind: Annotated[
        list[str], typer.Option(help="Only for unit, officer or person; several times.")
    ] = [],  # noqa: B006
    role: Annotated[
        list[str], typer.Option(help="Only for officers of a role; several times.")
    ] = [],  # noqa: B006
    unit_class: Annotated[
        list[str], typer.Option(help="Only for units of a class: vip, ordinary.")
    ] = [],  # noqa: B006
    signature_algorithm: Annotated[
        str, typer.Option(help="What its ID tokens are signed with: ES256 or RS256.")
    ] = "ES256",
    everybody: Annotated[bool, typer.Option("--everybody", help="For everybody.")] = False,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Register an application; without --everybody it says whom it is for."""
    field, _, value = tls_name.partition("=")
    with open_house(data) as house:
        application = read_registration(
            RegistrationForm(
                client_id=client_id,
                name=name,
                redirect_uris=redirect_uri,
                post_logout_redirect_uris=post_logout_redirect_uri,
                logout_url=logout_url,
                key_documents=[file.read_bytes() for file in key],
                tls_names=[(field, value)] if tls_name else [],
                signature_algorithm=signature_algorithm,
                everybody=everybody,
                kinds=kind,
                roles=role,
                unit_classes=unit_class,
            )
        )
        with house.database.writing() as session:
            registered = house.openid.parties.register(session, application, Actor.operator())
        _print(house, registered, as_json)


@app.command("list")
def list_all(data: DataFolder = DEFAULT_DATA, as_json: AsJson = False) -> None:
    """List every application."""
    with open_house(data) as house:
        with house.database.reading() as session:
            found = house.openid.parties.all(session)
        if as_json:
            print_document({"items": [each.as_document() for each in found]})
            return
        print_table((each.client_id, each.name, each.auth_method) for each in found)


@app.command()
def rotate(
    client_id: ClientId,
    key: KeyFiles,
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Let only these keys count; give old and new together for a change without a gap."""
    with open_house(data) as house:
        documents = [file.read_bytes() for file in key]
        with house.database.writing() as session:
            changed = house.openid.parties.rotate(session, client_id, documents, Actor.operator())
        _print(house, changed, as_json)


@app.command()
def remove(
    client_id: ClientId,
    confirm: Annotated[str, typer.Option(help="The client identifier once more.")],
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """Forget an application; its tokens are worth nothing from now on."""
    with open_house(data) as house:
        if confirm != client_id:
            raise Invalid("confirm-name-wrong", field="confirm")
        with house.database.writing() as session:
            house.openid.parties.remove(session, client_id, Actor.operator())
        typer.echo(translator()("cli.application.removed", client_id=client_id))


def _print(house: House, application: Application, as_json: bool) -> None:
    issuer = house.openid.addresses.issuer
    document = {**application.as_document(), "issuer": issuer, "metadata": issuer + METADATA}
    shown = document if as_json else {
        name: value for name, value in document.items() if name in _SHOWN
    }  # fmt: skip
    print_result(shown, as_json)


_SHOWN = ("client_id", "name", "keys", "redirect_uris", "logout_url", "issuer", "metadata")
