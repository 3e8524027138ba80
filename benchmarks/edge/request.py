"""What one request costs at the edge, beside other gateways: processor time, and requests a second.

They take turns (A B A B ...), each with one core; the client and the upstream have
the other. A gateway that cannot be had is told, and its rows are left out.
"""

import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from statistics import median

from benchmarks.client import HOST
from benchmarks.edge.caddy import running_caddy
from benchmarks.edge.envoy import running_envoy
from benchmarks.edge.ground import Gateway, Ground, ground
from benchmarks.edge.load import Cost, Load, ask
from benchmarks.edge.nginx import FLOOR, running_auth_request, running_floor
from benchmarks.edge.ours import running_ours
from benchmarks.installation import Installation
from benchmarks.measuring import Effort
from benchmarks.peers.installing import PeerMissing, vegeta_program
from benchmarks.table import Row
from benchmarks.visitors import SESSION_PATH
from tests.support.haproxy import edge_folder

_KEPT = (Load("HTTP/1.1"), Load("HTTP/2", is_http2=True))
_NEW = Load("a new mTLS connection each", is_kept=False)
EMBEDDED = "`certgate up`, GET /api/v1/session"
# So long that the eight handshakes hardly show.
_LONGER = 5


def measure(installation: Installation, effort: Effort) -> list[Row]:
    """Return the rows of the subject; none without the client."""
    try:
        vegeta_program()
    except PeerMissing as missing:
        print(f"edge: {missing}", file=sys.stderr)
        return []
    with ExitStack() as stack:
        place = stack.enter_context(ground(stack.enter_context(edge_folder())))
        ours = stack.enter_context(running_ours(place))
        others = _others(stack, place, ours, installation)
        seconds = effort.seconds * _LONGER
        rows = [row for load in _KEPT for row in _rows(load, ours, others, effort.rounds, seconds)]
        floor = [one for one in others if one.name == FLOOR]
        return rows + _rows(_NEW, ours, floor, effort.rounds, seconds)


def _others(
    stack: ExitStack, place: Ground, ours: Gateway, installation: Installation
) -> list[Gateway]:
    visitor = installation.pick_up(installation.register_unit())
    visitor.enter()
    (certificate,) = (installation.folder / "clients").glob("*.pem")
    root = place.folder / "installation-root.pem"
    root.write_text(installation.keeper.root_pem)
    port, pid, cookie = installation.ports.portal, installation.server.pid, visitor.cookie or ""
    issuer = ours.url.partition("/apps/")[0]
    peers: Sequence[Callable[[], AbstractContextManager[Gateway]]] = (
        lambda: running_floor(place, ours.cookie),
        lambda: running_auth_request(place, port, pid, certificate, cookie),
        lambda: running_envoy(place, ours.cookie, issuer),
        lambda: running_caddy(place, ours.cookie),
    )
    others = []
    for peer in peers:
        try:
            others.append(stack.enter_context(peer()))
        except PeerMissing as missing:
            print(f"edge: {missing}", file=sys.stderr)
    url = f"https://{HOST}:{port}{SESSION_PATH}"
    return [*others, Gateway(EMBEDDED, [pid], url, cookie, certificate, root, has_http2=False)]


def _rows(
    load: Load, ours: Gateway, others: Sequence[Gateway], rounds: int, seconds: float
) -> list[Row]:
    gateways = [ours, *(one for one in others if one.has_http2 or not load.is_http2)]
    costs: dict[str, list[Cost]] = {one.name: [] for one in gateways}
    for one in gateways:
        ask(one, load, seconds / 4)  # so that nothing is new any more
    for _ in range(rounds):
        for one in gateways:
            costs[one.name].append(ask(one, load, seconds))
    return [row for one in gateways[1:] for row in _pair(load, one.name, costs[ours.name],
                                                         costs[one.name])]  # fmt: skip


def _pair(load: Load, peer: str, ours: Sequence[Cost], theirs: Sequence[Cost]) -> list[Row]:
    def row(what: str, unit: str, figure: Callable[[Cost], float]) -> Row:
        mine, other = [figure(one) for one in ours], [figure(one) for one in theirs]
        ratio = median(one / two for one, two in zip(mine, other, strict=True))
        return Row(f"{what}, {load.name}", median(mine), peer, median(other), ratio, unit)

    return [
        row("edge: processor time of a request", "us", lambda cost: cost.microseconds),
        row("edge: requests", "/s", lambda cost: cost.rate),
    ]
