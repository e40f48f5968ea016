"""Pure rules of delivering: what is sent, how it is signed, when it is tried again and when no more."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

SIGNATURE = "Bridge-Signature"
EVENT_ID = "Bridge-Event-Id"
OFF_AFTER = timedelta(days=7)
"""Whoever took nothing for so long is told no more."""
PING = "ping"


def make_body(key: str, event: str, deployment: str, at: datetime, more: Mapping[str, Any]) -> bytes:
    """Return what is sent, as JSON."""
    told = {"id": key, "event": event, "deployment": deployment, "at": at.isoformat(), **more}
    return json.dumps(told, separators=(",", ":")).encode()


def sign(secret: str, body: bytes, at: datetime) -> str:
    """Return the signature header: the second it was made in, and HMAC-SHA256 over that second, a dot, and the body.

    A new one is made for each try, so that a receiver may refuse old ones.
    """
    second = int(at.timestamp())
    digest = hmac.new(secret.encode(), f"{second}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={second},v1={digest}"


def wait_after(attempts: int) -> timedelta:
    """Return how long to wait after so many tries: half a minute, then twice as long each time, up to six hours."""
    return min(timedelta(seconds=30 * 2 ** min(max(attempts - 1, 0), 12)), timedelta(hours=6))


def is_to_end(failing_since: datetime | None, now: datetime) -> bool:
    """Return whether nothing arrived for so long that it is tried no more."""
    return failing_since is not None and failing_since + OFF_AFTER <= now
