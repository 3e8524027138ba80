"""The rules of ``parameters.toml`` as enrollment takes them."""

from enrollment.settings import EnrollmentSettings
from gateway.composition.ground import Ground


def enrollment_settings(ground: Ground) -> EnrollmentSettings:
    """Return the settings of enrollment."""
    rules = ground.parameters
    return EnrollmentSettings(
        pickup_url=f"{ground.settings.public_url}/pickup",
        slips=rules.slips,
        argon2=rules.argon2,
        throttling=rules.throttling,
        renewal_window=rules.certificates.renewal_window,
        renewal_unused=rules.certificates.renewal_unused,
    )
