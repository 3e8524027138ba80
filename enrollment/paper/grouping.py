"""How long values are broken up so that an eye and a finger can follow them."""


def grouped(value: str, size: int = 4) -> list[str]:
    """Cut `value` into groups of `size` characters; the last may be shorter."""
    return [value[start : start + size] for start in range(0, len(value), size)]
