"""What a process opens: the three doors themselves, or the link for edges that have them."""

from dataclasses import dataclass

from gateway.composition.applications import Applications
from gateway.composition.house import House
from gateway.edge.link.application import LinkApplication
from gateway.edge.link.edges import Edges
from gateway.listeners.connections import OpenConnections
from gateway.listeners.ocsp_desk import OcspDesk
from gateway.listeners.servers import Door
from gateway.listeners.stapling import Staples
from gateway.listeners.tls_context import TlsContext


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
        settings, applications = self.house.ground.settings, Applications(self.house)
        bind = str(settings.bind)
        public_tls = self._tls(staples)
        portal_tls = self._tls(staples, ask=True)
        return [
            Door("pki", applications.pki(), bind, settings.pki_port, None, OpenConnections(), desk),
            Door(
                "public", applications.public(), bind, settings.public_port, public_tls,
                OpenConnections(),
            ),
            Door(
                "portal", applications.portal(), bind, settings.portal_port, portal_tls,
                self.watched,
            ),
        ]  # fmt: skip

    def _link(self, port: int) -> Door:
        applications, edges = (
            Applications(self.house),
            Edges(self.house.certification.edge_verifier),
        )
        link = LinkApplication(
            edges,
            {
                "pki": applications.pki(),
                "public": applications.public(),
                "portal": applications.portal(),
            },
        )
        tls = self._tls(None, ask=True, demand=True)
        bind = str(self.house.ground.settings.bind)
        return Door("link", link, bind, port, tls, self.watched, let_in=edges.verify)

    def _tls(
        self, staples: Staples | None, *, ask: bool = False, demand: bool = False
    ) -> TlsContext:
        certification = self.house.certification
        server = certification.hierarchy.server
        return TlsContext(
            [server.certificate, server.issuing],
            server.private_key,
            ask_for_certificate_of=certification.issuer_certificates() if ask else (),
            demand_certificate=demand,
            find_staple=staples.find if staples is not None else None,
        )
