"""The services of enrollment, put together from what the composition root has."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from enrollment.authenticators.certificate_binding import CertificateBinding
from enrollment.authenticators.password_change import PasswordChanges
from enrollment.authenticators.password_hashing import PasswordHasher
from enrollment.authenticators.password_verification import PasswordVerifier
from enrollment.authenticators.service import Authenticators
from enrollment.certification import CertificateIssuer, CertificateRevoker
from enrollment.events import Subscriptions
from enrollment.pickup.redemption import Pickup
from enrollment.pickup.tickets import Tickets
from enrollment.pickup.verification import PickupVerifier
from enrollment.settings import EnrollmentSettings
from enrollment.slips.expiry import SlipExpiry
from enrollment.slips.issuing import Slips
from enrollment.slips.reissue import Reissue
from enrollment.slips.secrets import SlipSecret
from enrollment.subscribers.officers import Officers
from enrollment.subscribers.principals import Principals
from enrollment.subscribers.standing import Standing
from enrollment.subscribers.units import Units
from enrollment.subscribers.usernames import Usernames
from foundation.audit import AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.randomness import Randomness
from policies.passwords import PasswordPolicy


@dataclass(frozen=True)
class EnrollmentServices:
    """What routes, commands and jobs work with."""

    database: Database
    clock: Clock
    units: Units
    officers: Officers
    slips: Slips
    pickup: Pickup
    authenticators: Authenticators
    reissue: Reissue
    standing: Standing
    principals: Principals
    expiry: SlipExpiry
    root_fingerprint_sha256: str


def assemble(
    *,
    database: Database,
    clock: Clock,
    randomness: Randomness,
    audit: AuditLog,
    issuance: CertificateIssuer,
    revocation: CertificateRevoker,
    password_policy: PasswordPolicy,
    settings: EnrollmentSettings,
    root: x509.Certificate,
    issuing: x509.Certificate,
    subscribers: Subscriptions | None = None,
) -> EnrollmentServices:
    """Return the services; `subscribers` hear of what happens (`enrollment.events`).

    Hashing starts with one dummy hash, so this takes a moment.
    """
    subscriptions = subscribers or Subscriptions()
    root_fingerprint = root.fingerprint(SHA256()).hex().upper()
    hasher = PasswordHasher(settings.argon2, randomness)
    usernames = Usernames(settings.username_prefix)
    slips = Slips(
        issuance=issuance,
        hasher=hasher,
        parameters=settings.slips,
        pickup_url=settings.pickup_url,
        root_fingerprint_sha256=root_fingerprint,
        audit=audit,
        clock=clock,
        randomness=randomness,
    )
    initial_password = SlipSecret(settings.slips.alphabet, settings.slips.initial_password)
    passwords = PasswordVerifier(
        database=database,
        hasher=hasher,
        initial_password=initial_password,
        limits=settings.throttling,
        audit=audit,
        clock=clock,
    )
    pickup_verifier = PickupVerifier(
        database=database,
        hasher=hasher,
        secret=SlipSecret(settings.slips.alphabet, settings.slips.download_password),
        limits=settings.throttling,
        audit=audit,
        clock=clock,
    )
    return EnrollmentServices(
        database=database,
        clock=clock,
        units=Units(
            slips=slips,
            usernames=usernames,
            subscriptions=subscriptions,
            audit=audit,
            clock=clock,
        ),
        officers=Officers(slips=slips, usernames=usernames, audit=audit, clock=clock),
        slips=slips,
        pickup=Pickup(
            database=database,
            verifier=pickup_verifier,
            tickets=Tickets(randomness, settings.ticket_lifetime),
            issuance=issuance,
            chain=[issuing],
            key_algorithm=settings.key_algorithm,
            audit=audit,
            clock=clock,
        ),
        authenticators=Authenticators(
            passwords=passwords,
            changes=PasswordChanges(
                verifier=passwords,
                hasher=hasher,
                initial_password=initial_password,
                policy=password_policy,
                audit=audit,
                clock=clock,
            ),
            binding=CertificateBinding(audit=audit, clock=clock),
        ),
        reissue=Reissue(
            slips=slips,
            revocation=revocation,
            subscriptions=subscriptions,
            audit=audit,
            clock=clock,
        ),
        standing=Standing(subscriptions=subscriptions, audit=audit),
        principals=Principals(),
        expiry=SlipExpiry(
            database=database,
            issuance=issuance,
            revocation=revocation,
            subscriptions=subscriptions,
            audit=audit,
            clock=clock,
        ),
        root_fingerprint_sha256=root_fingerprint,
    )
