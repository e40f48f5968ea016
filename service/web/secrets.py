"""Keeping credentials unreadable in the database: encrypted with a key that lies outside it."""

import contextlib
import hmac
import os
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from service.errors import NotReady

KEY_FILE = "secret.key"


class SecretBox:
    """Encrypts and decrypts credentials (Transifex tokens, Primero passwords) with the key in one file.

    The key is made when the first secret is put in. Whoever has the file and the database has the secrets, so the file
    is readable by its owner alone and belongs into another backup than the database.
    """

    def __init__(self, key_file: Path) -> None:
        self.key_file = key_file

    def encrypt(self, text: str) -> str:
        """Return ``text`` as a Fernet token (ASCII); the key is made if there is none yet.

        Raises:
            NotReady: the key file cannot be read or written, or holds no key.
        """
        if not self.key_file.exists():
            self._create_key()
        return self._fernet().encrypt(text.encode()).decode("ascii")

    def decrypt(self, token: str) -> str:
        """Return the text that :meth:`encrypt` made ``token`` of.

        Raises:
            NotReady: the key is missing or is not the one that the secret was encrypted with.
        """
        try:
            return self._fernet().decrypt(token.encode()).decode()
        except InvalidToken as error:
            raise NotReady(
                f"The key in {self.key_file} does not open a stored secret: restore the key file that was used before, "
                "or enter the secret again."
            ) from error

    def sign(self, purpose: str, text: str) -> str:
        """Return a signature of ``text`` (64 hexadecimal digits) that only the holder of the key can make.

        Raises:
            NotReady: the key file cannot be read or written, or holds no key.
        """
        if not self.key_file.exists():
            self._create_key()
        self._fernet()
        # A key for each purpose: what signs one thing is of no use for another.
        key = hmac.digest(self.key_file.read_bytes().strip(), f"primero-bridge {purpose}".encode(), "sha256")
        return hmac.digest(key, text.encode(), "sha256").hex()

    def _fernet(self) -> Fernet:
        try:
            return Fernet(self.key_file.read_bytes().strip())
        except FileNotFoundError as error:
            raise NotReady(
                f"The key file {self.key_file} is missing: restore it from a backup, or enter the stored secrets again."
            ) from error
        except OSError as error:
            raise NotReady(f"The key file {self.key_file} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            raise NotReady(f"The key file {self.key_file} holds no key: restore it from a backup.") from error

    def _create_key(self) -> None:
        # A complete file appears under the final name or none does: a process that starts at the same time must neither
        # read half a key nor replace the one that the other is already using.
        folder = self.key_file.parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=".secret-", dir=folder)
            with os.fdopen(descriptor, "wb") as file:
                file.write(Fernet.generate_key())
                file.flush()
                os.fsync(file.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(name, self.key_file)
            Path(name).unlink()
        except OSError as error:
            raise NotReady(f"The key file {self.key_file} cannot be written: {error.strerror}.") from error
