"""The durable jobs of the house and when they run (times are UTC)."""

from foundation.audit import Actor
from foundation.jobs import Jobs
from foundation.settings import Settings
from gateway.composition.house import House
from gateway.composition.notices import expiry_notices
from gateway.composition.signals import BULK_REVOCATION_JOB, LOGOUT_JOB, REVIEW_JOB


def start_jobs(house: House, executor_id: str) -> Jobs:
    """Define every job, start working, and let the house enqueue.

    `executor_id` is this process's alone where several share a database.
    """
    jobs = Jobs(_system_database_url(house.ground.settings), executor_id)
    jobs.define(REVIEW_JOB, house.workflow.automatic.run)
    jobs.define(BULK_REVOCATION_JOB, lambda _: house.officer_acts.continuation.run_all())
    jobs.define(LOGOUT_JOB, lambda _: house.openid.back_channel.run())
    # Catches what a crash between commit and enqueue has lost, and reviews
    # that a process without jobs (the command line) submitted.
    jobs.repeat("automatic_review_sweep", "* * * * *", house.workflow.automatic.sweep)
    jobs.repeat("approval_sweep", "* * * * *", house.officer_acts.sweep)
    jobs.repeat("openid_keys", "*/10 * * * *", house.openid.rotate_keys)
    # Also the sessions that ended by themselves, or by another process.
    jobs.repeat("openid_logout_sweep", "* * * * *", house.openid.back_channel.run)
    # After an upgrade, and as long as a node of an older program enters units.
    jobs.repeat("term_filling", "* * * * *", house.enrollment.terms.fill)
    jobs.repeat("slip_expiry", "*/5 * * * *", house.enrollment.expiry.expire_due)
    jobs.repeat("renewal_expiry", "2-59/5 * * * *", house.enrollment.renewal.expiry.expire_due)
    jobs.repeat("expiry_notices", "*/20 * * * *", expiry_notices(house.ground).send_due)
    # Mostly there is nothing to do; after a signer was away there is, and soon.
    jobs.repeat("crl_refresh", "* * * * *", house.certification.refresh_crls)
    if house.edge_tokens is not None:
        rotate = house.token_signing.rotation.rotate_due
        jobs.repeat("signing_key_rotation", "3-59/5 * * * *", rotate)
        jobs.repeat("visit_expiry", "4-59/5 * * * *", house.edge_tokens.forget_expired)
    minutes = house.ground.settings.audit_checkpoint_minutes
    jobs.repeat("audit_checkpoint", f"*/{minutes} * * * *", house.audit_keeping.keep)
    # Now every node's own affair: it renews what it serves.
    jobs.retire("service_renewal")
    jobs.start()
    house.enqueue_with(jobs.enqueue)
    return jobs


def keep_journal(house: House) -> None:
    """Settle what the journal knows and the database does not, and the other way round."""
    if house.settlement.settle(Actor.system()).standing != "closed":
        house.certification.journal.catch_up(house.database)


def finish_issuance(house: House) -> None:
    """Bring to its end what a crash left between intent and certificate (`ca.issuance`).

    Not while the database may be older than what was issued from it: a content
    could then get a second signature.
    """
    if house.settlement.settle(Actor.system()).standing == "known":
        house.certification.issuance.reconcile(house.database, Actor.system())


def _system_database_url(settings: Settings) -> str:
    if settings.database_url is None or settings.database_url.startswith("sqlite"):
        return f"sqlite:///{settings.data.absolute() / 'jobs.db'}"
    return settings.resolved_database_url
