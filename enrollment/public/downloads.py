"""Answers that a browser saves as a file."""

from urllib.parse import quote

from starlette.responses import Response

PKCS12 = "application/x-pkcs12"
CERTIFICATE = "application/pkix-cert"
PDF = "application/pdf"
PEM_CHAIN = "application/pem-certificate-chain"  # RFC 8555 section 9.1


def attachment(
    content: bytes, media_type: str, *, file_name: str, display_name: str | None = None
) -> Response:
    """Return `content` to be saved as `file_name` (ASCII), never kept by a cache.

    `display_name` may hold any characters; browsers that know RFC 6266 section
    4.3 prefer it, the others take the plain name.
    """
    disposition = f'attachment; filename="{file_name}"'
    if display_name is not None:
        disposition += f"; filename*=UTF-8''{quote(display_name, safe='')}"
    return Response(
        content,
        media_type=media_type,
        headers={"content-disposition": disposition, "cache-control": "no-store"},
    )
