"""Who may hold a credential in this installation, put together."""

from enrollment.events import Subscriptions
from enrollment.services import EnrollmentServices, assemble
from enrollment.settings import EnrollmentSettings
from gateway.composition.certification import Certification
from gateway.composition.ground import Ground
from policies.passwords import PasswordPolicy, common_passwords


def enrollment_services(
    ground: Ground, certification: Certification, subscribers: Subscriptions
) -> EnrollmentServices:
    """Return the services; `subscribers` hear of what happens to credentials."""
    return assemble(
        database=ground.database,
        clock=ground.clock,
        randomness=ground.randomness,
        audit=ground.audit,
        issuance=certification.issuance,
        revocation=certification.revocation,
        password_policy=PasswordPolicy(ground.parameters.passwords, common_passwords()),
        settings=_settings(ground),
        root=certification.hierarchy.root.certificate,
        issuers=certification.issuer_certificates,
        subscribers=subscribers,
    )


def _settings(ground: Ground) -> EnrollmentSettings:
    """Return the rules of ``parameters.toml`` as enrollment takes them."""
    rules = ground.parameters
    return EnrollmentSettings(
        pickup_url=f"{ground.settings.public_url}/pickup",
        slips=rules.slips,
        argon2=rules.argon2,
        throttling=rules.throttling,
        renewal_window=rules.certificates.renewal_window,
        renewal_unused=rules.certificates.renewal_unused,
    )
