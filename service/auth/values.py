"""Random values that open something: made here, shown once, kept as a hash."""

import hashlib
from secrets import token_urlsafe


def new_value(prefix: str = "") -> str:
    """Return a fresh value of 256 random bits, in letters that need no escaping, after ``prefix``."""
    return prefix + token_urlsafe(32)


def hash_value(value: str) -> str:
    """Return what is kept of a value: its SHA-256. No salt is needed, 256 random bits cannot be guessed."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
