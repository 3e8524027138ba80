"""Rules about the names of servers (RFC 5280 sections 4.2.1.6 and 4.2.1.10, RFC 9525)."""

import ipaddress

from cryptography import x509

from ca.linting.draft import Draft, Rule
from ca.linting.host_names import is_host_name


def only_servers_have_alternative_names(draft: Draft) -> str | None:
    """A subscriber is its user id; a second name could be taken for another's (section 4.2.1.6)."""
    names = draft.extension(x509.SubjectAlternativeName)
    if draft.kind == "server":
        return "the server has no name" if names is None or not list(names.value) else None
    return "only a server has alternative names" if names is not None else None


def server_names_are_names(draft: Draft) -> str | None:
    """DNSName in preferred syntax or iPAddress, none twice, never a wildcard (4.2.1.6)."""
    names = draft.extension(x509.SubjectAlternativeName)
    if names is None:
        return None
    for name in names.value:
        if isinstance(name, x509.DNSName) and not is_host_name(name.value):
            return f"{name.value!r} is no host name"
        if not isinstance(name, x509.DNSName | x509.IPAddress):
            return f"{name.value} names no server"
    if len(set(names.value)) != len(list(names.value)):
        return "a name stands twice"
    return None


def server_names_are_permitted(draft: Draft) -> str | None:
    """Inside the issuer's name constraints, or nobody would accept it (4.2.1.10)."""
    names = draft.extension(x509.SubjectAlternativeName)
    if names is None or draft.issuer is None or draft.issuer.permitted is None:
        return None
    for name in names.value:
        if not any(_contains(tree, name) for tree in draft.issuer.permitted):
            return f"{name.value} is outside the name constraints of the issuing CA"
    return None


def _contains(tree: x509.GeneralName, name: x509.GeneralName) -> bool:
    if isinstance(tree, x509.DNSName) and isinstance(name, x509.DNSName):
        # Any name made by adding labels on the left, and the name itself.
        return f".{name.value}".lower().endswith(f".{tree.value}".lower())
    if isinstance(tree, x509.IPAddress) and isinstance(name, x509.IPAddress):
        network, address = tree.value, name.value
        assert isinstance(network, ipaddress.IPv4Network | ipaddress.IPv6Network)
        return address in network
    return False


SERVER_RULES: tuple[Rule, ...] = (
    only_servers_have_alternative_names,
    server_names_are_names,
    server_names_are_permitted,
)
