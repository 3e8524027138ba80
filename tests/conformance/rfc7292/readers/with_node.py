"""Node's TLS, which takes a PKCS#12 as it is."""

import json
from base64 import b64decode
from pathlib import Path

from cryptography import x509

from tests.conformance.rfc7292.readers.opened import NotOpened, Opened
from tests.support.programs import try_run

_PROGRAM = Path(__file__).parent / "shake_hands.js"


def read_with_node(content: bytes, password: str, folder: Path) -> Opened:
    """Let a Node client show the certificate to a Node server, which tells what it was shown.

    Node shows neither name nor key. That the handshake succeeds shows that it
    had the key of the certificate (RFC 8446 section 4.4.3).
    """
    (folder / "x.p12").write_bytes(content)
    answer = try_run("node", "nodejs", _PROGRAM, "x.p12", password, folder=folder)
    if answer.status != 0:
        raise NotOpened([answer])
    shown = json.loads(answer.text)
    return Opened(None, None, [x509.load_der_x509_certificate(b64decode(der)) for der in shown])
