"""Officers and their roles (ACT-05); a change counts from the next request."""

import pytest

from enrollment.subscribers.officers import OfficerApplication
from foundation.errors import Conflict, Invalid, NotFound
from tests.support.enrolling import OFFICER, Counter


def roles_of(counter: Counter, username: str) -> frozenset[str]:
    with counter.database.reading() as session:
        return counter.services.principals.principal_for(session, username).roles


def test_an_officer_has_roles_and_may_have_a_district(counter: Counter) -> None:
    application = OfficerApplication(
        "wang.fang", ("auditor", "review_officer"), "王芳", district="wuchang"
    )
    with counter.database.writing() as session:
        slip = counter.services.officers.add(session, application, OFFICER)
    with counter.database.reading() as session:
        principal = counter.services.principals.principal_for(session, "wang.fang")
        view = counter.services.officers.get(session, "wang.fang")
        page = counter.services.officers.find(session, "芳")
    assert principal.roles == {"auditor", "review_officer"}
    assert (principal.kind, principal.district) == ("officer", "wuchang")
    assert principal.credit_code is None
    assert view.serial_number == slip.serial_number
    assert page.items == (view,)


def test_roles_come_and_go(counter: Counter) -> None:
    counter.appoint("zhang.wei", "review_officer")
    officers = counter.services.officers
    with counter.database.writing() as session:
        officers.grant_role(session, "zhang.wei", "auditor", OFFICER)
    assert roles_of(counter, "zhang.wei") == {"review_officer", "auditor"}
    with pytest.raises(Conflict, match="role-already"), counter.database.writing() as session:
        officers.grant_role(session, "zhang.wei", "auditor", OFFICER)
    with counter.database.writing() as session:
        officers.revoke_role(session, "zhang.wei", "auditor", OFFICER)
    assert roles_of(counter, "zhang.wei") == {"review_officer"}
    with pytest.raises(Conflict, match="role-not-granted"), counter.database.writing() as session:
        officers.revoke_role(session, "zhang.wei", "auditor", OFFICER)
    assert counter.actions("role.") == ["role.granted", "role.revoked"]


def test_the_last_administrator_stays(counter: Counter) -> None:
    counter.appoint("chief", "administrator")
    with (
        pytest.raises(Conflict, match="last-administrator"),
        counter.database.writing() as session,
    ):
        counter.services.officers.revoke_role(session, "chief", "administrator", OFFICER)
    assert roles_of(counter, "chief") == {"administrator"}


def test_usernames_are_given_once(counter: Counter) -> None:
    counter.appoint("zhang.wei")
    with pytest.raises(Conflict, match="username-taken"):
        counter.appoint("zhang.wei")


@pytest.mark.parametrize(
    ("application", "field", "code"),
    [
        (OfficerApplication("Zhang", ("auditor",)), "username", "username-malformed"),
        (OfficerApplication("wh000123", ("auditor",)), "username", "username-reserved"),
        (OfficerApplication("system", ("auditor",)), "username", "username-reserved"),
        (OfficerApplication("zhang", ()), "roles", "field-required"),
        (OfficerApplication("zhang", ("emperor",)), "roles", "role-unknown"),
        (OfficerApplication("zhang", ("auditor",), "x" * 65), "display_name", "field-too-long"),
        (OfficerApplication("zhang", ("auditor",), "a\x00b"), "display_name", "field-unprintable"),
    ],
)
def test_what_is_wrong_with_an_officer_is_named(
    counter: Counter, application: OfficerApplication, field: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused, counter.database.writing() as session:
        counter.services.officers.add(session, application, OFFICER)
    assert [(error.field, error.code) for error in refused.value.fields] == [(field, code)]


def test_a_unit_is_no_officer(counter: Counter) -> None:
    slip = counter.register()
    with pytest.raises(NotFound, match="officer-not-found"), counter.database.writing() as session:
        counter.services.officers.grant_role(session, slip.username, "auditor", OFFICER)
