"""What a run leaves in its folder: a file for each certificate, and a sheet of all rows.

The folder may be there from the run before: whatever it holds for these rows is
written anew, each file as a whole or not at all.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from cryptography import x509

from enrollment.issuer_chains import IssuerChains
from enrollment.pickup.picked_up import PickedUpCertificate
from enrollment.pickup.wanted import WantedPickup
from foundation.errors import Failure
from foundation.i18n import Translator
from gateway.bulk_issuance.manifest import ManifestRow
from gateway.consoles.csv_rows import csv_text

SHEET = "results.csv"
_COLUMNS = ("row", "username", "outcome", "serial_number", "file", "not_after")


class Results:
    """The folder of one manifest's certificates."""

    def __init__(self, folder: Path, chains: IssuerChains) -> None:
        """Make the folder unless it is there; raises `OSError`."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._chains = chains
        self._rows: dict[int, tuple[object, ...]] = {}

    def keep(
        self, row: ManifestRow, wanted: WantedPickup, certificate: x509.Certificate, outcome: str
    ) -> Path:
        """Write a certificate with its chain, and return the file; raises `OSError`.

        The name is made of the username as it is registered, which has no
        character that a path or a shell knows.
        """
        above = self._chains.above(certificate)
        picked_up = PickedUpCertificate(certificate, above, wanted.username)
        file = self._folder / f"{wanted.username}.pem"
        _replace(file, picked_up.pem_chain())
        ends = certificate.not_valid_after_utc.date().isoformat()
        self._rows[row.number] = (
            row.number, wanted.username, outcome, wanted.serial_number, file.name, ends,
        )  # fmt: skip
        return file

    def refuse(self, row: ManifestRow, text: str) -> None:
        """Note why a row has no certificate."""
        self._rows[row.number] = (row.number, row.shown_username, text, "", "", "")

    def write_sheet(self, t: Translator) -> Path:
        """Write the sheet in the language of `t`, in the order of the manifest."""
        headings = [t(f"cli.issue.column.{name}") for name in _COLUMNS]
        ordered = [self._rows[number] for number in sorted(self._rows)]
        file = self._folder / SHEET
        _replace(file, "".join(csv_text(headings, [ordered])).encode())
        return file


def messages(
    t: Translator, refused: Iterable[tuple[ManifestRow, Failure]]
) -> list[tuple[ManifestRow, str]]:
    """Return each bad row with what is wrong and what to do, in words."""
    return [(row, t(f"error.{failure.code}", **failure.params)) for row, failure in refused]


def _replace(file: Path, content: bytes) -> None:
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(content)
    fresh.replace(file)
