"""Units: registering, finding, class and standing (ENR-08 to ENR-12, AMB-21)."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from enrollment.events import (
    Contact,
    SubscriberResumed,
    SubscriberSuspended,
    UnitClassChanged,
    UnitRegistered,
)
from enrollment.models import Subscriber
from foundation.errors import Conflict, Denied, Failure, NotFound
from tests.support.enrolling import (
    ANOTHER_CREDIT_CODE,
    APPLICATION,
    CREDIT_CODE,
    OFFICER,
    SETTINGS,
    Counter,
)


def test_a_new_unit_is_ordinary_and_has_all_four_values(counter: Counter) -> None:
    slip = counter.register()
    with counter.database.reading() as session:
        unit = counter.services.units.get(session, slip.username)
        principal = counter.services.principals.principal_for(session, slip.username)
    assert (unit.unit_class, unit.standing) == ("ordinary", "active")
    assert unit.serial_number == slip.serial_number
    assert unit.slip is not None
    assert unit.slip.state == "waiting"
    assert (principal.kind, principal.unit_class) == ("unit", "ordinary")
    assert (principal.credit_code, principal.district) == (CREDIT_CODE, "wuchang")

    document = slip.as_document()
    assert set(document) == {
        "username", "initial_password", "serial_number", "download_password", "pickup_url",
        "root_fingerprint_sha256", "expires_at",
    }  # fmt: skip
    assert slip.username == "wh000001"
    assert slip.expires_at - slip.issued_at == SETTINGS.slips.validity
    assert document["pickup_url"].endswith(f"/pickup?serial_number={slip.serial_number}")
    assert slip.download_password not in document["pickup_url"]


def test_the_rest_of_the_house_hears_of_a_new_unit(counter: Counter) -> None:
    application = replace(APPLICATION, contact=Contact("李丽", "027-12345678", "li@example.com"))
    with counter.database.writing() as session:
        slip = counter.services.units.register(session, application, OFFICER)
    (event,) = counter.heard.events
    assert isinstance(event, UnitRegistered)
    assert (event.username, event.credit_code) == (slip.username, CREDIT_CODE)
    assert event.contact.phone == "027-12345678"


def test_a_second_registration_is_refused_and_leaves_nothing(counter: Counter) -> None:
    counter.register()
    with pytest.raises(Conflict, match="credit-code-taken"):
        counter.register()
    with counter.database.reading() as session:
        assert len(session.scalars(select(Subscriber)).all()) == 1
    assert counter.actions("unit.") == ["unit.registered"]


def test_units_are_found_by_name_credit_code_and_username(counter: Counter) -> None:
    first, second = counter.register(), counter.register(ANOTHER_CREDIT_CODE)
    with counter.database.reading() as session:
        find = counter.services.units.find
        codes = (CREDIT_CODE[:10].lower(), CREDIT_CODE[8:14], first.username, " wh000001 ")
        for query in ("长江", *codes):
            found = find(session, query).items
            assert first.username in {unit.username for unit in found}, query
        assert not find(session, "%").items
        assert not find(session, "", district="hanyang").items
        page = find(session, "", limit=1)
        assert [unit.username for unit in page.items] == [first.username]
        rest = find(session, "", after=page.next, limit=1)
        assert [unit.username for unit in rest.items] == [second.username]
        assert rest.next is None


def test_a_name_is_found_in_whatever_case_it_is_typed(counter: Counter) -> None:
    named = replace(APPLICATION, name="TCL华星光电·École(武汉)有限公司")
    with counter.database.writing() as session:
        unit = counter.services.units.register(session, named, OFFICER)
    with counter.database.reading() as session:
        for query in (
            "tcl",
            "Tcl华",
            "华星",
            "·",
            "École",
            "ole(武",
            "有限公司",
            "WH0000",
            "000001",
            "ｔｃｌ 华 星",
            "（武",
        ):
            found = counter.services.units.find(session, query).items
            assert [each.username for each in found] == [unit.username], query
        for query in ("tcl光", "_", "tc%", "有限公司1", "00001", "h000001", "\u3000", "\0"):
            assert not counter.services.units.find(session, query).items, query


def test_a_unit_nobody_knows_is_not_found(counter: Counter) -> None:
    counter.appoint("zhang.wei")
    with counter.database.reading() as session:
        for username in ("wh000099", "zhang.wei", "!"):
            with pytest.raises(NotFound, match="unit-not-found"):
                counter.services.units.get(session, username)


def test_promotion_and_demotion_count_from_the_next_request(counter: Counter) -> None:
    slip = counter.register()
    standing = counter.services.standing
    for act, unit_class, again in (
        (standing.promote, "vip", "already-vip"),
        (standing.demote, "ordinary", "already-ordinary"),
    ):
        with counter.database.writing() as session:
            act(session, slip.username, OFFICER)
        with counter.database.reading() as session:
            principal = counter.services.principals.principal_for(session, slip.username)
        assert principal.unit_class == unit_class
        with pytest.raises(Conflict, match=again), counter.database.writing() as session:
            act(session, slip.username, OFFICER)
    assert [e.unit_class for e in counter.heard.events if isinstance(e, UnitClassChanged)] == [
        "vip",
        "ordinary",
    ]
    assert counter.actions("unit.") == ["unit.registered", "unit.promoted", "unit.demoted"]


def test_only_units_have_a_class(counter: Counter) -> None:
    counter.appoint("zhang.wei")
    with pytest.raises(NotFound, match="unit-not-found"), counter.database.writing() as session:
        counter.services.standing.promote(session, "zhang.wei", OFFICER)


def test_suspension_blocks_at_once_and_can_be_lifted(counter: Counter) -> None:
    slip = counter.register()
    standing, principals = counter.services.standing, counter.services.principals
    with counter.database.writing() as session:
        standing.suspend(session, slip.username, OFFICER, note="资料不实")
    with (
        pytest.raises(Denied, match="account-suspended"),
        counter.database.reading() as session,
    ):
        principals.principal_for(session, slip.username)
    with pytest.raises(Conflict, match="already-suspended"), counter.database.writing() as session:
        standing.suspend(session, slip.username, OFFICER)
    with pytest.raises(Conflict, match="account-suspended"):
        counter.reissue(slip)

    with counter.database.writing() as session:
        standing.resume(session, slip.username, OFFICER)
    with counter.database.reading() as session:
        assert principals.principal_for(session, slip.username).username == slip.username
    with pytest.raises(Conflict, match="not-suspended"), counter.database.writing() as session:
        standing.resume(session, slip.username, OFFICER)
    kinds = [type(event) for event in counter.heard.events]
    assert kinds == [UnitRegistered, SubscriberSuspended, SubscriberResumed]


def test_nobody_knows_a_subscriber_that_does_not_exist(counter: Counter) -> None:
    standing = counter.services.standing
    for act in (standing.suspend, standing.resume):
        with (
            pytest.raises(Failure, match="subscriber-not-found"),
            counter.database.writing() as session,
        ):
            act(session, "wh000099", OFFICER)
