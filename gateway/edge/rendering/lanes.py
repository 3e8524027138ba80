"""Lanes to the nodes: who waits there waits for his own kind alone."""

from dataclasses import dataclass

from gateway.edge.rendering.limits import Limits


@dataclass(frozen=True)
class Lane:
    """One backend of HAProxy in front of all nodes.

    `maxconn` is how many of its requests a node works on at once; the others
    wait in the lane for `queue_time`. Only the lane that `tracks` nobody asks
    the nodes for their health.
    """

    name: str
    door: str
    why: str
    maxconn: int
    queue_time: str
    tracks: bool = True


def lanes_of(limits: Limits) -> tuple[Lane, ...]:
    """Return every lane."""
    patience, short = limits.queue_time, limits.attempt_queue_time
    return (
        Lane("nodes", "portal", "The portal, for whoever is logged in.",
             limits.node_requests, patience, tracks=False),
        Lane("nodes-officers", "portal", "Officers: a revocation waits for no unit.",
             limits.node_officer_requests, patience),
        Lane("nodes-login", "portal", "Passwords at the portal.", limits.node_attempts, short),
        Lane("nodes-public", "public", "The public pages.", limits.node_public_requests, patience),
        Lane("nodes-pickup", "public", "Download passwords.", limits.node_attempts, short),
        Lane("nodes-pki", "pki", "CRLs and OCSP.", limits.node_pki_requests, patience),
    )  # fmt: skip
