"""The settings, as operators give them."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from service.settings import TRANSIFEX_API, Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "settings.md"
SECRET = {
    "primero_password", "database_url", "queue_url", "token", "transifex_token", "smtp_url", "metrics_token",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of whoever runs the tests counts."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"BRIDGE_{name.upper()}", raising=False)


def test_without_any_variable_everything_has_its_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An embedded database in the user's data folder, reached from this machine alone."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    settings = Settings()
    assert settings.data_dir == tmp_path / "primero-bridge"
    assert settings.embedded
    assert settings.effective_database_url == f"sqlite:///{tmp_path}/primero-bridge/bridge.sqlite3"
    assert (settings.token, settings.transifex_token, settings.transifex_token_file) == (None, None, None)
    assert (settings.transifex_user, settings.read_transifex_token()) == (None, None)
    assert (settings.transifex_url, settings.public_url) == (TRANSIFEX_API, "http://127.0.0.1:8000")
    assert settings.allowed_hosts == ("127.0.0.1", "localhost", "[::1]")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings().data_dir == tmp_path / ".local" / "share" / "primero-bridge"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("data_dir", "/srv/bridge", Path("/srv/bridge")),
        ("database_url", "postgresql://u:p@db/bridge", "postgresql://u:p@db/bridge"),
        ("queue_url", "redis://:p@redis/1", "redis://:p@redis/1"),
        ("database_url", "sqlite:////srv/other.sqlite3", "sqlite:////srv/other.sqlite3"),
        ("token", "ptb_x", SecretStr("ptb_x")),
        ("transifex_url", "http://localhost:9/", "http://localhost:9"),
        ("transifex_token", "1/abc", SecretStr("1/abc")),
        ("transifex_token_file", "/run/secrets/transifex", Path("/run/secrets/transifex")),
        ("transifex_user", "bridge-bot", "bridge-bot"),
        ("public_url", "https://bridge.example/", "https://bridge.example"),
        ("allowed_hosts", "bridge.example", ("bridge.example",)),
        ("allowed_hosts", " a.example , b.example,, ", ("a.example", "b.example")),
    ],
)
def test_each_setting_comes_from_its_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: object
) -> None:
    """Addresses lose the slash at their end, hosts are split at commas."""
    monkeypatch.setenv(f"BRIDGE_{name.upper()}", value)
    assert getattr(Settings(), name) == expected


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Compose files and units set variables to nothing."""
    default = getattr(Settings(), name)
    monkeypatch.setenv(f"BRIDGE_{name.upper()}", "")
    assert getattr(Settings(), name) == default


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("public_url", "bridge.example", "must start with http:// or https://"),
        ("transifex_url", "ftp://x", "must start with http:// or https://"),
        ("database_url", "mysql://root:hunter2@db/x", "must start with sqlite:/// or postgresql://"),
        ("queue_url", "amqp://:hunter2@queue", "must start with redis://"),
        ("database_url", "bridge.sqlite3", "must start with sqlite:/// or postgresql://"),
    ],
)
def test_an_address_that_cannot_be_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    """The refusal says what it must look like; it may hold a password, so it is not shown."""
    monkeypatch.setenv(f"BRIDGE_{name.upper()}", value)
    with pytest.raises(ValidationError, match=re.escape(sentence)) as refusal:
        Settings()
    assert value not in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_the_transifex_token_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the line break at its end; an empty file is no token, a missing one an error."""
    file = tmp_path / "token"
    monkeypatch.setenv("BRIDGE_TRANSIFEX_TOKEN_FILE", str(file))
    with pytest.raises(FileNotFoundError):
        Settings().read_transifex_token()
    file.write_text("1/abc\n")
    assert Settings().read_transifex_token() == SecretStr("1/abc")
    file.write_text(" \n")
    assert Settings().read_transifex_token() is None


def test_the_transifex_token_itself_is_read_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment."""
    monkeypatch.setenv("BRIDGE_TRANSIFEX_TOKEN", "1/abc")
    assert Settings().read_transifex_token() == SecretStr("1/abc")


def test_a_token_and_a_token_file_exclude_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to guess which one counts."""
    monkeypatch.setenv("BRIDGE_TRANSIFEX_TOKEN", "1/abc")
    monkeypatch.setenv("BRIDGE_TRANSIFEX_TOKEN_FILE", "/run/secrets/transifex")
    with pytest.raises(ValidationError, match="not both") as refusal:
        Settings()
    assert "1/abc" not in str(refusal.value)


def test_the_password_at_a_primero_comes_from_the_environment_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of the two; a line's end is no part of it, an empty file is none."""
    file = tmp_path / "password"
    monkeypatch.setenv("BRIDGE_PRIMERO_PASSWORD_FILE", str(file))
    file.write_text("secret\n")
    assert Settings().read_primero_password() == SecretStr("secret")
    file.write_text("\n")
    assert Settings().read_primero_password() is None
    monkeypatch.setenv("BRIDGE_PRIMERO_PASSWORD", "secret")
    with pytest.raises(ValidationError, match="not both"):
        Settings()
    monkeypatch.delenv("BRIDGE_PRIMERO_PASSWORD_FILE")
    assert Settings().read_primero_password() == SecretStr("secret")


def test_secrets_do_not_show_when_the_settings_are_printed() -> None:
    """Neither tokens nor the password in the address of a database or queue."""
    shown = repr(
        Settings(
            token=SecretStr("hunter1"),
            transifex_token=SecretStr("hunter2"),
            database_url="postgresql://u:hunter3@db/x",
            queue_url="redis://:hunter4@redis/1",
        )
    )
    assert "hunter" not in shown


def test_workers_are_woken_where_the_database_is(tmp_path: Path) -> None:
    """PostgreSQL itself, a file in the data folder beside SQLite, or what the setting names."""
    file = f"sqlite:///{tmp_path / 'queue.sqlite3'}"
    assert Settings(data_dir=tmp_path).effective_queue_url == file
    assert Settings(data_dir=tmp_path, database_url="sqlite:////srv/x.sqlite3").effective_queue_url == file
    assert Settings(database_url="postgresql://u:p@db/x").effective_queue_url == "postgresql://u:p@db/x"
    assert Settings(queue_url="redis://redis/1").effective_queue_url == "redis://redis/1"
    with pytest.raises(ValidationError, match="must start with redis://") as refusal:
        Settings(queue_url="amqp://:hunter1@queue")
    assert "hunter1" not in str(refusal.value)


def test_another_database_is_not_the_embedded_one() -> None:
    """So it is not upgraded by itself."""
    settings = Settings(database_url="sqlite:////srv/x.sqlite3")
    assert not settings.embedded
    assert settings.effective_database_url == "sqlite:////srv/x.sqlite3"


def test_the_data_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    """Also where it was open before."""
    for folder in (tmp_path / "a" / "new", tmp_path / "open"):
        if folder.name == "open":
            folder.mkdir(mode=0o755)
        assert Settings(data_dir=folder).make_data_dir() == folder
        assert folder.stat().st_mode & 0o777 == 0o700


def test_settings_cannot_be_changed() -> None:
    """They are one value, passed down."""
    with pytest.raises(ValidationError, match="frozen"):
        Settings().public_url = "http://x"  # type: ignore[misc]


def test_the_reference_page_lists_every_setting_with_meaning_default_and_whether_it_is_secret() -> None:
    """In the order of the code, in its words."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| `BRIDGE_")
    ]
    assert [row[0] for row in rows] == [f"`BRIDGE_{name.upper()}`" for name in Settings.model_fields]
    for row, (name, field) in zip(rows, Settings.model_fields.items(), strict=True):
        assert row[1] == field.description
        assert row[3] == ("yes" if name in SECRET else "no")
        if name == "data_dir":
            assert "`~/.local/share`" in row[2]
        elif field.default is None:
            assert row[2] == "not set"
        elif isinstance(field.default, bool):
            assert row[2] == f"`{str(field.default).lower()}`"
        else:
            default = ",".join(field.default) if isinstance(field.default, tuple) else str(field.default)
            assert row[2] == f"`{default}`"
    assert {name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)} <= SECRET


def test_a_mail_server_needs_a_sender_and_is_never_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    """What must be set is said; the address, which may hold a password, is not."""
    monkeypatch.setenv("BRIDGE_SMTP_URL", "smtp://u:geheim@mail.example.org")
    with pytest.raises(ValidationError, match="set BRIDGE_MAIL_FROM") as error:
        Settings()
    assert "geheim" not in str(error.value)
    monkeypatch.setenv("BRIDGE_MAIL_FROM", "Bridge <bridge@example.org>")
    assert "geheim" not in repr(Settings())
    monkeypatch.setenv("BRIDGE_SMTP_URL", "https://u:geheim@mail.example.org")
    with pytest.raises(ValidationError, match="must start with smtp") as error:
        Settings()
    assert "geheim" not in str(error.value)
