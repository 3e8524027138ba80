"""Serving CRLs: what is stored, as it is stored."""

from collections.abc import Iterator
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import Response

from ca.crl.models import CrlRecord
from ca.crl.scopes import FULL, Scope
from ca.crl.stored import find_crl, find_part
from ca.documents import Document, answer
from ca.models import AuthorityName
from foundation.database import Database
from foundation.errors import NotFound, Unavailable

# RFC 2585 section 4.
MEDIA_TYPE = "application/pkix-crl"
# A cache may keep a CRL but asks each time whether it is still the newest: a
# revocation is true in the second in which it is made. Expires is for people
# and for fetchers of CRLs; max-age overrules it (RFC 9111 section 5.3).
_ASK_AGAIN = "public, max-age=0, must-revalidate"


def serve_crl(
    database: Database, request: Request, issuer: AuthorityName, scope: Scope = FULL
) -> Response:
    """Return the newest CRL of a scope; raises `NotFound` when there is none.

    Nothing of its octets is read for a HEAD or for whoever has it already.
    """
    with database.reading() as session:
        crl = find_crl(session, issuer, scope)
    if crl is None:
        raise NotFound("crl-not-found")
    headers = {
        "Cache-Control": _ASK_AGAIN,
        "Last-Modified": format_datetime(crl.this_update, usegmt=True),
        "Expires": format_datetime(crl.next_update, usegmt=True),
    }
    document = Document(crl.sha256, crl.octets, MEDIA_TYPE, headers)
    return answer(request, document, _parts(database, crl))


def _parts(database: Database, crl: CrlRecord) -> Iterator[bytes]:
    """Yield the parts, each from a transaction of its own.

    A slow reader must not keep a connection to the database. When newer CRLs
    have taken this one's place meanwhile, the answer is cut short, which the
    reader sees by its length.
    """
    sent = place = 0
    while sent < crl.octets:
        with database.reading() as session:
            part = find_part(session, crl, place)
        if part is None:
            raise Unavailable("crl-replaced")
        sent += len(part)
        place += 1
        yield part
