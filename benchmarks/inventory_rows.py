"""Filling a database with units whose names are made like those of a city."""

from array import array
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from random import Random
from typing import Any

from benchmarks.crl_rows import analyse, fill
from benchmarks.loading import load, loading
from enrollment.models import Subscriber, SubscriberTerm, Unit
from enrollment.subscribers.districts import DISTRICTS
from enrollment.subscribers.search.folding import fold
from enrollment.subscribers.search.terms import terms_of
from foundation.database import Database

_TABLES = {
    model: model.metadata.tables[model.__tablename__]
    for model in (Subscriber, Unit, SubscriberTerm)
}
_PLACES = ("武汉", "武汉市", "湖北", "湖北省", "武汉江城", "武汉东湖", "武汉光谷", "")
# As in names of firms: some characters are in every tenth, most in one of hundreds.
_BRANDS = (
    "华中天信达盛源泰和兴利康美佳宏大鑫隆安平顺福瑞祥云海明光远成东方新世纪金银玉龙凤鹏腾飞"
    "创智联科博雅文思诚德厚仁义礼智恒永久长江汉水山川林木森火炎土石岩钢铁铜锦绣彩虹霞晨曦晓春夏秋冬"
    "梅兰竹菊松柏桃李杏枫桐梧榆柳槐桂荷莲藕菱芙蓉牡丹芍药茶花草叶根茎果实种子苗圃园林牧渔农耕"
)
_TRADES = (
    "科技", "贸易", "商贸", "建筑工程", "电子", "信息技术", "精密机械", "光电", "生物医药",
    "餐饮管理", "物业管理", "人力资源", "文化传媒", "教育咨询", "汽车销售", "装饰设计", "物流",
    "食品", "环保设备", "新能源",
)  # fmt: skip
_FORMS = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "经营部", "合作社")


def fill_with_units(database: Database, now: datetime, size: int) -> None:
    """Make `size` units, a certificate of each, and the terms of their names."""
    fill(database, now, size)
    random = Random(size)  # noqa: S311 - the same names each time
    names = [name_of(random) for _ in range(size)]
    numbers = range(1, size + 1)
    with loading(database, tuple(_TABLES.values())) as connection:
        load(connection, _TABLES[Subscriber], _subscribers(names, now))
        load(connection, _TABLES[Unit], map(_unit, numbers))
        load(connection, _TABLES[SubscriberTerm], _terms(names))
    analyse(database)


def name_of(random: Random) -> str:
    """Return the name of a firm that does not exist."""
    # The smaller of two, so that some characters are frequent and most are rare.
    brand = "".join(
        _BRANDS[min(random.randrange(len(_BRANDS)), random.randrange(len(_BRANDS)))]
        for _ in range(random.choice((2, 2, 2, 3, 4)))
    )
    return "".join((random.choice(_PLACES), brand, random.choice(_TRADES), random.choice(_FORMS)))


def credit_code_of(number: int) -> str:
    """Return a code of the right form; nobody looks at its check digit here."""
    return f"914201{number % 16:02d}MA{number:07d}X"


def _username(number: int) -> str:
    # As the certificates' owners in `crl_rows.fill`, which begin at 0.
    return f"wh{number - 1:07}"


def _subscribers(names: list[str], now: datetime) -> Iterator[dict[str, Any]]:
    for number, name in enumerate(names, 1):
        yield {
            "id": number,
            "username": _username(number),
            "kind": "unit",
            "display_name": name,
            "searched_name": fold(name),
            "standing": "active",
            "created_at": now,
        }


def _unit(number: int) -> dict[str, Any]:
    return {
        "subscriber_id": number,
        "credit_code": credit_code_of(number),
        "district": DISTRICTS[number % len(DISTRICTS)],
        "unit_class": "vip" if number % 50 == 0 else "ordinary",
        "insurance": ["pension"],
        "contact_name": "",
        "contact_phone": "",
        "contact_email": "",
        "contact_address": "",
    }


def _terms(names: list[str]) -> Iterator[dict[str, Any]]:
    # By term, as the key of the table is: an index that grows at its end grows fast.
    numbers: dict[str, array[int]] = defaultdict(lambda: array("q"))
    for number, name in enumerate(names, 1):
        for term in terms_of(fold(name), _username(number), credit_code_of(number)):
            numbers[term].append(number)
    for term in sorted(numbers):
        for number in numbers.pop(term):
            yield {"term": term, "subscriber_id": number}
