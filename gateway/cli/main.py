"""``certgate``: the command."""

import logging
import os

from gateway.cli.on_demand import OnDemand, group_on_demand
from gateway.listeners.last_resort import SECONDS, end_later
from gateway.logs import configure_logs

app = group_on_demand(
    (
        OnDemand(
            "init",
            "gateway.cli.initialise:init",
            "Make root, issuing CA, server and OCSP certificates and the database.",
        ),
        OnDemand(
            "up",
            "gateway.cli.up:up",
            "Initialise when empty, then serve all three listeners until SIGTERM, which drains.",
        ),
        OnDemand(
            "backup",
            "gateway.cli.backup:backup",
            "Copy database, keys (still encrypted) and settings into a new file; "
            "the server may run.",
        ),
        OnDemand(
            "restore",
            "gateway.cli.backup:restore",
            "Bring a backup back into a folder and a database that hold no installation.",
        ),
        OnDemand(
            "reconcile",
            "gateway.cli.reconcile:reconcile",
            "Do again what was revoked and a restored database does not know; "
            "exit 1 when that is open.",
        ),
        OnDemand(
            "doctor",
            "gateway.cli.doctor:doctor",
            "Check keys, clock, CRLs, listeners, resumption, permissions; "
            "exit 1 when something is wrong.",
        ),
        OnDemand(
            "revoke",
            "gateway.cli.revocation:revoke",
            "Revoke a certificate with its sessions; prints the receipt.",
        ),
        OnDemand(
            "hold",
            "gateway.cli.revocation:hold",
            "Suspend a certificate (certificateHold); prints the receipt.",
        ),
        OnDemand("release", "gateway.cli.revocation:release", "Lift a hold; prints the receipt."),
        OnDemand(
            "officer", "gateway.cli.officers:app", "Officers: register, grant and revoke roles."
        ),
        OnDemand(
            "unit", "gateway.cli.units:app", "Units: register, promote, demote, suspend, resume."
        ),
        OnDemand("slip", "gateway.cli.slips:app", "Password slips."),
        OnDemand(
            "application",
            "gateway.cli.applications:app",
            "Applications that use the standard login: add, list, rotate, remove.",
        ),
        OnDemand(
            "certificate",
            "gateway.cli.certificates:app",
            "Certificates: list, show, export, issue-many, revoke-many.",
        ),
        OnDemand("audit", "gateway.cli.audit:app", "The audit log."),
        OnDemand(
            "ca",
            "gateway.cli.ca:app",
            "Root and issuing CAs: ceremony, offline root, rollover (docs/operations.md).",
        ),
        OnDemand("signer", "gateway.cli.signer:app", "The signer: keys in a process of their own."),
        OnDemand("edge", "gateway.cli.edge:app", "The edge: HAProxy in front of the nodes."),
    ),
    help="A private certificate authority and authentication gateway.",
)


def main() -> None:
    """Run the command line."""
    # Everything this program writes is for its owner: databases, keys, slips.
    os.umask(0o077)
    # Standard output is for what was asked; `up` says more when it starts.
    configure_logs(logging.WARNING)
    try:
        app()
    finally:
        # Threads that never end would be waited for by the interpreter.
        end_later(SECONDS)


if __name__ == "__main__":
    main()
