"""Java's PKIX validator and its revocation checker."""

from pathlib import Path

from tests.conformance.other_verifiers.evidence import Evidence, Verdict
from tests.conformance.other_verifiers.verifiers.verdicts import verdict_in
from tests.support.java import try_java
from tests.support.programs import Answer

_PROGRAM = Path(__file__).parent / "VerifyPath.java"
_SAYS: dict[str, Verdict] = {
    "good\n": "good",
    "REVOKED\n": "revoked",
    "EXPIRED\n": "expired",
    "NAME_CHAINING\n": "unknown issuer",
    "INVALID_SIGNATURE\n": "forged",
    "NOT_CA_CERT\n": "no CA",
    "UNDETERMINED_REVOCATION_STATUS\n": "standing unknown",
    "target certificate constraints": "wrong purpose",
    # An answer by somebody else, or about something else.
    "Unable to verify OCSP Response's signature": "forged",
    "Responder's certificate not valid for signing OCSP responses": "forged",
    "Error verifying OCSP Response's signature": "forged",
    "OCSP response does not include": "forged",
}


def by_crls(evidence: Evidence, folder: Path) -> Verdict:
    """Validate the path with the CRLs, and others that the certificates point at."""
    return _verify(evidence, folder, "crls", *(f"{at}.crl" for at in range(len(evidence.crls))))


def by_response(evidence: Evidence, folder: Path) -> Verdict:
    """Validate the path with the OCSP answer as a server would have stapled it."""
    return _verify(evidence, folder, "response", "response.der")


def by_asking(evidence: Evidence, folder: Path) -> Verdict:
    """Validate the path asking the responder that the certificate names (section 4.2.2.1)."""
    return _verify(evidence, folder, "responder")


def by_fetching_crls(evidence: Evidence, folder: Path) -> Verdict:
    """Validate the path fetching CRLs from where the certificates say (section 4.2.1.13)."""
    return _verify(evidence, folder, "points")


def accepts_crl(folder: Path, authority: str, crl: str) -> bool:
    """Return whether a CRL is signed by an authority."""
    return _run(folder, "crl", crl, f"{authority}.der").text == "good\n"


def _verify(evidence: Evidence, folder: Path, *how: str) -> Verdict:
    evidence.write(folder)
    return verdict_in(_run(folder, *how).everything, _SAYS)


def _run(folder: Path, *arguments: str) -> Answer:
    return try_java(_PROGRAM, *arguments, folder=folder)
