"""Changed copies of inputs, the same ones in every run.

No match for a fuzzer that follows branches; it finds what a change nearby breaks,
in every test run and on every machine.
"""

from collections.abc import Callable, Iterator, Sequence

from foundation.randomness import Randomness

_MOST_CHANGES = 4


def changed_copies(
    inputs: Sequence[bytes], words: Sequence[bytes], count: int, randomness: Randomness
) -> Iterator[bytes]:
    """Yield `count` inputs, each a few random changes away from one of `inputs`."""
    changes: list[Callable[[bytes], bytes]] = [
        lambda data: _with_a_bit_changed(data, randomness),
        lambda data: _with_an_octet_set(data, randomness),
        lambda data: _without_a_part(data, randomness),
        lambda data: _with_a_part_twice(data, randomness),
        lambda data: _with_inserted(data, randomness.pick(words or [b"\x00"]), randomness),
        lambda data: data[: _below(len(data) + 1, randomness)],
        lambda data: _crossed(data, randomness.pick(inputs), randomness),
    ]
    for _ in range(count):
        data = randomness.pick(inputs)
        for _ in range(1 + _below(_MOST_CHANGES, randomness)):
            data = randomness.pick(changes)(data)
        yield data


def _below(limit: int, randomness: Randomness) -> int:
    return randomness.pick(range(max(1, limit)))


def _with_a_bit_changed(data: bytes, randomness: Randomness) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    changed[_below(len(data), randomness)] ^= 1 << _below(8, randomness)
    return bytes(changed)


def _with_an_octet_set(data: bytes, randomness: Randomness) -> bytes:
    if not data:
        return data
    changed = bytearray(data)
    changed[_below(len(data), randomness)] = randomness.pick(
        b'\x00\x01\x30\x7f\x80\x81\x82\xff\n"0-'
    )
    return bytes(changed)


def _without_a_part(data: bytes, randomness: Randomness) -> bytes:
    start = _below(len(data), randomness)
    return data[:start] + data[start + 1 + _below(16, randomness) :]


def _with_a_part_twice(data: bytes, randomness: Randomness) -> bytes:
    start = _below(len(data), randomness)
    end = start + 1 + _below(64, randomness)
    return data[:end] + data[start:]


def _with_inserted(data: bytes, word: bytes, randomness: Randomness) -> bytes:
    at = _below(len(data) + 1, randomness)
    return data[:at] + word + data[at:]


def _crossed(data: bytes, other: bytes, randomness: Randomness) -> bytes:
    return data[: _below(len(data) + 1, randomness)] + other[_below(len(other) + 1, randomness) :]
