"""Made-up people to enrol."""

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from stdnum.cn import ric

from foundation.clock import SystemClock

# Never assigned to a district, so that nobody has such a number.
_DISTRICT = "429901"
_ORDERS = {"male": "321", "female": "322"}


@dataclass(frozen=True)
class Employee:
    """What an identity card and a labour contract say."""

    id_number: str
    name: str
    sex: str
    birth_date: date
    employed_on: date
    wage: str


def employee(name: str, sex: str, born: date, wage: str = "7,250.00") -> Employee:
    """Return somebody whose number agrees with sex and birth date, employed for nine days."""
    today = SystemClock().now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    return Employee(
        id_number=id_number(born, _ORDERS[sex]),
        name=name,
        sex=sex,
        birth_date=born,
        employed_on=today - timedelta(days=9),
        wage=wage,
    )


def id_number(born: date, order: str) -> str:
    """Return a citizen's number with its check digit (GB 11643)."""
    digits = f"{_DISTRICT}{born:%Y%m%d}{order}"
    return digits + str(ric.calc_check_digit(f"{digits}0"))
