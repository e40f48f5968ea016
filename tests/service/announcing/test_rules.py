"""What is sent, how a receiver verifies it, when it is tried again."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from service.announcing.rules import OFF_AFTER, is_to_end, make_body, sign, wait_after

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def verify(secret: str, header: str, body: bytes, now: int) -> bool:
    """Verify a message as docs/reference/webhooks.md tells receivers to."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    wanted = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, parts["v1"]) and abs(now - int(parts["t"])) <= 300


def test_a_receiver_can_verify_it() -> None:
    """With the secret, the header and the raw body; any other bit of them fails."""
    body = make_body("id", "approved", "iraq", NOW, {"locale": "ar"})
    header, now = sign("whs_x", body, NOW), int(NOW.timestamp())
    assert verify("whs_x", header, body, now)
    assert not verify("whs_y", header, body, now)
    assert not verify("whs_x", header, body + b" ", now)
    assert not verify("whs_x", header.replace(f"t={now}", f"t={now + 1}"), body, now)
    assert not verify("whs_x", header, body, now + 301)


def test_the_body_is_what_the_documents_say() -> None:
    """An id, the event, the deployment, when, and the counts."""
    body = make_body("id", "released", "iraq", NOW, {"locale": "ar", "number": 2, "counts": {"texts": 5}})
    assert json.loads(body) == {
        "id": "id", "event": "released", "deployment": "iraq", "at": "2026-03-02T09:00:00+00:00", "locale": "ar",
        "number": 2, "counts": {"texts": 5},
    }  # fmt: skip


def test_tries_come_less_and_less_often() -> None:
    """From half a minute to six hours, and after seven days none."""
    waits = [wait_after(attempt) for attempt in range(1, 20)]
    assert waits[:3] == [timedelta(seconds=30), timedelta(minutes=1), timedelta(minutes=2)]
    assert waits == sorted(waits)
    assert waits[-1] == wait_after(10_000) == timedelta(hours=6)
    assert not is_to_end(None, NOW)
    assert not is_to_end(NOW - OFF_AFTER + timedelta(seconds=1), NOW)
    assert is_to_end(NOW - OFF_AFTER, NOW)
