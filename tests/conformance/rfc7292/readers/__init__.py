"""Programs of others that open our PKCS#12 files."""

from tests.conformance.rfc7292.readers.opened import NotOpened, Opened, Reader
from tests.conformance.rfc7292.readers.with_gnutls import read_with_gnutls
from tests.conformance.rfc7292.readers.with_java import read_with_java
from tests.conformance.rfc7292.readers.with_node import read_with_node
from tests.conformance.rfc7292.readers.with_nss import read_with_nss
from tests.conformance.rfc7292.readers.with_openssl import read_with_openssl

__all__ = ["READERS", "NotOpened", "Opened", "Reader"]

READERS: dict[str, Reader] = {
    "openssl": read_with_openssl,
    "nss": read_with_nss,
    "gnutls": read_with_gnutls,
    "java": read_with_java,
    "node": read_with_node,
}
