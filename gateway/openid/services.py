"""What the provider's routes, jobs and commands need, put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from enrollment.subscribers.principals import Principals
from foundation.audit import Actor, AuditLog
from foundation.clock import Clock
from foundation.database import Database
from foundation.randomness import Randomness
from gateway.openid.addresses import Addresses
from gateway.openid.authorization import Authorization
from gateway.openid.grants import Grants
from gateway.openid.keys import ProviderKeys, TokenSigner
from gateway.openid.logout.delivery import BackChannelLogout, LogoutParty
from gateway.openid.logout.edge_applications import EdgeApplications
from gateway.openid.logout.end_session import LogoutWishes
from gateway.openid.logout.participations import Participations
from gateway.openid.logout.posting import Post
from gateway.openid.logout.tokens import LogoutTokens
from gateway.openid.provider.server import ProviderServer, Storage
from gateway.openid.provider.used_assertions import UsedAssertions
from gateway.openid.registration import RelyingParties
from gateway.openid.subjects import Subjects
from gateway.openid.userinfo import UserInfo
from gateway.sessions import LiveSession, Sessions


@dataclass(frozen=True)
class OpenIdServices:
    """One provider."""

    addresses: Addresses
    parties: RelyingParties
    server: ProviderServer
    authorization: Authorization
    user_info: UserInfo
    signer: TokenSigner
    wishes: LogoutWishes
    back_channel: BackChannelLogout
    rotate_keys: Callable[[], None]
    join_edge_applications: Callable[[Session, LiveSession], None]


def assemble(
    *,
    database: Database,
    audit: AuditLog,
    clock: Clock,
    randomness: Randomness,
    addresses: Addresses,
    sessions: Sessions,
    principals: Principals,
    keys: ProviderKeys,
    rotate_keys: Callable[[], None],
    read_edge_applications: Callable[[], Mapping[str, LogoutParty]],
    post: Post,
    on_client_refused: Callable[[Actor], None],
) -> OpenIdServices:
    """Return the provider. `on_client_refused` hears who could not authenticate as a client."""
    parties = RelyingParties(audit, clock)
    grants = Grants(clock, randomness, audit)
    subjects = Subjects(sessions, principals)
    participations = Participations(clock, sessions)
    used_assertions = UsedAssertions(database, clock)
    signer = TokenSigner(addresses.issuer, keys)
    storage = Storage(database, parties, grants, subjects, participations, used_assertions)
    server = ProviderServer(storage, addresses, signer, clock, on_client_refused)

    edge_applications = EdgeApplications(participations, read_edge_applications)

    def find_party(session: Session, party: str) -> LogoutParty | None:
        application = parties.find(session, party)
        if application is None or application.logout_url is None:
            return edge_applications.find(party)
        return LogoutParty(
            application.logout_url, application.client_id, application.signature_algorithm
        )

    return OpenIdServices(
        addresses=addresses,
        parties=parties,
        server=server,
        authorization=Authorization(
            database=database,
            audit=audit,
            clock=clock,
            addresses=addresses,
            signer=signer,
            server=server,
        ),
        rotate_keys=rotate_keys,
        join_edge_applications=edge_applications.join,
        user_info=UserInfo(database, grants, parties, subjects),
        signer=signer,
        wishes=LogoutWishes(database, parties, signer),
        back_channel=BackChannelLogout(
            database=database,
            audit=audit,
            participations=participations,
            grants=grants,
            used_assertions=used_assertions,
            find_party=find_party,
            tokens=LogoutTokens(signer, clock, randomness),
            post=post,
        ),
    )
