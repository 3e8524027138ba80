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
from enrollment.issuer_chains import IssuerChains, Issuers
from enrollment.pickup.redemption import Pickup
from enrollment.pickup.slip_certificates import SlipCertificates
from enrollment.pickup.slip_keys import SlipKeys
from enrollment.pickup.tickets import Tickets
from enrollment.pickup.verification import PickupVerifier
from enrollment.renewal.assembly import assemble_renewal, with_successors
from enrollment.renewal.service import RenewalServices
from enrollment.renewal.successors import Successors
from enrollment.renewal.supersession import Supersession
from enrollment.settings import EnrollmentSettings
from enrollment.slips.expiry import SlipExpiry
from enrollment.slips.issuing import Slips
from enrollment.slips.reissue import Reissue
from enrollment.slips.secrets import SlipSecret
from enrollment.subscribers.officers import Officers
from enrollment.subscribers.principals import Principals
from enrollment.subscribers.search import TermFilling
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
    terms: TermFilling
    renewal: RenewalServices
    chains: IssuerChains
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
    issuers: Issuers,
    subscribers: Subscriptions | None = None,
) -> EnrollmentServices:
    """Return the services; `subscribers` hear of what happens (`enrollment.events`).

    `issuers` returns the issuing CAs, those before a rollover included. Hashing
    starts with one dummy hash, so this takes a moment.
    """
    successors = Successors(revocation=revocation, audit=audit, clock=clock)
    subscriptions = with_successors(subscribers or Subscriptions(), successors)
    chains = IssuerChains(root, issuers)
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
    download_password = SlipSecret(settings.slips.alphabet, settings.slips.download_password)
    pickup_verifier = PickupVerifier(
        database=database,
        hasher=hasher,
        secret=download_password,
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
            certificates=SlipCertificates(
                database=database,
                verifier=pickup_verifier,
                issuance=issuance,
                audit=audit,
                clock=clock,
            ),
            keys=SlipKeys(
                database=database,
                issuance=issuance,
                key_algorithm=settings.key_algorithm,
                audit=audit,
                clock=clock,
            ),
            chains=chains,
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
            binding=CertificateBinding(
                supersession=Supersession(
                    revocation=revocation, subscriptions=subscriptions, audit=audit, clock=clock
                ),
                successors=successors,
                audit=audit,
                clock=clock,
            ),
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
        terms=TermFilling(database),
        renewal=assemble_renewal(
            database=database,
            issuance=issuance,
            chains=chains,
            successors=successors,
            secret=download_password,
            settings=settings,
            audit=audit,
            clock=clock,
            randomness=randomness,
        ),
        chains=chains,
        root_fingerprint_sha256=root_fingerprint,
    )
