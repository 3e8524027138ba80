"""``certgate ca``: root and issuing CAs, on the server and on the machine of the root."""

from gateway.cli.on_demand import OnDemand, group_on_demand

_ON_THE_SERVER = (
    OnDemand(
        "list",
        "gateway.cli.ca.authorities:list_authorities",
        "List root and issuing CAs: who issues, who is retired, where the keys are.",
    ),
    OnDemand(
        "rollover",
        "gateway.cli.ca.authorities:rollover",
        "Let a new issuing CA follow; the old one's certificates go on until they end.",
    ),
    OnDemand(
        "revoke",
        "gateway.cli.ca.authorities:revoke",
        "Revoke a retired issuing CA: every certificate below it is refused at once.",
    ),
    OnDemand(
        "document",
        "gateway.cli.ca.server:document",
        "Print a ceremony's document with this server's settings, to be changed and reviewed.",
    ),
    OnDemand(
        "request",
        "gateway.cli.ca.server:request",
        "Make the key of the next issuing CA, and a request for the ceremony.",
    ),
    OnDemand(
        "install",
        "gateway.cli.ca.server:install",
        "Verify what a ceremony made and install it; anything that does not verify is refused.",
    ),
    OnDemand(
        "import-crl",
        "gateway.cli.ca.server:import_crl",
        "Publish a CRL that the offline root signed; what it revokes is refused at once.",
    ),
    OnDemand(
        "export-root",
        "gateway.cli.ca.server:export_root",
        "Move the root's key out of this server: from then on it is offline.",
    ),
)
_ON_THE_SIGNER = (
    # And `request`.
    OnDemand(
        "introduce",
        "gateway.cli.ca.signer:introduce",
        "Let a signer sign below the issuing CA of a bundle, whose key was made here.",
    ),
)
_WITHOUT_A_SERVER = (
    # Where the root's key is.
    OnDemand(
        "ceremony",
        "gateway.cli.ca.offline:ceremony",
        "Make the root: key, certificate, first CRL, and the record of all of it.",
    ),
    OnDemand(
        "sign-issuing",
        "gateway.cli.ca.offline:sign_issuing",
        "Certify the key of a request as the next issuing CA; makes the bundle for the server.",
    ),
    OnDemand(
        "root-crl",
        "gateway.cli.ca.offline:root_crl",
        "Sign the root's next CRL; what was revoked stays revoked.",
    ),
    OnDemand(
        "verify-records",
        "gateway.cli.ca.offline:verify_records",
        "Verify every record, its signature and its place; no key is needed.",
    ),
)

app = group_on_demand(
    (*_ON_THE_SERVER, *_ON_THE_SIGNER, *_WITHOUT_A_SERVER),
    help="Root and issuing CAs: ceremony, offline root, rollover (docs/operations.md).",
)
