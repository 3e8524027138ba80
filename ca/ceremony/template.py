"""A document to begin with: this installation's own settings, for people to change and review."""

import json
from collections.abc import Sequence

_TEXT = """\
# 根证书仪式文件 / Document of a root ceremony. Review every line, then run:
#   certgate ca ceremony THIS-FILE --out FOLDER
version = 1
title = "Root ceremony"
organization = {organization}
# ecdsa-p256, ecdsa-p384, rsa-3072, rsa-4096, ed25519, ml-dsa-65 (experimental)
algorithm = {algorithm}
# Where certificates say that CRLs and OCSP are, for as long as they live.
pki_url = {pki_url}
# Whom the issuing CA may call a server; the settings of the server are to match.
server_names = {server_names}
crl_shards = {crl_shards}
# "server": the key of the issuing CA is made there (certgate ca request).
# "here": in the ceremony, and carried to the server.
issuing_key = "server"

[days]
root = 7300
issuing = 3650
root_crl = 180

[[participants]]
name = "..."
role = "key custodian"

[[participants]]
name = "...."
role = "witness"
"""


def document_template(
    *,
    organization: str,
    algorithm: str,
    pki_url: str,
    server_names: Sequence[str],
    crl_shards: int,
) -> str:
    """Return the text of a document that `ca.ceremony.document` accepts."""
    # A JSON string is a TOML basic string (TOML 1.0, section String).
    quoted = {
        "organization": json.dumps(organization, ensure_ascii=False),
        "algorithm": json.dumps(algorithm),
        "pki_url": json.dumps(pki_url),
        "server_names": json.dumps(list(server_names)),
    }
    return _TEXT.format(crl_shards=crl_shards, **quoted)
