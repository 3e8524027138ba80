"""The main job, end to end, in real browsers: from the slip to the refusal (issue 2).

One unit, one review officer and one security officer, each at a computer of
their own, against the server as an operator starts it.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from stdnum.cn import ric

from foundation.clock import SystemClock
from tests.browser import errands
from tests.browser.errands import Employee
from tests.browser.person import Person
from tests.support.chromium import Browsers
from tests.support.server import Server, running_server

pytestmark = pytest.mark.browser

UNIT = "武汉江城精密制造有限公司"
VIP_UNIT = "武汉东湖光电科技股份有限公司"
PASSWORD = "长江东流 一去不回头"
REVIEWER_PASSWORD = "黄鹤楼上看 江水向东流"
SECURITY_PASSWORD = "知音台下 高山流水声"

NewPerson = Callable[[], Person]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "data", CERTGATE_REVIEW_DELAY_SECONDS="1") as server:
        yield server
        print(server.output)  # shown by pytest when the test has failed


@pytest.fixture
def somebody(browsers: Browsers, server: Server) -> Iterator[NewPerson]:
    """Make people; nothing may have happened behind the back of any of them."""
    people: list[Person] = []

    def new() -> Person:
        people.append(Person(browsers, server))
        return people[-1]

    yield new
    for person in people:
        person.watch.expect_nothing()


def register_unit(server: Server, name: str, credit_code: str) -> errands.Slip:
    facts = ("--name", name, "--credit-code", credit_code, "--district", "wuchang")
    slip: errands.Slip = server.json("unit", "add", *facts)
    return slip


def register_officer(server: Server, username: str, role: str, name: str) -> errands.Slip:
    slip: errands.Slip = server.json("officer", "add", username, "--role", role, "--name", name)
    return slip


def employee(name: str, sex: str, born: date) -> Employee:
    """A made-up person; the number's district was never assigned, so it is nobody's."""
    order = "321" if sex == "male" else "322"
    digits = f"429901{born:%Y%m%d}{order}"
    today = SystemClock().now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    return Employee(
        id_number=digits + ric.calc_check_digit(f"{digits}0"),
        name=name,
        sex=sex,
        birth_date=born,
        employed_on=today - timedelta(days=9),
        wage="7,250.00",
    )


def test_from_the_slip_to_the_refusal(server: Server, somebody: NewPerson) -> None:
    slip = register_unit(server, UNIT, "91420100MA4K00001U")
    unit = somebody()

    # Pickup, with a browser that knows neither root nor certificate (DL-04 .. DL-15).
    errands.find_pickup(unit)
    unit.sees("证书序列号", "证书下载密码")
    errands.redeem(unit, slip)
    unit.is_at("请下载根证书和个人证书")
    unit.sees(UNIT, in_groups(slip["root_fingerprint_sha256"]))

    # The portal is closed to those who have not installed it yet (LOGIN-01).
    unit.open(unit.server.portal)
    unit.is_at("请先安装数字证书")
    unit.sees("凭密码条下载并安装证书")
    unit.looks_at("certificate-required")

    unit.page.go_back()
    assert errands.install(unit, slip) == ("certgate-root.cer", f"certgate-{slip['username']}.p12")

    # Login with the keyboard alone (LOGIN-01, LOGIN-02).
    unit.open(server.portal)
    unit.is_at("单位登录")
    unit.sees("此证书尚未绑定，请首次登录", UNIT)
    unit.tab_to(unit.field("field.username"))
    unit.page.keyboard.type(slip["username"])
    unit.tab_to(unit.field("login.password"))
    unit.page.keyboard.type(slip["initial_password"])
    unit.tab_to(unit.page.get_by_role("button", name="登录", exact=True))
    unit.page.keyboard.press("Enter")

    # The reset, and no way around it (LOGIN-03, AMB-02).
    unit.is_at("密码重置")
    for elsewhere in ("/", "/tasks", "/tasks/new/enrolment", "/officer/reviews", "/nowhere"):
        unit.open(server.portal + elsewhere)
        unit.is_at("密码重置")
    errands.reset(unit, slip["initial_password"], PASSWORD)

    # The unit's home: nothing to do, nothing done yet (LOGIN-06).
    unit.is_at("单位网上业务")
    unit.sees("待办任务列表", "没有待办任务。", "已办任务列表", "还没有提交过业务。")
    unit.looks_at("home-empty")

    # Enter, save, check, submit, look (TASK-01 .. TASK-14, BIZ-ADD).
    first = employee("李晓燕", "female", date(1996, 3, 15))
    errands.type_enrolment(unit, first)
    number = errands.save(unit)
    unit.sees("信息录入成功", "业务顺序号：", first.id_number, "7,250.00 元", "基本养老保险、")
    errands.submit(unit)
    unit.sees("进行中", "请耐心等候")
    errands.go_home(unit)
    expect(errands.row_of(unit, "done", number)).to_contain_text("进行中")

    # The review officer, at another computer, approves (REV-01, REV-06).
    reviewer = somebody()
    reviewer_slip = register_officer(server, "wang.fang", "review_officer", "王芳")
    errands.arrive(reviewer, reviewer_slip, REVIEWER_PASSWORD)
    reviewer.is_at("社保业务审批")
    errands.open_review(reviewer, number)
    reviewer.sees(UNIT, "武昌区", "李晓燕")
    errands.approve(reviewer)

    # The unit sees that it is done (TASK-15).
    errands.go_home(unit)
    expect(errands.row_of(unit, "done", number)).to_contain_text("结束")
    unit.looks_at("home")

    # A second filing comes back, with the reason (TASK-16, TASK-17).
    second = errands.enrol(unit, employee("张建国", "male", date(1990, 7, 1)))
    errands.open_review(reviewer, second)
    errands.send_back(reviewer, "劳动合同没有盖章，请补盖后重新提交。")
    errands.go_home(unit)
    returned = errands.row_of(unit, "todo", second)
    for words in ("未提交", "是", "劳动合同没有盖章，请补盖后重新提交。"):
        expect(returned).to_contain_text(words)
    unit.looks_at("home-returned")

    # The security officer revokes while the unit's browser is open (AMB-05).
    security = somebody()
    security_slip = register_officer(server, "zhao.qiang", "security_officer", "赵强")
    errands.arrive(security, security_slip, SECURITY_PASSWORD)
    errands.revoke(security, "江城精密", UNIT, "keyCompromise")
    security.sees("吊销回执", "证书或密码遗失、被盗", "赵强", in_groups(slip["serial_number"]))

    # The unit's next click is refused, and so is everything after it.
    unit.press("site.home")
    unit.is_at("证书已被吊销")
    unit.looks_at("certificate-revoked")
    unit.open(f"{server.portal}/login")
    unit.is_at("证书已被吊销")


def test_vip_filing_is_approved_without_an_officer(server: Server, somebody: NewPerson) -> None:
    """TASK-12, TASK-22: the page itself turns from 进行中 to 结束."""
    slip = register_unit(server, VIP_UNIT, "91420100707123456W")
    server.cli("unit", "promote", slip["username"])
    unit = somebody()
    errands.arrive(unit, slip, PASSWORD)

    number = errands.enrol(unit, employee("陈思远", "male", date(1998, 11, 20)))

    expect(unit.page.locator("#result")).to_contain_text("审批通过，业务已办结", timeout=30_000)
    errands.go_home(unit)
    expect(errands.row_of(unit, "done", number)).to_contain_text("结束")


def in_groups(text: str) -> str:
    """Return hexadecimal as pages show it, four and four."""
    return " ".join(re.findall(".{1,4}", text))
