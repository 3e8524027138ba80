"""The PKI door in a process of its own, beside the one that serves every door.

It has the same facts from the same database, so it says the same. Rollovers
and renewed OCSP signers reach it as they reach another node.
"""

from dataclasses import replace

from ca.ocsp import FreshEpoch
from foundation.settings import Settings
from gateway.composition.applications import Applications
from gateway.composition.ground import lay_ground
from gateway.composition.house import build_house
from gateway.composition.renewal import RENEWAL_SECONDS, Renewal
from gateway.listeners.authority_watch import AuthorityWatch
from gateway.listeners.connections import OpenConnections
from gateway.listeners.draining import Drain
from gateway.listeners.errands import Errands
from gateway.listeners.ocsp.desk import OcspDesk
from gateway.listeners.servers import Door, open_socket, serve
from gateway.logs import configure_logs


def serve_pki(settings: Settings) -> None:
    """Serve the PKI door at an address that another process has opened first, until SIGTERM."""
    configure_logs()
    ground = lay_ground(settings)
    try:
        house = build_house(ground)
        certification = house.certification
        desk = OcspDesk(certification.responder, FreshEpoch(ground.database))
        door = Door(
            "pki", Applications(house).pki(), str(settings.bind), settings.pki_port, None,
            OpenConnections(), desk,
        )  # fmt: skip
        shared = replace(door, opened=open_socket(door, shared=True))
        renewal = Renewal(certification, [])
        background = (
            AuthorityWatch(certification.read_epoch, renewal.take_over),
            Errands([house.refusals.flush]),
            Errands([renewal.renew], seconds=RENEWAL_SECONDS),
        )
        try:
            serve([shared], [one.run for one in background], lambda: None, Drain())
        finally:
            desk.close()
            house.refusals.flush()
    finally:
        ground.database.dispose()
