"""NSS: `certutil` and `vfychain` with CRLs in a store, `vfychain` asking a responder."""

from pathlib import Path

from tests.conformance.other_verifiers.evidence import Evidence, Verdict
from tests.conformance.other_verifiers.verifiers.verdicts import verdict_in
from tests.support.programs import Answer, run, try_run

_PACKAGE = "libnss3-tools"
_STORE = ["-d", "sql:store"]
_SAYS: dict[str, Verdict] = {
    "certificate is valid": "good",
    "Chain is good": "good",
    "has been revoked": "revoked",
    "has expired": "expired",
    "issuer is not recognized": "unknown issuer",
    "invalid signature": "forged",
    "Certificate type not approved": "wrong purpose",
    "Issuer certificate is invalid": "no CA",
}


def by_crls(evidence: Evidence, folder: Path) -> Verdict:
    """Validate by the older library, which `certutil` uses and which looks at CRLs by itself."""
    _make_store(evidence, folder)
    _import(folder, "leaf", ",,")
    _import_crls(evidence, folder)
    # -e: the signature too; -u C: as a client's.
    answer = _run("certutil", "-V", *_STORE, "-n", "leaf", "-u", "C", "-e", folder=folder)
    return verdict_in(answer.everything, _SAYS)


def by_crls_with_libpkix(evidence: Evidence, folder: Path) -> Verdict:
    """Validate by the newer library, which Firefox had in use before it wrote its own."""
    _make_store(evidence, folder)
    _import_crls(evidence, folder)
    # Not failIfNoInfo as well: then the CRLs in the store do not count as information.
    return _vfychain(folder, "crl", "forbidFetching")


def by_asking(evidence: Evidence, folder: Path) -> Verdict:
    """Validate asking the responder that the certificate names (section 4.2.2.1)."""
    _make_store(evidence, folder)
    return _vfychain(folder, "ocsp", "failIfNoInfo")


def accepts_crl(folder: Path, authority: str, crl: str) -> bool:
    """Return whether NSS takes a CRL into a store that knows the authority."""
    _new_store(folder)
    _import(folder, authority, "T,,")
    return _imported(folder, crl).status == 0


def _imported(folder: Path, crl: str) -> Answer:
    return _run("crlutil", "-I", *_STORE, "-t", "1", "-i", crl, folder=folder)


def _make_store(evidence: Evidence, folder: Path) -> None:
    evidence.write(folder)
    _new_store(folder)
    # For clients and for everything else: an OCSP signer needs more than "T,,".
    _import(folder, "root", "CT,C,C")
    _import(folder, "issuing", ",,")


def _import_crls(evidence: Evidence, folder: Path) -> None:
    for at in range(len(evidence.crls)):
        answer = _imported(folder, f"{at}.crl")
        assert answer.status == 0, answer.everything


def _new_store(folder: Path) -> None:
    (folder / "store").mkdir()
    run("certutil", _PACKAGE, "-N", *_STORE, "--empty-password", folder=folder)


def _import(folder: Path, name: str, trust: str) -> None:
    run("certutil", _PACKAGE, "-A", *_STORE, "-n", name, "-t", trust, "-i", f"{name}.der",
        folder=folder)  # fmt: skip


def _vfychain(folder: Path, method: str, flags: str) -> Verdict:
    # -pp: the newer library; -u 0: as a client's; -g leaf: no CRL is asked about the root.
    answer = _run(
        "vfychain", *_STORE, "-pp", "-u", "0", "-g", "leaf", "-m", method, "-s", flags,
        "leaf.der", "issuing.der", folder=folder,
    )  # fmt: skip
    return verdict_in(answer.everything, _SAYS)


def _run(program: str, *arguments: str, folder: Path) -> Answer:
    return try_run(program, _PACKAGE, *arguments, folder=folder)
