"""Running the house: its doors, the standing watch, the jobs; drained on the way out."""

from collections.abc import Callable

from ca.ocsp import FreshEpoch
from foundation.database.announcements import STANDING, AnnouncementListener
from gateway.composition.doors import Doors
from gateway.composition.house import House
from gateway.composition.jobs import finish_issuance, keep_journal, start_jobs
from gateway.composition.renewal import Renewal
from gateway.listeners.authority_watch import AuthorityWatch
from gateway.listeners.connections import OpenConnections
from gateway.listeners.every_minute import EveryMinute
from gateway.listeners.ocsp_desk import OcspDesk
from gateway.listeners.servers import serve
from gateway.listeners.standing_watch import StandingWatch
from gateway.listeners.stapling import Stapler, Staples


def serve_house(house: House, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT. Raises `OSError` when a port is taken.

    `on_ready` runs when all doors accept connections.
    """
    watched = OpenConnections()
    announcements = AnnouncementListener(house.database, [STANDING])
    watch = StandingWatch(
        watched,
        house.certification.read_epoch,
        house.certification.find_fallen,
        lambda: announcements.is_listening,
    )
    house.listen_for_revocations(watch.wake)
    announcements.tell(watch.wake)
    desk = OcspDesk(house.certification.responder, FreshEpoch(house.database))
    staples = Staples(house.ground.clock)
    stapler = Stapler(
        staples,
        house.certification.hierarchy,
        house.ground.clock,
        house.certification.responder.answer,
        house.certification.read_epoch,
    )
    house.listen_for_revocations(stapler.wake)
    announcements.tell(stapler.wake)
    doors = Doors(house, watched).open(desk, staples)
    renewal = Renewal(house.certification, [door.tls for door in doors if door.tls is not None])
    authorities = AuthorityWatch(house.certification.read_epoch, renewal.take_over)
    errands = EveryMinute([lambda: keep_journal(house), house.refusals.flush])
    finish_issuance(house)
    jobs = start_jobs(house, renewal.renew)
    announcements.start()
    try:
        serve(doors, [watch.run, stapler.run, authorities.run, errands.run], on_ready)
    finally:
        announcements.stop()
        jobs.stop()
        desk.close()
        house.refusals.flush()
        house.audit_keeping.keep()
