"""``certgate ca introduce``: a signer learns what a key of its is for."""

from pathlib import Path
from typing import Annotated

import typer

from ca.ceremony import read_bundle
from ca.ceremony.verifying import Expectations, verify_bundle
from ca.signing import LocalSigners
from foundation.clock import SystemClock
from gateway.cli.ca.fingerprints import read_fingerprint
from gateway.cli.context import DEFAULT_DATA, AsJson, DataFolder, read_settings, told_failures
from gateway.cli.language import translator
from gateway.cli.output import print_result
from gateway.composition.occupancy import occupied
from gateway.composition.profiles import profiles_of
from gateway.composition.signing import open_signer
from policies.parameters import load_parameters


def introduce(
    bundle: Annotated[Path, typer.Argument(help="The bundle of the ceremony.")],
    root_fingerprint: Annotated[
        str, typer.Option(help="The root's SHA-256 from the signed transcript.")
    ],
    data: DataFolder = DEFAULT_DATA,
    as_json: AsJson = False,
) -> None:
    """Let a signer sign below the issuing CA of a bundle, whose key was made here.

    `--data` is the signer's own folder; it is not running. Then `install` the
    same bundle on the gateway.
    """
    with told_failures(translator()), occupied(data, alone=True):
        unverified = read_bundle(bundle)
        settings = read_settings(data)
        with open_signer(settings) as house:
            verified = verify_bundle(
                unverified,
                Expectations(
                    root_sha256=read_fingerprint(root_fingerprint),
                    # Which one comes next is for the gateway's database to say.
                    issuing_name=unverified.issuing.name,
                    profiles=profiles_of(settings),
                    pki_url=settings.pki_url,
                    crl_shards=load_parameters().certificates.crl_shards,
                    signers=LocalSigners(house.keys),
                    now=SystemClock().now(),
                ),
            )
            house.holdings.introduce(verified.key_name, verified.issuing)
    print_result({"authority": verified.name, "key_name": verified.key_name}, as_json)
