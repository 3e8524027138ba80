"""The openssl command: `verify` with CRLs, `ocsp` with an answer."""

from pathlib import Path

from tests.conformance.other_verifiers.evidence import Evidence, Verdict
from tests.conformance.other_verifiers.verifiers.verdicts import verdict_in
from tests.support.openssl import try_openssl

_PATHS: dict[str, Verdict] = {
    "leaf.pem: OK": "good",
    "certificate revoked": "revoked",
    "certificate has expired": "expired",
    "unable to get local issuer certificate": "unknown issuer",
    "certificate signature failure": "forged",
    "unsuitable certificate purpose": "wrong purpose",
    "invalid CA certificate": "no CA",
    "unable to get certificate CRL": "standing unknown",
    "different CRL scope": "standing unknown",
}
_ANSWERS: dict[str, Verdict] = {
    "Response Verify Failure": "forged",
    "No Status found": "forged",
    "leaf.pem: good": "good",
    "leaf.pem: revoked": "revoked",
}


def by_crls(evidence: Evidence, folder: Path, *options: str) -> Verdict:
    """Validate the path with the CRLs."""
    evidence.write(folder)
    answer = try_openssl(
        "verify", "-x509_strict", "-crl_check_all", "-purpose", "sslclient", *options,
        "-CAfile", "root.pem", "-no-CApath", "-no-CAstore", "-untrusted", "above.pem",
        "-CRLfile", "crls.pem", "leaf.pem", folder=folder,
    )  # fmt: skip
    return verdict_in(answer.everything, _PATHS)


def by_response(evidence: Evidence, folder: Path) -> Verdict:
    """Judge the OCSP answer, its signer and whether it is about this certificate."""
    evidence.write(folder)
    answer = try_openssl(
        "ocsp", "-issuer", "issuing.pem", "-cert", "leaf.pem", "-no_nonce",
        "-respin", "response.der", "-CAfile", "root.pem", "-verify_other", "issuing.pem",
        folder=folder,
    )  # fmt: skip
    return verdict_in(answer.everything, _ANSWERS)


def accepts_crl(folder: Path, authority: str, crl: str) -> bool:
    """Return whether a CRL is signed by an authority."""
    answer = try_openssl(
        "crl", "-inform", "DER", "-in", crl, "-noout", "-CAfile", f"{authority}.pem",
        folder=folder,
    )  # fmt: skip
    return "verify OK" in answer.errors
