"""Credit codes of units that nobody has registered (GB 32100-2015)."""

from stdnum.cn import uscc


def credit_code(order: int) -> str:
    """Return the well-formed code of the unit with this number, 0 to 9,999,999."""
    stem = f"91420100MA{order:07}"
    return stem + str(uscc.calc_check_digit(stem))
