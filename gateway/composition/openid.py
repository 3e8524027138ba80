"""The OpenID Provider of this installation."""

from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import Encoding

from enrollment.subscribers.principals import Principals
from foundation.audit import Actor
from foundation.errors import Denied
from gateway.admission.refusals import RefusalRecord
from gateway.composition.certification import Certification
from gateway.composition.ground import Ground
from gateway.edge.routes import Routes
from gateway.openid.addresses import TOKEN, Addresses
from gateway.openid.keys import ALGORITHMS, PURPOSES, ProviderKeys, TokenAlgorithm
from gateway.openid.logout.delivery import LogoutParty
from gateway.openid.logout.posting import LogoutPoster
from gateway.openid.services import OpenIdServices, assemble
from gateway.sessions import Sessions
from gateway.signing_keys import KeyRotation, SigningKeys


def openid_provider(
    ground: Ground,
    certification: Certification,
    sessions: Sessions,
    principals: Principals,
    refusals: RefusalRecord,
    keys: SigningKeys,
    read_routes: Callable[[], Routes],
) -> OpenIdServices:
    """Return the provider; its keys are opened when the first token is signed."""
    settings = ground.settings
    root = certification.hierarchy.root.certificate.public_bytes(Encoding.PEM).decode("ascii")

    def rotate(algorithm: TokenAlgorithm) -> None:
        purposes = [PURPOSES[algorithm]]
        KeyRotation(
            ground.database, ground.audit, ground.clock, ground.randomness, keys, purposes
        ).rotate_due()

    def rotate_all() -> None:
        for algorithm in ALGORITHMS:
            rotate(algorithm)

    def edge_applications() -> dict[str, LogoutParty]:
        return {
            one.name: LogoutParty(one.logout_url, one.client_id or one.name)
            for one in read_routes().applications
            if one.logout_url is not None
        }

    def client_refused(by: Actor) -> None:
        refusals.note(Denied("openid-client-refused"), "openid", "POST", TOKEN, by)

    return assemble(
        database=ground.database,
        audit=ground.audit,
        clock=ground.clock,
        randomness=ground.randomness,
        addresses=Addresses(settings.public_url, settings.portal_url),
        sessions=sessions,
        principals=principals,
        keys=ProviderKeys(ground.database, keys, rotate),
        rotate_keys=rotate_all,
        read_edge_applications=edge_applications,
        post=LogoutPoster(root).post,
        on_client_refused=client_refused,
    )
