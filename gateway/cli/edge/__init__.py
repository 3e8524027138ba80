"""``certgate edge``: HAProxy in front, and what it needs from here."""

from gateway.cli.on_demand import OnDemand, group_on_demand

app = group_on_demand(
    (
        OnDemand(
            "agent",
            "gateway.cli.edge.agent:agent",
            "Keep this machine's HAProxy in step with the database until SIGTERM.",
        ),
        OnDemand(
            "list",
            "gateway.cli.edge.listing:list_edges",
            "List the edges that ever reported: standing, last heartbeat, epoch in force.",
        ),
        OnDemand(
            "forget",
            "gateway.cli.edge.listing:forget",
            "Strike an edge off the list that is no more.",
        ),
        OnDemand(
            "enroll",
            "gateway.cli.edge.enroll:enroll",
            "Issue a certificate to an edge and write link.pem and link-authorities.pem.",
        ),
        OnDemand(
            "replace-keys",
            "gateway.cli.edge.keys:replace_keys",
            "Make new keys for session tokens and assertions, and believe no old one from now on.",
        ),
        OnDemand(
            "render",
            "gateway.cli.edge.render:render",
            "Print HAProxy's configuration; its answers and empty maps go into edge_state.",
        ),
    ),
    help="The edge: HAProxy in front of the nodes.",
)
