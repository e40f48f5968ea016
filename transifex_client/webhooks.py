"""Deliveries of webhooks: how they are signed, how one is verified, what it says. Pure.

Transifex signs ``POST``, the address, the date and the MD5 of the body, each on a line of its own, with HMAC-SHA256
and the webhook's secret key; the signature travels as base64. Sources: the header names are in Transifex's OpenAPI
document, the recipe is that of the public receivers. A delivery may come twice or never: act on it by looking at
Transifex, not by believing what it says.
"""

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from transifex_client.errors import DeliveryRefused, UnexpectedAnswer
from transifex_client.resources import EventType

SIGNATURE_HEADER = "X-TX-Signature-V2"
URL_HEADER = "X-TX-Url"
DATE_HEADER = "Date"
LONGEST_AGE = timedelta(minutes=10)

# In a delivery this event is spelt the other way round (three independent receivers agree).
_SPELT_OTHERWISE = {"translation_completed_updated": EventType.TRANSLATION_UPDATED_COMPLETED}
_PERCENTS = {
    EventType.REVIEW_COMPLETED: ("reviewed",),
    EventType.PROOFREAD_COMPLETED: ("proofread", "reviewed"),
    EventType.FILLUP_COMPLETED: ("translation_memory", "translated"),
}


def sign(secret: str, url: str, date: str, body: bytes) -> str:
    """Return the signature (version 2) of a delivery.

    Args:
        secret: the webhook's secret key.
        url: the address it is sent to, as in ``X-TX-Url``.
        date: the ``Date`` header, as it is sent.
        body: the body, as it is sent.

    Raises:
        ValueError: the secret is empty: such a signature proves nothing.
    """
    if not secret:
        raise ValueError("A delivery cannot be signed or verified with an empty secret.")
    digest = hashlib.md5(body, usedforsecurity=False).hexdigest()
    signed = "\n".join(("POST", url, date, digest)).encode(errors="surrogatepass")
    return base64.b64encode(hmac.new(secret.encode(errors="surrogatepass"), signed, hashlib.sha256).digest()).decode(
        "ascii"
    )


def verify(
    headers: Mapping[str, str],
    body: bytes,
    *,
    secret: str,
    url: str,
    now: datetime,
    longest_age: timedelta = LONGEST_AGE,
) -> None:
    """Make sure that Transifex sent this delivery, to us, and lately. ``Content-MD5`` is not read.

    Args:
        headers: those of the request; names in any case.
        body: the bytes of the request, untouched.
        secret: the webhook's secret key.
        url: our own address, exactly as the webhook was given it.
        now: the time, aware.
        longest_age: how far its date may lie from ``now``, in either direction.

    Raises:
        DeliveryRefused: something of that is not so.
        ValueError: the secret is empty.
    """
    named = {name.lower(): value for name, value in headers.items()}
    given, sent_to, date = (named.get(name.lower(), "") for name in (SIGNATURE_HEADER, URL_HEADER, DATE_HEADER))
    if not _same(given, sign(secret, sent_to, date, body)):
        raise DeliveryRefused("The delivery is not signed with this webhook's secret key.")
    if not _same(sent_to, url):
        raise DeliveryRefused("The delivery was sent to another address than this webhook's.")
    if abs(now - _moment(date)) > longest_age:
        raise DeliveryRefused("The delivery's date lies too far from now: it may have been sent before.")


def _same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(errors="surrogatepass"), right.encode(errors="surrogatepass"))


def _moment(date: str) -> datetime:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError) as error:
        raise DeliveryRefused("The delivery's date cannot be read.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a delivery says. Project, resource and language are slugs and a code, not ids.

    Attributes:
        event: the event's name as it was sent.
        event_type: the event that a webhook can ask for, None for one that is not known.
        project: slug; "" where it is not said.
        resource: slug, None where it is not said.
        language: code, None where it is not said.
        percent: how far the language is in what the event is about (translated, reviewed, proofread), None if not said.
        final: whether nothing is left to do, None where it is not said.
    """

    event: str
    event_type: EventType | None
    project: str
    resource: str | None = None
    language: str | None = None
    percent: float | None = None
    final: bool | None = None


def parse_delivery(body: bytes) -> Delivery:
    """Return what a delivery says. Unknown events and keys are no trouble, nor is a known key of another type.

    Raises:
        UnexpectedAnswer: the body is not a JSON object.
    """
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnexpectedAnswer("The delivery is not JSON.") from error
    if not isinstance(said, dict):
        raise UnexpectedAnswer("The delivery is not a JSON object.")
    event = _text(said, "event") or ""
    event_type = _event_type(event)
    names = _PERCENTS.get(event_type, ("translated",)) if event_type is not None else ("translated",)
    final = said.get("is_final")
    return Delivery(
        event=event,
        event_type=event_type,
        project=_text(said, "project") or "",
        resource=_text(said, "resource"),
        language=_text(said, "language"),
        percent=next((percent for name in names if (percent := _percent(said.get(name))) is not None), None),
        final=final if isinstance(final, bool) else None,
    )


def _event_type(event: str) -> EventType | None:
    if event in _SPELT_OTHERWISE:
        return _SPELT_OTHERWISE[event]
    try:
        return EventType(event)
    except ValueError:
        return None


def _text(said: Mapping[str, object], name: str) -> str | None:
    value = said.get(name)
    return value if isinstance(value, str) and value else None


def _percent(value: object) -> float | None:
    """Return a number, or a text that is one, as a number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
