"""The administrator's pages of applications: register, with a mistake first, list, one of them."""

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.browser.person import Person

_HOME = "/officer/applications"
_STATEMENTS = {
    "client_id": "statements",
    "application_name": "社保费对账单",
    "redirect_uris": "https://statements.example/callback",
    "post_logout_redirect_uris": "https://statements.example/",
    "logout_url": "https://statements.example/back-channel-logout",
}
_ARCHIVE = {
    "client_id": "archive",
    "application_name": "业务档案查询",
    "redirect_uris": "https://archive.example/login/callback",
    "tls_value": "archive.example",
}


def visit_applications(administrator: Person) -> None:
    """Register two applications and look at them; the administrator is logged in."""
    administrator.press("navigation.applications")
    administrator.is_at(administrator.t("applications.title"))
    administrator.looks_at("applications-none")
    _open_form(administrator, _STATEMENTS)
    administrator.page.fill("#keys", _public_key())
    administrator.page.check("[name=everybody][value=no]")
    administrator.page.check("[name=kinds][value=unit]")
    administrator.looks_at("application-new")
    administrator.page.fill("#redirect_uris", "http://statements.example/callback")
    administrator.press("applications.register")
    administrator.sees(administrator.t("form.error_title"))
    administrator.looks_at("application-errors")
    administrator.page.fill("#redirect_uris", _STATEMENTS["redirect_uris"])
    administrator.press("applications.register")
    administrator.is_at(_STATEMENTS["application_name"])
    administrator.looks_at("application")
    administrator.open(administrator.server.portal + _HOME)
    _open_form(administrator, _ARCHIVE)
    administrator.page.select_option("#tls_field", "san_dns")
    administrator.page.check("[name=everybody][value=no]")
    administrator.page.check("[name=kinds][value=officer]")
    administrator.page.check("[name=roles][value=auditor]")
    administrator.page.check("[name=roles][value=review_officer]")
    administrator.press("applications.register")
    administrator.is_at(_ARCHIVE["application_name"])
    administrator.open(administrator.server.portal + _HOME)
    administrator.looks_at("applications")


def _open_form(administrator: Person, typed: dict[str, str]) -> None:
    administrator.press("applications.add")
    administrator.is_at(administrator.t("applications.add"))
    for name, value in typed.items():
        administrator.page.fill(f"#{name}", value)


def _public_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
