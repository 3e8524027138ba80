"""GnuTLS: `certtool` with CRLs, `ocsptool` with an answer."""

from pathlib import Path

from tests.conformance.other_verifiers.evidence import Evidence, Verdict
from tests.conformance.other_verifiers.verifiers.verdicts import verdict_in
from tests.support.programs import try_run

_PACKAGE = "gnutls-bin"
_CLIENT = "1.3.6.1.5.5.7.3.2"
_PATHS: dict[str, Verdict] = {
    "Verified. The certificate is trusted.": "good",
    "is revoked": "revoked",
    "uses expired certificate": "expired",
    "issuer is unknown": "unknown issuer",
    "signature in the certificate is invalid": "forged",
    "does not match the intended purpose": "wrong purpose",
    "issuer is not a CA": "no CA",
}
_STATUSES: dict[str, Verdict] = {
    "Certificate Status: good": "good",
    "Certificate Status: revoked": "revoked",
}


def by_crls(evidence: Evidence, folder: Path) -> Verdict:
    """Validate the path with the CRLs, with keys of 112 bits of strength at least."""
    evidence.write(folder)
    answer = try_run(
        "certtool", _PACKAGE, "--verify", "--infile", "path.pem",
        "--load-ca-certificate", "root.pem", "--load-crl", "crls.pem",
        "--verify-purpose", _CLIENT, "--verify-profile", "medium", folder=folder,
    )  # fmt: skip
    # Before that it says something about each certificate above.
    verdict = verdict_in(answer.text.partition("Chain verification output")[2], _PATHS)
    assert (answer.status == 0) == (verdict == "good")
    return verdict


def by_response(evidence: Evidence, folder: Path) -> Verdict:
    """Judge the OCSP answer and its signer.

    `ocsptool` takes the issuing CA for what it trusts, not the path above it,
    and leaves it to its caller to see which certificate an answer is about.
    """
    evidence.write(folder)
    answer = try_run(
        "ocsptool", _PACKAGE, "--verify-response", "--load-response", "response.der",
        "--load-trust", "issuing.pem", folder=folder,
    )  # fmt: skip
    if answer.status != 0:
        return "forged"
    if f"Serial Number: {evidence.leaf.serial_number:x}\n" not in answer.text:
        return "forged"
    return verdict_in(answer.text, _STATUSES)


def accepts_crl(folder: Path, authority: str, crl: str) -> bool:
    """Return whether a CRL is signed by an authority and in force."""
    answer = try_run(
        "certtool", _PACKAGE, "--verify-crl", "--load-ca-certificate", f"{authority}.der",
        "--inder", "--infile", crl, folder=folder,
    )  # fmt: skip
    return "Verified. The certificate is trusted." in answer.text
