"""``certgate ca``: root and issuing CAs, on the server and on the machine of the root."""

import typer

from gateway.cli.ca import authorities, offline, server, signer

app = typer.Typer(
    no_args_is_help=True,
    help="Root and issuing CAs: ceremony, offline root, rollover (docs/operations.md).",
)
# On the server.
app.command("list")(authorities.list_authorities)
app.command("rollover")(authorities.rollover)
app.command("revoke")(authorities.revoke)
app.command("document")(server.document)
app.command("request")(server.request)
app.command("install")(server.install)
app.command("import-crl")(server.import_crl)
app.command("export-root")(server.export_root)
# On a signer's machine, besides `request`.
app.command("introduce")(signer.introduce)
# Where the root's key is, without a server.
app.command("ceremony")(offline.ceremony)
app.command("sign-issuing")(offline.sign_issuing)
app.command("root-crl")(offline.root_crl)
app.command("verify-records")(offline.verify_records)
