"""The numbers of the edge, in one place; docs/edge.md says where each comes from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """How much of everything; times are HAProxy's, with their unit."""

    connections: int = 8_000
    portal_connections: int = 5_000
    public_connections: int = 2_000
    pki_connections: int = 1_000
    # Of one client address at one door: a whole office may stand behind it.
    connections_of_address: int = 500
    # Login and pickup attempts of one address in a minute.
    attempts_of_address: int = 120
    # At once, for each node. A password costs 19 MiB and 20 ms there.
    node_requests: int = 100
    node_public_requests: int = 40
    node_pki_requests: int = 60
    node_attempts: int = 4
    node_officer_requests: int = 40
    # Of applications, for each upstream.
    upstream_requests: int = 200
    # A request head may have bufsize - maxrewrite octets; the rest is room for
    # the headers we add, of which the certificate is the largest.
    buffer: int = 32_768
    rewrite: int = 12_288
    headers: int = 64
    # Octets of cookies that a connection remembers to have verified; longer ones are
    # verified each time. Twice that, for each connection, is memory.
    remembered_cookies: int = 4_096
    request_time: str = "10s"
    client_time: str = "30s"
    client_end_time: str = "5s"
    idle_time: str = "30s"
    connect_time: str = "3s"
    server_time: str = "60s"
    queue_time: str = "10s"
    attempt_queue_time: str = "5s"
    tunnel_time: str = "1h"
    stop_time: str = "60s"
    # How far the clocks of nodes and edge may be apart, in seconds.
    clock_difference: int = 5
