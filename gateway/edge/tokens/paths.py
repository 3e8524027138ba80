"""The paths that an edge and its applications know."""

# At the portal's own host: a new token, for those who are logged in.
RENEWAL = "/session/token"
# At every other host: the token of that host, for a ticket.
VISIT = "/.certgate/session"
# At the portal and the public door: how to verify an assertion.
JWKS = "/.well-known/certgate/jwks.json"
