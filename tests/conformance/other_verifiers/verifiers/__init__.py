"""Other people's verifiers, each with its own reading of RFC 5280 and RFC 6960."""

from collections.abc import Callable
from pathlib import Path

from tests.conformance.other_verifiers.evidence import Evidence, Verdict
from tests.conformance.other_verifiers.verifiers import (
    with_gnutls,
    with_java,
    with_nss,
    with_openssl,
)

Verifier = Callable[[Evidence, Path], Verdict]

BY_CRLS: dict[str, Verifier] = {
    "openssl": with_openssl.by_crls,
    "gnutls": with_gnutls.by_crls,
    "nss": with_nss.by_crls,
    "nss libpkix": with_nss.by_crls_with_libpkix,
    "java": with_java.by_crls,
}
BY_RESPONSE: dict[str, Verifier] = {
    "openssl": with_openssl.by_response,
    "gnutls": with_gnutls.by_response,
    "java": with_java.by_response,
}
BY_ASKING: dict[str, Verifier] = {
    "nss libpkix": with_nss.by_asking,
    "java": with_java.by_asking,
    "java with CRLs": with_java.by_fetching_crls,
}
CrlReader = Callable[[Path, str, str], bool]
ACCEPT_CRL: dict[str, CrlReader] = {
    "openssl": with_openssl.accepts_crl,
    "gnutls": with_gnutls.accepts_crl,
    "nss": with_nss.accepts_crl,
    "java": with_java.accepts_crl,
}
