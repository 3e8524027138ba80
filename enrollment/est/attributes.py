"""What a request should look like: the CSR attributes (RFC 7030 section 4.5.2).

    CsrAttrs ::= SEQUENCE SIZE (0..MAX) OF AttrOrOID
    AttrOrOID ::= CHOICE (oid OBJECT IDENTIFIER, attribute Attribute)

Only the key of a request counts here: subject and extensions come from the
profile. So all there is to say is which key suits: one on P-256, with which the
request is signed by ECDSA and SHA-256. No challengePassword is asked for, since
TLS 1.3 has no tls-unique to put into it (section 3.5).
"""

from typing import ClassVar

from asn1crypto.core import ObjectIdentifier, Sequence, SetOf

_EC_PUBLIC_KEY = "1.2.840.10045.2.1"  # RFC 5480 section 2.1.1
_SECP256R1 = "1.2.840.10045.3.1.7"  # RFC 5480 section 2.1.1.1
_ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"  # RFC 5758 section 3.2


class _Curves(SetOf):  # type: ignore[misc]
    _child_spec = ObjectIdentifier


class _KeyAttribute(Sequence):  # type: ignore[misc]
    _fields: ClassVar = [("type", ObjectIdentifier), ("values", _Curves)]


class _CsrAttrs(Sequence):  # type: ignore[misc]
    _fields: ClassVar = [("key", _KeyAttribute), ("signature", ObjectIdentifier)]


def csr_attributes() -> bytes:
    """Return the CsrAttrs in DER."""
    wanted = _CsrAttrs(
        {
            "key": {"type": _EC_PUBLIC_KEY, "values": [_SECP256R1]},
            "signature": _ECDSA_WITH_SHA256,
        }
    )
    der: bytes = wanted.dump()
    return der
