"""Running the house: its doors, the standing watch, the jobs; drained on the way out."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from ca.ocsp import FreshEpoch
from foundation.database.announcements import STANDING, AnnouncementListener
from gateway.composition.doors import Doors
from gateway.composition.effects import effects_to
from gateway.composition.house import House
from gateway.composition.jobs import finish_issuance, keep_journal, start_jobs
from gateway.composition.nodes import HEARTBEAT_SECONDS, Membership
from gateway.composition.pki_process import serve_pki
from gateway.composition.renewal import RENEWAL_SECONDS, Renewal
from gateway.listeners.authority_watch import AuthorityWatch
from gateway.listeners.connections import OpenConnections
from gateway.listeners.errands import Errands
from gateway.listeners.last_resort import SECONDS, ended_within
from gateway.listeners.ocsp.desk import OcspDesk
from gateway.listeners.servers import Door, open_first_of_shared, serve
from gateway.listeners.sibling_processes import SiblingProcesses
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
        _effects(house),
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
    opening = Doors(house, watched)
    doors, siblings = _shared(house, opening.open(desk, staples))
    renewal = Renewal(house.certification, [door.tls for door in doors if door.tls is not None])
    authorities = AuthorityWatch(house.certification.read_epoch, renewal.take_over)
    finish_issuance(house)
    if house.edge_tokens is not None:
        house.token_signing.rotation.rotate_due()
    membership = Membership(house.ground)
    membership.enter()
    jobs = start_jobs(house, membership.executor_id)
    errands = (
        Errands([lambda: keep_journal(house), house.refusals.flush]),
        Errands([membership.heartbeat(jobs)], seconds=HEARTBEAT_SECONDS),
        Errands([renewal.renew], seconds=RENEWAL_SECONDS),
    )
    announcements.start()
    background = [
        *(each.run for each in (watch, stapler, authorities, *errands)),
        *(each.run for each in siblings),
    ]
    try:
        serve([*doors, *opening.metrics(jobs)], background, on_ready, house.drain)
    finally:
        with ended_within(SECONDS), ExitStack() as endings:
            # All of them run, from the last to the first, even when one raises.
            endings.callback(house.ground.observation.close)
            endings.callback(house.audit_keeping.keep)
            endings.callback(house.refusals.flush)
            endings.callback(desk.close)
            endings.callback(membership.leave)
            endings.callback(jobs.stop)
            endings.callback(announcements.stop)


def _effects(house: House) -> Callable[[int, int], None]:
    metrics, clock = house.ground.observation.metrics, house.ground.clock
    if metrics is None:
        return lambda after, up_to: None
    return effects_to(metrics.took_effect, house.database, clock)


def _shared(house: House, doors: list[Door]) -> tuple[list[Door], list[SiblingProcesses]]:
    """Return the doors, and what serves the one with OCSP beside this process, if anything does."""
    settings = house.ground.settings
    further = settings.pki_processes - 1
    if further == 0:
        return doors, []
    ready = [
        replace(door, opened=open_first_of_shared(door)) if door.ocsp else door for door in doors
    ]
    return ready, [SiblingProcesses(further, serve_pki, settings) for door in ready if door.ocsp]
