"""Where EST lives (RFC 7030 section 3.2.2), and what each operation is reached with.

The portal's admission reads the two sets at the end: it opens nothing that is
not named in them.
"""

PREFIX = "/.well-known/est"

CACERTS = f"{PREFIX}/cacerts"
CSRATTRS = f"{PREFIX}/csrattrs"
SIMPLEENROLL = f"{PREFIX}/simpleenroll"
SIMPLEREENROLL = f"{PREFIX}/simplereenroll"
SERVERKEYGEN = f"{PREFIX}/serverkeygen"

# Public facts (sections 4.1.2 and 4.5.1), and operations that prove a slip by
# HTTP Basic (section 3.2.3) because there is no certificate yet.
WITHOUT_CERTIFICATE = frozenset(
    {("GET", CACERTS), ("GET", CSRATTRS), ("POST", SIMPLEENROLL), ("POST", SERVERKEYGEN)}
)
# Section 3.3.2: the certificate of the connection is the credential. A program
# has no session, and cookies are not looked at.
WITH_CERTIFICATE_ALONE = frozenset({("POST", SIMPLEREENROLL)})
