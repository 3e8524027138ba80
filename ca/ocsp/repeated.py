"""Requests that were read before: what they say, without reading them again.

Clients ask about the same certificates again and again, and with a nonce only
its octets differ. Those come last in a request as clients write it, and every
tag and length stands before them; so what stands before them is remembered
with what it says, once it has been shown to say so whatever the nonce is.
"""

from functools import lru_cache

from ca.ocsp.refusal import Malformed
from ca.ocsp.request import StatusQuery, read_request

# Without a requestor's name or a signature requests are not longer.
_LONGEST_USUAL = 320
_MOST_REMEMBERED = 20_000
_NONCE = bytes.fromhex("06092b0601050507300102")  # id-pkix-ocsp-nonce
# After its name: tag and length of extnValue, tag and length of the nonce itself.
_HEADERS = 4


def read_again(unverified_der: bytes) -> StatusQuery:
    """Return what `read_request` does; raises `Malformed` as it does."""
    if len(unverified_der) > _LONGEST_USUAL:
        return read_request(unverified_der)
    found = unverified_der.find(_NONCE)
    if found < 0:
        return _read_whole(unverified_der)
    start = found + len(_NONCE) + _HEADERS
    form = _read_form(unverified_der[:start], len(unverified_der) - start)
    if form is None:
        return read_request(unverified_der)
    return StatusQuery(form.cert_id, form.issuer_part, form.serial_number, unverified_der[start:])


@lru_cache(_MOST_REMEMBERED)
def _read_whole(unverified_der: bytes) -> StatusQuery:
    return read_request(unverified_der)


@lru_cache(_MOST_REMEMBERED)
def _read_form(before: bytes, octets: int) -> StatusQuery | None:
    """Return what a request says that goes on with a nonce of `octets`; None if it is none.

    Read with two nonces that agree in no octet: what was read as the nonce is
    then exactly what stands at the end.
    """
    if octets < 1:
        return None
    zeros, ones = bytes(octets), b"\xff" * octets
    try:
        first, second = read_request(before + zeros), read_request(before + ones)
    except Malformed:
        return None
    return first if (first.nonce, second.nonce) == (zeros, ones) else None
