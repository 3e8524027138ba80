"""Comparing a new list of revoked certificates with the one before it, entry by entry.

Both lists are walked by ascending serial number, in flat memory. Nearly all of
two successive lists is the same: what they have in common at the beginning and
at the end is compared as octets, and only the new one is read there, because
its order and its sum are to be proved as well.
"""

from collections.abc import Iterator
from typing import Final

from ca.crl.entries import Listed
from ca.crl.errors import CrlFault
from ca.crl.reading import entries_of, revoked_certificates

# As `ca.crl.reading.entries_of` yields them; `_END` is longer than any.
_Entry = tuple[int, bytes, int, int]
_END: Final[_Entry] = (99, b"", 0, 0)

# Where entries stand that were lost, by serial number.
Lost = dict[int, tuple[int, int]]

_LOST_AT_ONCE: Final = 500
_BLOCK: Final = 64 * 1024


class OldListUnsorted(Exception):
    """The list before was not made in the order of serial numbers."""


class Comparison:
    """One walk along two lists; `previous` may be empty."""

    def __init__(self, der: bytes, previous: bytes) -> None:
        self._der = der
        self._previous = previous
        self._listed = Listed(0, 0)

    @property
    def listed(self) -> Listed:
        """Return what the new list has; known when the walk is over."""
        return self._listed

    def lost_in_parts(self) -> Iterator[Lost]:
        """Yield the entries that only the old list has.

        Raises `CrlFault` when the new one is not in strictly ascending order,
        `OldListUnsorted` when the old one is not, and `NotReadable`.
        """
        new_start, new_stop = revoked_certificates(self._der)
        old_start, old_stop = revoked_certificates(self._previous) if self._previous else (0, 0)
        first = _common_beginning(
            self._der, new_start, new_stop, self._previous, old_start, old_stop
        )
        shortest = min(new_stop - new_start, old_stop - old_start)
        last = _common_end(self._der, new_stop, self._previous, old_stop, shortest - first)
        same_until, same_from = new_start + first, new_stop - last

        lost: Lost = {}
        rest: _Rest | None = None
        has_caught_up = False
        count = total = size_before = 0
        serial_before, boundary = b"", new_start
        # A million times: no call in here that is not needed.
        for size, serial, start, end in entries_of(self._der, new_start, new_stop):
            if size < size_before or (size == size_before and serial <= serial_before):
                raise CrlFault("the new CRL is not in the order of serial numbers, each once")
            size_before, serial_before, boundary = size, serial, end
            count += 1
            total += int.from_bytes(serial, "big")
            if end <= same_until or has_caught_up:
                continue
            if rest is None:
                rest = _Rest(self._previous, old_start + start - new_start, old_stop)
            has_caught_up = start >= same_from
            for gone in (
                rest.until(old_stop - (new_stop - start))
                if has_caught_up
                else rest.below(size, serial)
            ):
                lost[int.from_bytes(gone[1], "big")] = gone[2:]
                if len(lost) >= _LOST_AT_ONCE:
                    yield lost
                    lost = {}
        if not has_caught_up:
            rest = rest or _Rest(self._previous, old_start + boundary - new_start, old_stop)
            for gone in rest.until(old_stop):
                lost[int.from_bytes(gone[1], "big")] = gone[2:]
                if len(lost) >= _LOST_AT_ONCE:
                    yield lost
                    lost = {}
        self._listed = Listed(count, total)
        yield lost


class _Rest:
    """The old list from where it begins to differ."""

    def __init__(self, der: bytes, start: int, stop: int) -> None:
        self._entries = entries_of(der, start, stop)
        self._position = start
        self._next = next(self._entries, _END)

    def below(self, size: int, serial: bytes) -> Iterator[_Entry]:
        """Yield what comes before a serial number, and pass over that one."""
        while self._next[0] < size or (self._next[0] == size and self._next[1] < serial):
            yield self._next
            self._advance()
        if self._next[1] == serial:
            self._advance()

    def until(self, position: int) -> Iterator[_Entry]:
        """Yield what stands before a position, where an entry has to begin."""
        while self._next is not _END and self._next[2] < position:
            yield self._next
            self._advance()
        if self._position != position:
            raise OldListUnsorted

    def _advance(self) -> None:
        passed = self._next
        self._position = passed[3]
        self._next = next(self._entries, _END)
        if self._next[:2] <= passed[:2]:
            raise OldListUnsorted


def compare_unsorted(der: bytes, previous: bytes) -> tuple[Lost, Listed]:
    """Return what was lost and what is listed, whatever order the lists have.

    Holds both in memory: for lists made elsewhere, and those from before
    entries were sorted. Raises `CrlFault` when a certificate is listed twice.
    """
    listed = [int.from_bytes(serial, "big") for _, serial, _, _ in entries_of(der)]
    kept = set(listed)
    if len(kept) != len(listed):
        raise CrlFault("the new CRL lists a certificate twice")
    lost: Lost = {}
    if previous:
        for _, octets, start, end in entries_of(previous):
            serial = int.from_bytes(octets, "big")
            if serial not in kept:
                lost[serial] = start, end
    return lost, Listed(len(listed), sum(listed))


def _common_beginning(
    a: bytes, a_start: int, a_stop: int, b: bytes, b_start: int, b_stop: int
) -> int:
    """Return how many octets two stretches begin with in common."""
    longest = min(a_stop - a_start, b_stop - b_start)
    done = 0
    while done < longest:
        step = min(_BLOCK, longest - done)
        while (
            step
            and a[a_start + done : a_start + done + step]
            != b[b_start + done : b_start + done + step]
        ):
            step //= 2
        if not step:
            break
        done += step
    return done


def _common_end(a: bytes, a_stop: int, b: bytes, b_stop: int, longest: int) -> int:
    """Return how many octets, at most `longest`, two stretches end with in common."""
    done = 0
    while done < longest:
        step = min(_BLOCK, longest - done)
        while (
            step
            and a[a_stop - done - step : a_stop - done] != b[b_stop - done - step : b_stop - done]
        ):
            step //= 2
        if not step:
            break
        done += step
    return done
