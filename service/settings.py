"""The settings, all of them, as operators give them: ``BRIDGE_*`` in the environment.

Secrets may come from a file instead (``…_FILE``), never from an argument.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

SHORTEST_TOKEN = 16
"""Characters of a token that people choose themselves."""
TRANSIFEX_API = "https://rest.api.transifex.com"


def default_data_dir() -> Path:
    """Return where the embedded database lives when nobody says: the user's data folder (XDG)."""
    base = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "primero-bridge"


class Settings(BaseSettings):
    """One frozen value, built in ``app.py``, ``cli.py`` or ``worker.py`` and passed down."""

    model_config = SettingsConfigDict(
        env_prefix="BRIDGE_",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        # A refused value may be a secret.
        hide_input_in_errors=True,
    )

    data_dir: Path = Field(
        default_factory=default_data_dir,
        description="Folder for the embedded database, the secret key and backups; made with mode 0700.",
    )
    database_url: str | None = Field(
        default=None,
        # It may hold a password.
        repr=False,
        description="Another SQLite file (sqlite:///…) or PostgreSQL (postgresql://…). Unset: embedded SQLite.",
    )
    queue_url: str | None = Field(
        default=None,
        # It may hold a password.
        repr=False,
        description="Where workers are woken: redis://… (a Redis database of the bridge's own), rediss://…, or "
        "postgresql://…. Unset: in the PostgreSQL database, else in a file in the data folder.",
    )
    token: SecretStr | None = Field(
        default=None, description="API token: the command line then acts as that user, else as the operator."
    )
    transifex_url: str = Field(default=TRANSIFEX_API, description="Address of Transifex's API.")
    transifex_token: SecretStr | None = Field(
        default=None, description="Transifex API token for every deployment without one of its own."
    )
    transifex_token_file: Path | None = Field(
        default=None, description="File holding the Transifex token, instead of BRIDGE_TRANSIFEX_TOKEN."
    )
    transifex_user: str | None = Field(
        default=None, description="Username that the Transifex token belongs to; never counted as an author."
    )
    primero_user: str | None = Field(
        default=None, description="Name of the account at a Primero that is read by its address alone."
    )
    primero_password: SecretStr | None = Field(
        default=None,
        description="Password of that account; with BRIDGE_PRIMERO_SIGN_IN=bearer the identity provider's token.",
    )
    primero_password_file: Path | None = Field(
        default=None, description="File holding it, instead of BRIDGE_PRIMERO_PASSWORD."
    )
    primero_sign_in: Literal["basic", "session", "bearer"] = Field(
        default="basic", description="How that account signs in: `basic`, `session` or `bearer`."
    )
    primero_hosts: Annotated[tuple[str, ...] | None, NoDecode] = Field(
        default=None,
        description="Hosts, addresses and networks, separated by commas, on which a Primero may be visited although "
        "they are private or this machine itself (127.0.0.1 for the sandbox).",
    )
    webhook_hosts: Annotated[tuple[str, ...] | None, NoDecode] = Field(
        default=None,
        description="Hosts, addresses and networks, separated by commas, to which webhooks may go although they are "
        "private or this machine itself.",
    )
    character_limits: bool = Field(
        default=True,
        description="Whether a push sets character limits on Transifex where Primero's layout has no more room.",
    )
    sync_minutes: int = Field(
        default=15,
        ge=0,
        le=1440,
        description="Minutes between two exchanges of a deployment with Transifex by itself, give or take a tenth; "
        "0: only when asked.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="Address under which people reach the service; used in links."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1", "localhost", "[::1]"),
        description="Host names the service answers to, separated by commas.",
    )

    smtp_url: str | None = Field(
        default=None,
        # It may hold a password.
        repr=False,
        description="Mail server: smtp://USER:PASSWORD@HOST:587 (STARTTLS) or smtps://…:465. Unset: mail is shown to "
        "be copied.",
    )
    smtp_password_file: Path | None = Field(
        default=None, description="File holding the mail server's password, instead of one in BRIDGE_SMTP_URL."
    )
    mail_from: str | None = Field(
        default=None,
        description="Who mail comes from, such as Bridge <bridge@example.org>; needed with BRIDGE_SMTP_URL.",
    )

    metrics_token: SecretStr | None = Field(
        default=None,
        description="Token with which a monitor reads /metrics, 16 characters at least. Unset: there is no /metrics.",
    )
    metrics_token_file: Path | None = Field(
        default=None, description="File holding it, instead of BRIDGE_METRICS_TOKEN."
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(host.strip() for host in value.split(",") if host.strip())
        return value

    @field_validator("primero_hosts", "webhook_hosts", mode="before")
    @classmethod
    def _split_hosts(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(host.strip().lower() for host in value.split(",") if host.strip())
        return value

    @field_validator("public_url", "transifex_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
            # Not quoted: it may hold a password.
            raise ValueError("must start with sqlite:/// or postgresql://")
        return value

    @field_validator("queue_url")
    @classmethod
    def _queue_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("redis://", "rediss://", "postgresql://")):
            # Not quoted: it may hold a password.
            raise ValueError("must start with redis://, rediss:// or postgresql://")
        return value

    @model_validator(mode="after")
    def _one_token(self) -> "Settings":
        if self.transifex_token and self.transifex_token_file:
            raise ValueError("set BRIDGE_TRANSIFEX_TOKEN or BRIDGE_TRANSIFEX_TOKEN_FILE, not both")
        if self.primero_password and self.primero_password_file:
            raise ValueError("set BRIDGE_PRIMERO_PASSWORD or BRIDGE_PRIMERO_PASSWORD_FILE, not both")
        if self.metrics_token and self.metrics_token_file:
            raise ValueError("set BRIDGE_METRICS_TOKEN or BRIDGE_METRICS_TOKEN_FILE, not both")
        return self

    @field_validator("metrics_token")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_TOKEN:
            raise ValueError(f"must have at least {SHORTEST_TOKEN} characters")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("smtp://", "smtps://")):
            # Not quoted: it may hold a password.
            raise ValueError("must start with smtp:// or smtps://")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str | None) -> str | None:
        if value is not None and ("@" not in value or not value.isprintable()):
            raise ValueError("must be an address, such as Bridge <bridge@example.org>")
        return value

    @model_validator(mode="after")
    def _mail(self) -> "Settings":
        if self.smtp_url is not None and self.mail_from is None:
            raise ValueError("set BRIDGE_MAIL_FROM beside BRIDGE_SMTP_URL")
        return self

    @property
    def embedded(self) -> bool:
        """Return whether the database is the service's own SQLite file, which it upgrades by itself."""
        return self.database_url is None

    @cached_property
    def effective_database_url(self) -> str:
        """Return the SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'bridge.sqlite3'}"

    @cached_property
    def effective_queue_url(self) -> str:
        """Return the address of the queue that wakes workers: sqlite, postgresql, redis or rediss."""
        if self.queue_url or not self.effective_database_url.startswith("sqlite"):
            return self.queue_url or self.effective_database_url
        return f"sqlite:///{self.data_dir / 'queue.sqlite3'}"

    def read_transifex_token(self) -> SecretStr | None:
        """Return the service-wide Transifex token, or None.

        An empty file counts as none.

        Raises:
            OSError: the file of ``BRIDGE_TRANSIFEX_TOKEN_FILE`` cannot be read.
        """
        if self.transifex_token_file:
            token = self.transifex_token_file.read_text("utf-8").strip()
            return SecretStr(token) if token else None
        return self.transifex_token

    def read_metrics_token(self) -> SecretStr | None:
        """Return the token with which a monitor reads the metrics, None where nobody may.

        A file with less than a token in it counts as none.

        Raises:
            OSError: the file of ``BRIDGE_METRICS_TOKEN_FILE`` cannot be read.
        """
        if self.metrics_token_file:
            token = self.metrics_token_file.read_text("utf-8").strip()
            return SecretStr(token) if len(token) >= SHORTEST_TOKEN else None
        return self.metrics_token

    @property
    def measured(self) -> bool:
        """Return whether a monitor is to read the metrics."""
        return self.metrics_token is not None or self.metrics_token_file is not None

    def read_primero_password(self) -> SecretStr | None:
        """Return the password of the account at a Primero that is read by its address alone, or None.

        Raises:
            OSError: the file of ``BRIDGE_PRIMERO_PASSWORD_FILE`` cannot be read.
        """
        if self.primero_password_file:
            password = self.primero_password_file.read_text("utf-8").strip()
            return SecretStr(password) if password else None
        return self.primero_password

    def make_data_dir(self) -> Path:
        """Create the data folder, readable by its owner alone, and return it."""
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.data_dir.chmod(0o700)
        return self.data_dir
