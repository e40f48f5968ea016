"""How a delivery is signed, believed and read."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transifex_client.errors import DeliveryRefused, UnexpectedAnswer
from transifex_client.resources import EventType
from transifex_client.webhooks import LONGEST_AGE, Delivery, parse_delivery, sign, verify

# The vector that the API's notes carry, computed by hand.
SECRET = "s3cret"
URL = "https://hooks.example.org/tx"
DATE = "Fri, 01 Mar 2024 10:00:00 GMT"
BODY = (
    b'{"project": "primero-app-v2", "translated": 100, "resource": "enyml", '
    b'"event": "translation_completed", "language": "fr"}'
)
SIGNATURE = "LKgfVYsCcTMsWS0mEUYX3L5nmUqZZF+Gp8uPJMN5MfA="
NOW = datetime(2024, 3, 1, 10, 0, tzinfo=UTC)


def headers(**changes: str) -> dict[str, str]:
    return {"X-TX-Signature-V2": SIGNATURE, "X-TX-Url": URL, "Date": DATE} | {
        name.replace("_", "-"): value for name, value in changes.items()
    }


def signed(url: str = URL, date: str = DATE, body: bytes = BODY) -> dict[str, str]:
    return {"X-TX-Signature-V2": sign(SECRET, url, date, body), "X-TX-Url": url, "Date": date}


def check(given: dict[str, str], body: bytes = BODY, *, now: datetime = NOW) -> None:
    verify(given, body, secret=SECRET, url=URL, now=now)


def test_the_known_vector_is_signed_and_believed() -> None:
    """The signature is the one that the recipe gives, and it is accepted."""
    assert hashlib.md5(BODY, usedforsecurity=False).hexdigest() == "d763f568f147a51bbf434a96d1619b48"
    assert sign(SECRET, URL, DATE, BODY) == SIGNATURE
    check(headers())


def test_names_of_headers_come_in_any_case() -> None:
    """Servers lower the names of headers; a delivery is believed all the same."""
    check({name.lower(): value for name, value in headers().items()})


@pytest.mark.parametrize(
    "changed",
    [
        {"X_TX_Signature_V2": ""},
        {"X_TX_Signature_V2": SIGNATURE.lower()},
        {"X_TX_Signature_V2": SIGNATURE + "é"},
        {"X_TX_Signature_V2": base64.b64encode(b"x" * 32).decode()},
        {"X_TX_Url": URL + "/"},
        {"Date": "Fri, 01 Mar 2024 10:00:01 GMT"},
    ],
)
def test_what_was_changed_on_the_way_is_refused(changed: dict[str, str]) -> None:
    """A delivery whose signature, address or date is not the signed one is refused."""
    with pytest.raises(DeliveryRefused, match="signed"):
        check(headers(**changed))


@pytest.mark.parametrize("missing", ["X-TX-Signature-V2", "X-TX-Url", "Date"])
def test_a_missing_header_is_refused(missing: str) -> None:
    """Nothing that the signature needs may be absent."""
    given = headers()
    del given[missing]
    with pytest.raises(DeliveryRefused):
        check(given)


def test_another_body_is_refused_whatever_its_content_md5_says() -> None:
    """The digest is made of the bytes that came; the header that names one is not trusted."""
    with pytest.raises(DeliveryRefused):
        check(headers(Content_MD5="d763f568f147a51bbf434a96d1619b48"), BODY.replace(b"100", b"099"))


def test_another_secret_is_refused() -> None:
    """A delivery of a webhook with another secret is not believed."""
    with pytest.raises(DeliveryRefused):
        verify(headers(), BODY, secret="other", url=URL, now=NOW)


def test_a_delivery_for_somebody_else_is_refused() -> None:
    """A rightly signed delivery that was meant for another address is refused."""
    with pytest.raises(DeliveryRefused, match="another address"):
        check(signed(url="https://elsewhere.example/tx"))


@pytest.mark.parametrize("sign_of_time", [1, -1])
def test_a_date_far_from_now_is_refused(sign_of_time: int) -> None:
    """An old delivery may be a repetition, and one from the future is none of ours."""
    check(headers(), now=NOW + sign_of_time * LONGEST_AGE)
    with pytest.raises(DeliveryRefused, match="too far"):
        check(headers(), now=NOW + sign_of_time * (LONGEST_AGE + timedelta(seconds=1)))


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Fri, 99 Mar 2024 10:00:00 GMT", "Fri, 01 Mar 99999999999 10:00 GMT"]
)
def test_a_date_that_is_none_is_refused(date: str) -> None:
    """A signed date that cannot be read is refused, and nothing else is raised."""
    with pytest.raises(DeliveryRefused, match="cannot be read"):
        check(signed(date=date))


def test_a_date_without_a_zone_is_in_utc() -> None:
    """A date that names no zone is read as UTC, as HTTP's dates are."""
    check(signed(date="Fri, 01 Mar 2024 10:00:00 -0000"))


def test_an_empty_secret_proves_nothing() -> None:
    """Neither signing nor verifying is done with an empty secret, which anybody knows."""
    with pytest.raises(ValueError, match="empty secret"):
        sign("", URL, DATE, BODY)
    with pytest.raises(ValueError, match="empty secret"):
        verify(headers(), BODY, secret="", url=URL, now=NOW)


@given(st.text(min_size=1), st.text(), st.binary(), st.integers(0, 2**32))
def test_what_is_signed_is_believed(secret: str, url: str, body: bytes, seconds: int) -> None:
    """Signing and verifying are two sides of one recipe, for every secret, address, body and date."""
    now = datetime.fromtimestamp(seconds, UTC)
    date = format_datetime(now, usegmt=True)
    given = {"x-tx-signature-v2": sign(secret, url, date, body), "x-tx-url": url, "date": date}
    verify(given, body, secret=secret, url=url, now=now)
    with pytest.raises(DeliveryRefused):
        verify(given, body + b" ", secret=secret, url=url, now=now)


def said(**payload: object) -> Delivery:
    return parse_delivery(json.dumps(payload).encode())


def test_a_delivery_is_read() -> None:
    """Slugs, language, event and percent are read from the payload."""
    delivery = parse_delivery(BODY)
    assert delivery == Delivery(
        event="translation_completed",
        event_type=EventType.TRANSLATION_COMPLETED,
        project="primero-app-v2",
        resource="enyml",
        language="fr",
        percent=100,
    )


@pytest.mark.parametrize("event", ["translation_completed_updated", "translation_updated_completed"])
def test_the_event_of_two_names_is_one(event: str) -> None:
    """The event that a delivery spells otherwise than a webhook asks for it is known by both names."""
    delivery = said(project="app", event=event, translated=100)
    assert (delivery.event, delivery.event_type) == (event, EventType.TRANSLATION_UPDATED_COMPLETED)
    assert delivery.percent == 100


@pytest.mark.parametrize(
    ("payload", "percent"),
    [
        ({"event": "translation_completed", "translated": 99.5}, 99.5),
        ({"event": "review_completed", "reviewed": 100, "translated": 50}, 100),
        ({"event": "proofread_completed", "proofread": 100, "reviewed": 50}, 100),
        ({"event": "proofread_completed", "reviewed": 80}, 80),
        ({"event": "fillup_completed", "translation_memory": 40}, 40),
        ({"event": "fillup_completed", "translated": 41}, 41),
        ({"event": "translation_completed", "translated": "100"}, 100),
        ({"event": "translation_completed", "translated": True}, None),
        ({"event": "translation_completed", "translated": "all"}, None),
        ({"event": "translation_completed", "translated": [100]}, None),
        ({"event": "something_new", "translated": 7}, 7),
        ({"event": "review_completed"}, None),
    ],
)
def test_the_percent_stands_under_the_name_of_the_event(payload: dict[str, object], percent: float | None) -> None:
    """Each event names its percent after what it is about; what is no number is not said."""
    assert said(**payload).percent == percent


def test_unknown_events_and_keys_are_accepted() -> None:
    """An event that is not documented, keys that are new and values of another type are no trouble."""
    delivery = said(event="task_tag_exploded", project=5, language=None, resource="", is_final="yes", more={"a": 1})
    assert delivery == Delivery(event="task_tag_exploded", event_type=None, project="")
    assert said(event="review_completed", is_final=False).final is False


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b"\xff", b"[" * 100_000])
def test_what_is_no_object_is_unexpected(body: bytes) -> None:
    """A body that is no JSON object is one clear error."""
    with pytest.raises(UnexpectedAnswer, match="delivery"):
        parse_delivery(body)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1" + "0" * 400])
def test_a_percent_that_is_no_number_of_use_is_not_said(number: str) -> None:
    """Numbers that JSON of other makes can hold and that no percent is are left out."""
    assert parse_delivery(f'{{"event": "translation_completed", "translated": {number}}}'.encode()).percent is None
