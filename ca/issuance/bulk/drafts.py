"""Steps 1 to 3 of a batch: a number, content and the linter's verdict for each order."""

from collections.abc import Sequence
from typing import NamedTuple

from ca.crl.shards import shard_of
from ca.csr import CsrRefused
from ca.issuance.authorities import IssuingAuthorities
from ca.issuance.drafting import Content, Drafted, Drafting, Wanted
from ca.issuance.orders import AnyOrder, Order
from ca.issuance.reserved_rows import Reserved, wanted_of
from ca.key_types import EndEntityPublicKey
from ca.models import AuthorityName
from ca.profiles import SUBSCRIBER_PROFILES
from ca.proofs import Verdict
from ca.serial_numbers import draw_serial_number
from foundation.randomness import Randomness

_Key = tuple[EndEntityPublicKey, bytes | None]


class Draft(NamedTuple):
    """An order with its number and content, which kept every rule."""

    order: AnyOrder
    wanted: Wanted
    drafted: Drafted

    @property
    def serial_number(self) -> str:
        """Return the number."""
        return self.wanted.serial_number

    @property
    def is_of_reserved_number(self) -> bool:
        """Return whether somebody waits for this number."""
        return _reservation_of(self.order) is not None


class BatchDrafting:
    """Makes drafts of orders."""

    def __init__(
        self,
        *,
        authorities: IssuingAuthorities,
        drafting: Drafting,
        randomness: Randomness,
        crl_shards: int,
    ) -> None:
        self._authorities = authorities
        self._drafting = drafting
        self._randomness = randomness
        self._crl_shards = crl_shards

    def draft(self, orders: Sequence[AnyOrder], verdicts: list[Verdict]) -> list[Draft]:
        """Return the draft of each order, with the key of its request's verdict.

        Each step for all before the next: code that has just run runs fastest.
        Raises what `Drafting.draft` raises, and `CsrRefused`.
        """
        # 1. reserve
        issuer = self._authorities.issuing.name
        reserved = [self._reserve(order, issuer) for order in orders]

        # 2. build
        keys = _keys(orders, verdicts)
        contents = [
            self._drafting.build(wanted, order.subject, *key)
            for wanted, order, key in zip(reserved, orders, keys, strict=True)
        ]

        # 3. lint
        return [
            Draft(order, wanted, self._lint(content, wanted))
            for order, wanted, content in zip(orders, reserved, contents, strict=True)
        ]

    def _reserve(self, order: AnyOrder, issuer: AuthorityName) -> Wanted:
        if order.profile not in SUBSCRIBER_PROFILES:
            raise ValueError(f"certificates of profile {order.profile} are not issued in bulk")
        reserved = _reservation_of(order)
        if reserved is not None:
            if reserved.profile != order.profile:
                raise ValueError("the number is reserved for another profile")
            return wanted_of(reserved)
        serial_number = draw_serial_number(self._randomness)
        return Wanted(
            serial_number=serial_number,
            profile=order.profile,
            issuer=issuer,
            crl_shard=shard_of(serial_number, self._crl_shards),
        )

    def _lint(self, content: Content, wanted: Wanted) -> Drafted:
        linted = self._drafting.lint(content.tbs, wanted)
        return Drafted(content.tbs, linted, content.columns)


def _keys(orders: Sequence[AnyOrder], verdicts: list[Verdict]) -> list[_Key]:
    """Return the key of each order, and its SPKI when that is at hand; raises `CsrRefused`."""
    of_requests = iter(verdicts)
    keys: list[_Key] = []
    for order in orders:
        if isinstance(order, Order):
            keys.append((order.public_key, None))
            continue
        verdict = next(of_requests)
        if isinstance(verdict, CsrRefused):
            raise verdict
        keys.append(verdict)
    return keys


def _reservation_of(order: AnyOrder) -> Reserved | None:
    return order.reserved if isinstance(order, Order) else None
