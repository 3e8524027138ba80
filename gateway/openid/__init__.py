"""The OpenID Provider: standard login for applications of this house (docs/applications.md)."""
