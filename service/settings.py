"""The settings, all of them, as operators give them: ``BRIDGE_*`` in the environment.

Secrets may come from a file instead (``…_FILE``), never from an argument.
"""

import os
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

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
    character_limits: bool = Field(
        default=True,
        description="Whether a push sets character limits on Transifex where Primero's layout has no more room.",
    )
    sync_minutes: int = Field(
        default=15,
        ge=0,
        le=1440,
        description="Minutes between two pulls of a deployment by itself, give or take a tenth; 0: only when asked.",
    )
    public_url: str = Field(
        default="http://127.0.0.1:8000", description="Address under which people reach the service; used in links."
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1", "localhost", "[::1]"),
        description="Host names the service answers to, separated by commas.",
    )

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(host.strip() for host in value.split(",") if host.strip())
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

    @model_validator(mode="after")
    def _one_token(self) -> "Settings":
        if self.transifex_token and self.transifex_token_file:
            raise ValueError("set BRIDGE_TRANSIFEX_TOKEN or BRIDGE_TRANSIFEX_TOKEN_FILE, not both")
        return self

    @property
    def embedded(self) -> bool:
        """Return whether the database is the service's own SQLite file, which it upgrades by itself."""
        return self.database_url is None

    @cached_property
    def effective_database_url(self) -> str:
        """Return the SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{self.data_dir / 'bridge.sqlite3'}"

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

    def make_data_dir(self) -> Path:
        """Create the data folder, readable by its owner alone, and return it."""
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.data_dir.chmod(0o700)
        return self.data_dir
