"""The hierarchy of the listeners' tests, made once."""

from functools import cache

from tests.support.tls_credentials import HOST, SERVER, Credential, make_root


@cache
def our_root() -> Credential:
    """Return the root that the server's certificate comes from."""
    return make_root()


@cache
def issuing() -> Credential:
    """Return the issuing CA, whose name clients are told."""
    return our_root().issue_ca("Issuing CA")


@cache
def server() -> Credential:
    """Return the server's credential."""
    return new_server()


def new_server() -> Credential:
    """Return another credential for the same server."""
    return issuing().issue("server", purposes=(SERVER,), hosts=(HOST, "127.0.0.1"))
