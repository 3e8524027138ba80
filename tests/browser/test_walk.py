"""The main job, end to end, in real browsers: from the slip to the refusal (issue 2).

One unit, one review officer and one security officer, each at a computer of
their own, against the server as an operator starts it.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import errands
from tests.browser.employees import Employee, employee
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


def test_from_the_slip_to_the_refusal(server: Server, somebody: NewPerson) -> None:
    slip = register_unit(server, UNIT, "91420100MA4K00001U")
    unit, reviewer, security = somebody(), somebody(), somebody()

    collects_the_certificate(unit, slip)
    logs_in_for_the_first_time(unit, slip)
    number = files_an_enrolment(unit, employee("李晓燕", "female", date(1996, 3, 15)))

    reviewer_slip = register_officer(server, "wang.fang", "review_officer", "王芳")
    errands.arrive(reviewer, reviewer_slip, REVIEWER_PASSWORD)
    reviewer.is_at("社保业务审批")
    errands.open_review(reviewer, number)
    reviewer.sees(UNIT, "武昌区", "李晓燕")
    errands.approve(reviewer)
    reviewer.sees("已审核通过")
    sees_it_ended(unit, number)

    number = errands.enrol(unit, employee("张建国", "male", date(1990, 7, 1)))
    errands.open_review(reviewer, number)
    errands.send_back(reviewer, "劳动合同没有盖章，请补盖后重新提交。")
    reviewer.sees("已退回单位")
    sees_it_returned(unit, number, "劳动合同没有盖章，请补盖后重新提交。")

    security_slip = register_officer(server, "zhao.qiang", "security_officer", "赵强")
    errands.arrive(security, security_slip, SECURITY_PASSWORD)
    errands.revoke(security, "江城精密", UNIT, "keyCompromise")
    security.sees("吊销回执", "证书或密码遗失、被盗", "赵强", in_groups(slip["serial_number"]))
    is_refused_at_once(unit)


def collects_the_certificate(unit: Person, slip: errands.Slip) -> None:
    """DL-04 .. DL-15, with a browser that knows neither root nor certificate at first."""
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
    names = errands.install(unit, slip)
    assert names == ("certgate-root.cer", f"certgate-{slip['username']}.p12")


def logs_in_for_the_first_time(unit: Person, slip: errands.Slip) -> None:
    """LOGIN-01 .. LOGIN-06: with the keyboard alone, and no way around the reset (AMB-02)."""
    unit.open(unit.server.portal)
    unit.is_at("单位登录")
    unit.sees("此证书尚未绑定，请首次登录", UNIT)
    unit.looks_at("login")
    unit.tab_to(unit.page.get_by_label("用户名"))
    unit.page.keyboard.type(slip["username"])
    unit.tab_to(unit.page.get_by_label("单位密码"))
    unit.page.keyboard.type(slip["initial_password"])
    unit.tab_to(unit.page.get_by_role("button", name="登录", exact=True))
    unit.page.keyboard.press("Enter")

    unit.is_at("密码重置")
    for elsewhere in ("/", "/tasks", "/tasks/new/enrolment", "/officer/reviews", "/nowhere"):
        unit.open(unit.server.portal + elsewhere)
        unit.is_at("密码重置")
    errands.reset(unit, slip["initial_password"], PASSWORD)

    unit.is_at("单位网上业务")
    unit.sees("待办任务列表", "没有待办任务。", "已办任务列表", "还没有提交过业务。")
    unit.looks_at("home-empty")


def files_an_enrolment(unit: Person, person: Employee) -> str:
    """Enter, save, check, submit, look (TASK-01 .. TASK-14); return the sequence number."""
    errands.type_enrolment(unit, person)
    unit.sees("参保状态正常，可按首次参保继续录入。")
    number = errands.save(unit)
    unit.sees("信息录入成功", "业务顺序号：", person.id_number, "7,250.00 元", "基本养老保险、")
    errands.submit(unit)
    unit.sees("进行中", "请耐心等候")
    errands.go_home(unit)
    expect(errands.row_of(unit, "done", number)).to_contain_text("进行中")
    return number


def sees_it_ended(unit: Person, number: str) -> None:
    """TASK-15."""
    errands.go_home(unit)
    expect(errands.row_of(unit, "done", number)).to_contain_text("结束")
    unit.looks_at("home")


def sees_it_returned(unit: Person, number: str, reason: str) -> None:
    """TASK-16, TASK-17: 未提交, 回退标志 是, and why."""
    errands.go_home(unit)
    row = errands.row_of(unit, "todo", number)
    expect(row.locator("[data-label=业务状态]")).to_have_text("未提交")
    expect(row.locator("[data-label=回退标志]")).to_have_text("是")
    expect(row.locator("[data-label=回退原因]")).to_have_text(reason)
    unit.looks_at("home-returned")


def is_refused_at_once(unit: Person) -> None:
    """The next click in the browser that has been open all along, and everything after it."""
    unit.press("site.home")
    unit.is_at("数字证书已停用")
    unit.sees("数字证书已被吊销或暂停使用。")
    unit.looks_at("certificate-revoked")
    unit.open(f"{unit.server.portal}/login")
    unit.is_at("数字证书已停用")


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
