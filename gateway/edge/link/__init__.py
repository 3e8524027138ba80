"""The link: how an edge hands requests to a node.

An edge has ended the TLS of a client and decided what it can decide. It passes
the request on over TLS of its own, on which it shows a certificate of profile
"edge". Whoever holds such a certificate speaks for every client, so nobody
else's words are heard here (docs/decisions/0021-session-token-and-assertion.md).
"""
