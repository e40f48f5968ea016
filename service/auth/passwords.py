"""Passwords: how they are kept, compared and chosen. Nothing here knows an account."""

import threading
import unicodedata
from functools import lru_cache
from secrets import token_urlsafe

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from service.errors import BadInput, TooManyTries

MIN_LENGTH = 12
MAX_LENGTH = 500

# Each comparison takes memory and a core: more of them at once would only make each slower, and stop everything else.
_AT_ONCE = threading.BoundedSemaphore(4)
_WAIT_SECONDS = 5.0


@lru_cache(maxsize=1)
def _hasher() -> PasswordHash:
    # OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


@lru_cache(maxsize=1)
def _nobodys_hash() -> str:
    return _hasher().hash(token_urlsafe(32))


def _prepare(password: str) -> str:
    # The same letters may arrive composed or not, depending on the keyboard (NIST SP 800-63B asks for this).
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return what is stored of a password: Argon2id with a salt of its own."""
    return _hasher().hash(_prepare(password))


def matches(password: str, stored: str | None) -> bool:
    """Return whether a password is the one stored, in the same time for None as for a wrong one.

    Raises:
        TooManyTries: too many are being compared at this moment.
    """
    if not _AT_ONCE.acquire(timeout=_WAIT_SECONDS):
        raise TooManyTries("Too many people are signing in at this moment: try again.", details={"retry_after": 10})
    try:
        right = len(password) <= MAX_LENGTH and _hasher().verify(_prepare(password), stored or _nobodys_hash())
        return right and stored is not None
    finally:
        _AT_ONCE.release()


def check_new_password(password: str, username: str) -> None:
    """Refuse a password that is too easy.

    Raises:
        BadInput: too short, too long, of one letter only, or made of the username.
    """
    prepared = _prepare(password)
    if len(prepared) < MIN_LENGTH:
        raise BadInput(f"The password is too short: it needs {MIN_LENGTH} characters or more.")
    if len(prepared) > MAX_LENGTH:
        raise BadInput(f"The password is too long: {MAX_LENGTH} characters are the most.")
    if len(set(prepared)) < 4:
        raise BadInput("The password repeats the same few characters: choose several words instead.")
    if username.casefold() in prepared.casefold():
        raise BadInput("The password holds the username: choose one without it.")
