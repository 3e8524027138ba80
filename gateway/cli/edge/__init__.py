"""``certgate edge``: HAProxy in front, and what it needs from here."""

from gateway.cli.on_demand import OnDemand, group_on_demand

app = group_on_demand(
    (
        OnDemand(
            "enroll",
            "gateway.cli.edge.enroll:enroll",
            "Issue a certificate to an edge and write link.pem and link-authorities.pem.",
        ),
        OnDemand(
            "render",
            "gateway.cli.edge.render:render",
            "Print HAProxy's configuration for these settings and routes.toml.",
        ),
    ),
    help="The edge: HAProxy in front of the nodes.",
)
