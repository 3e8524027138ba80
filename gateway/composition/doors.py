"""What a process opens: the three doors themselves, or the link for edges that have them."""

from dataclasses import dataclass

from starlette.types import ASGIApp

from foundation.jobs import Jobs
from gateway.composition.applications import Applications
from gateway.composition.house import House
from gateway.edge.link.application import LinkApplication
from gateway.edge.link.arrival import DoorName
from gateway.edge.link.edges import Edges
from gateway.listeners.connections import OpenConnections
from gateway.listeners.ocsp.desk import OcspDesk
from gateway.listeners.servers import Door
from gateway.listeners.stapling import Staples
from gateway.listeners.tls_connection import unheard
from gateway.listeners.tls_context import TlsContext
from gateway.metrics.present import PresentState
from gateway.metrics.serving import metrics_application


@dataclass(frozen=True)
class Doors:
    """Opens doors of one house; `watched` are the connections that a revocation cuts."""

    house: House
    watched: OpenConnections

    def open(self, desk: OcspDesk, staples: Staples) -> list[Door]:
        """Return what the settings say: with an `edge_port` the link alone."""
        port = self.house.ground.settings.edge_port
        return self._embedded(desk, staples) if port is None else [self._link(port)]

    def _embedded(self, desk: OcspDesk, staples: Staples) -> list[Door]:
        settings, applications = self.house.ground.settings, self._applications()
        bind = str(settings.bind)
        public_tls = self._tls("public", staples)
        portal_tls = self._tls("portal", staples, ask=True)
        return [
            Door(
                "pki", applications["pki"], bind, settings.pki_port, None,
                OpenConnections(), desk,
            ),
            Door(
                "public", applications["public"], bind, settings.public_port, public_tls,
                OpenConnections(),
            ),
            Door(
                "portal", applications["portal"], bind, settings.portal_port, portal_tls,
                self.watched,
            ),
        ]  # fmt: skip

    def _link(self, port: int) -> Door:
        edges = Edges(self.house.certification.edge_verifier)
        link = LinkApplication(edges, self._applications(), Applications(self.house).outage())
        tls = self._tls("link", None, ask=True, demand=True)
        bind = str(self.house.ground.settings.bind)
        return Door("link", link, bind, port, tls, self.watched, let_in=edges.verify)

    def metrics(self, jobs: Jobs) -> list[Door]:
        """Return the listener where Prometheus asks, when the settings say so."""
        ground = self.house.ground
        metrics, port = ground.observation.metrics, ground.settings.metrics_port
        if metrics is None or port is None:
            return []
        metrics.registry.register(PresentState(ground.database, jobs.waiting))
        app = metrics_application(metrics.registry, self.house.is_ready)
        bind = str(ground.settings.metrics_bind)
        return [Door("metrics", app, bind, port, None, OpenConnections())]

    def _applications(self) -> dict[DoorName, ASGIApp]:
        applications, observation = Applications(self.house), self.house.ground.observation
        doors: dict[DoorName, ASGIApp] = {
            "pki": applications.pki(),
            "public": applications.public(),
            "portal": applications.portal(),
        }
        return {name: observation.around(app, name) for name, app in doors.items()}

    def _tls(
        self, door: str, staples: Staples | None, *, ask: bool = False, demand: bool = False
    ) -> TlsContext:
        certification = self.house.certification
        server = certification.hierarchy.server
        metrics = self.house.ground.observation.metrics
        return TlsContext(
            [server.certificate, server.issuing],
            server.private_key,
            ask_for_certificate_of=certification.issuer_certificates() if ask else (),
            demand_certificate=demand,
            find_staple=staples.find if staples is not None else None,
            on_handshake=metrics.handshakes_at(door) if metrics is not None else unheard,
        )
