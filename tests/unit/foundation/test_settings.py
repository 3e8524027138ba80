"""Settings: the file, the environment over it, bounds, and nothing unknown."""

import os
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import make_url

from foundation.settings import SETTINGS_FILE, Settings


@pytest.fixture(autouse=True)
def no_settings_of_the_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("CERTGATE_"):
            monkeypatch.delenv(name)


def write(folder: Path, content: str) -> None:
    (folder / SETTINGS_FILE).write_text(content, encoding="utf-8")


def test_without_file_and_environment_the_contract_s_values_hold(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path)

    assert (settings.host, str(settings.bind)) == ("localhost", "127.0.0.1")
    assert (settings.pki_port, settings.public_port, settings.portal_port) == (8080, 8443, 9443)
    assert settings.review_delay_seconds == 180
    assert settings.timezone == "Asia/Shanghai"
    assert settings.data == tmp_path
    assert settings.resolved_database_url == f"sqlite:///{tmp_path / 'certgate.db'}"


def test_the_environment_overrides_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 'host = "from.file"\npublic_port = 1001\nportal_port = 1002\n')
    monkeypatch.setenv("CERTGATE_PUBLIC_PORT", "2001")

    settings = Settings.load(tmp_path)

    assert (settings.host, settings.public_port, settings.portal_port) == ("from.file", 2001, 1002)


def test_the_file_of_the_named_folder_is_read_and_the_folder_stays_the_named_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, 'data = "somewhere/else"\n')
    monkeypatch.setenv("CERTGATE_DATA", "elsewhere")
    other = tmp_path / "other"
    other.mkdir()
    write(other, 'host = "other"\n')

    assert Settings.load(tmp_path).data == tmp_path
    assert Settings.load(other).host == "other"
    assert Settings.load(tmp_path).host == "localhost"


@pytest.mark.parametrize(
    "line",
    [
        "pki_port = 0",
        "pki_port = 65536",
        'portal_port = "many"',
        "review_delay_seconds = -1",
        "review_delay_seconds = 86401",
        'host = ""',
        'bind = "not an address"',
        'timezone = "Asia/Atlantis"',
        'timezone = "../../etc/passwd"',
        'timezone = ""',
    ],
)
def test_a_value_out_of_bounds_is_refused_with_its_name(tmp_path: Path, line: str) -> None:
    write(tmp_path, line)

    with pytest.raises(ValidationError) as refused:
        Settings.load(tmp_path)

    assert [error["loc"] for error in refused.value.errors()] == [(line.split(" ", maxsplit=1)[0],)]


def test_a_value_out_of_bounds_in_the_environment_is_refused_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CERTGATE_PKI_PORT", "0")

    with pytest.raises(ValidationError, match="pki_port"):
        Settings.load(tmp_path)


def test_an_unknown_key_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "pubic_port = 8443\n")

    with pytest.raises(ValidationError, match="pubic_port"):
        Settings.load(tmp_path)


def test_a_file_that_is_not_toml_is_refused_with_its_place(tmp_path: Path) -> None:
    write(tmp_path, "host = \n")

    with pytest.raises(ValidationError, match=r"certgate\.toml`\n.*line 1"):
        Settings.load(tmp_path)


@pytest.mark.parametrize(("name", "value"), [("host", "elsewhere"), ("pki_port", 1)])
def test_settings_do_not_change(tmp_path: Path, name: str, value: Any) -> None:
    settings = Settings.load(tmp_path)

    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings, name, value)


def test_addresses_are_made_of_host_and_ports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CERTGATE_HOST", "portal.example.org")
    monkeypatch.setenv("CERTGATE_DATABASE_URL", "postgresql+psycopg://db/certgate")

    settings = Settings.load(tmp_path)

    assert settings.pki_url == "http://portal.example.org:8080"
    assert settings.public_url == "https://portal.example.org:8443"
    assert settings.portal_url == "https://portal.example.org:9443"
    assert settings.resolved_database_url == "postgresql+psycopg://db/certgate"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_postgresql_url_gets_the_driver_and_is_not_shown(scheme: str) -> None:
    settings = Settings(database_url=f"{scheme}://certgate:hidden@db/certgate")
    assert settings.database_url == "postgresql+psycopg://certgate:hidden@db/certgate"
    assert "hidden" not in repr(settings)


MAIL: dict[str, Any] = {"smtp_host": "mail.example.org", "smtp_sender": "noreply@shebao.example"}


def test_the_database_s_password_may_lie_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "database-password"
    secret.write_text("p@ss/word:1\n")
    url = "postgresql://certgate@db.example/certgate"
    settings = Settings(database_url=url, database_password_file=secret)
    assert make_url(settings.resolved_database_url).password == "p@ss/word:1"
    assert "p@ss" not in repr(settings)


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_a_password_file_that_says_nothing_is_refused(
    tmp_path: Path, content: bytes | None
) -> None:
    secret = tmp_path / "database-password"
    if content is not None:
        secret.write_bytes(content)
    with pytest.raises(ValidationError, match="database-password"):
        Settings(database_url="postgresql://db.example/x", database_password_file=secret)


def test_a_password_file_goes_with_a_database_url(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="database_url"):
        Settings(database_password_file=tmp_path / "database-password")


def test_a_mail_server_needs_a_sender() -> None:
    assert Settings(**MAIL).smtp_port == 587
    with pytest.raises(ValidationError, match="smtp_sender"):
        Settings(smtp_host="mail.example.org")


def test_name_and_password_of_the_mail_server_go_together(tmp_path: Path) -> None:
    file = tmp_path / "password"
    settings = Settings(**MAIL, smtp_username="certgate", smtp_password_file=file)
    assert settings.smtp_password_file == file
    halves: tuple[dict[str, Any], ...] = (
        {"smtp_username": "certgate"},
        {"smtp_password_file": file},
    )
    for half in halves:
        with pytest.raises(ValidationError, match="go together"):
            Settings(**MAIL, **half)


@pytest.mark.parametrize(
    "sender", ["", "noreply", "a@b@c", "a b@c", "李丽@example.org", "a@b\r\nBcc: c@d", "@b", "a@"]
)
def test_a_sender_is_one_plain_address(sender: str) -> None:
    with pytest.raises(ValidationError, match="smtp_sender"):
        Settings(smtp_host="mail.example.org", smtp_sender=sender)


def test_a_token_takes_all_three_of_its_settings(tmp_path: Path) -> None:
    whole = {
        "pkcs11_module": "/usr/lib/softhsm/libsofthsm2.so",
        "pkcs11_token": "certgate",
        "pkcs11_pin_file": "/etc/certgate/pin",
    }
    for left_out in (None, *whole):
        lines = [f'{name} = "{value}"' for name, value in whole.items() if name != left_out]
        write(tmp_path, "\n".join(['key_backend = "pkcs11"', *lines]))
        if left_out is None:
            assert Settings.load(tmp_path).key_backend == "pkcs11"
        else:
            with pytest.raises(ValidationError):
                Settings.load(tmp_path)


def test_a_token_makes_no_ml_dsa_keys(tmp_path: Path) -> None:
    write(
        tmp_path,
        'key_backend = "pkcs11"\nkey_algorithm = "ml-dsa-65"\npkcs11_module = "/m.so"\n'
        'pkcs11_token = "t"\npkcs11_pin_file = "/pin"\n',
    )
    with pytest.raises(ValidationError):
        Settings.load(tmp_path)


@pytest.mark.parametrize("name", ["", " ", " x", "a\\u0007b", "武" * 17, "x" * 49])
def test_an_organization_that_no_certificate_can_bear(name: str, tmp_path: Path) -> None:
    write(tmp_path, f'organization = "{name}"\n')
    with pytest.raises(ValidationError):
        Settings.load(tmp_path)


def test_an_organization_in_chinese(tmp_path: Path) -> None:
    write(tmp_path, 'organization = "武汉市社会保险事业管理中心"\n')
    assert Settings.load(tmp_path).organization == "武汉市社会保险事业管理中心"
