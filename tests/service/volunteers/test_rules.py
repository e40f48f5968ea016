"""How a volunteer stands, and what a registration must hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.volunteers.models import VolunteerRole
from service.volunteers.rules import QUIET_AFTER, Facts, VolunteerState, parse_registration, state_of

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
RECENT, LONG_AGO = NOW - timedelta(days=3), NOW - QUIET_AFTER - timedelta(seconds=1)
KNOWN = ["ar", "ku-IQ", "fr"]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Facts(), VolunteerState.REGISTERED),
        (Facts(instructed_at=LONG_AGO), VolunteerState.INSTRUCTED),
        (Facts(joined_at=RECENT), VolunteerState.JOINED),
        (Facts(instructed_at=LONG_AGO, joined_at=LONG_AGO), VolunteerState.QUIET),
        (Facts(joined_at=LONG_AGO, wrote_at=RECENT), VolunteerState.ACTIVE),
        (Facts(joined_at=RECENT, wrote_at=NOW - QUIET_AFTER), VolunteerState.ACTIVE),
        (Facts(joined_at=RECENT, wrote_at=LONG_AGO), VolunteerState.QUIET),
        (Facts(wrote_at=RECENT), VolunteerState.ACTIVE),
        (Facts(joined_at=LONG_AGO, left_at=RECENT), VolunteerState.LEFT),
        (Facts(left_at=RECENT, wrote_at=LONG_AGO), VolunteerState.LEFT),
        (Facts(left_at=LONG_AGO, wrote_at=RECENT), VolunteerState.ACTIVE),
    ],
)
def test_the_last_thing_done_says_how_somebody_stands(facts: Facts, expected: VolunteerState) -> None:
    """Registered, instructed, joined, active, quiet, left; whoever writes after leaving is there again."""
    assert state_of(facts, NOW) is expected


def test_a_registration_is_tidied() -> None:
    """Spaces go, codes may be written as Transifex does, in any case and with any separator; each counts once."""
    found = parse_registration(
        {"name": "  Sara   Ali ", "email": " sara@example.org ", "languages": "AR; ku_iq, ar|fr", "role": "Reviewer"},
        KNOWN,
    )
    assert found.name == "Sara Ali"
    assert found.email == "sara@example.org"
    assert found.languages == ("ar", "ku-IQ", "fr")
    assert found.role is VolunteerRole.REVIEWER
    assert parse_registration({"transifex": "sara", "languages": "ar"}, KNOWN).role is VolunteerRole.TRANSLATOR


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"name": "Sara", "languages": "ar"}, "an e-mail address or a Transifex username is needed"),
        ({"email": "sara", "languages": "ar"}, "'sara' is no e-mail address"),
        ({"email": "sara@localhost", "languages": "ar"}, "no e-mail address"),
        ({"email": "a@b.org\r\nBcc: x@y.org", "languages": "ar"}, "no e-mail address"),
        ({"email": "a@b.org, c@d.org", "languages": "ar"}, "no e-mail address"),
        ({"email": "<a@b.org>", "languages": "ar"}, "no e-mail address"),
        ({"email": "a@b.org" + "x" * 300, "languages": "ar"}, "no e-mail address"),
        ({"transifex": "https://x", "languages": "ar"}, "no Transifex username"),
        ({"transifex": "sara"}, "a language is needed"),
        ({"transifex": "sara", "languages": "de"}, "'de' is no language of this deployment, which has ar, fr, ku-IQ"),
        ({"transifex": "sara", "languages": "ar", "role": "boss"}, "'boss' is no role: use translator"),
        ({"transifex": "sara", "languages": "ar", "name": "x" * 201}, "the name is longer than 200"),
        ({"transifex": "sara", "languages": "ar", "note": "a\u202eb"}, "cannot be shown"),
    ],
)
def test_what_cannot_be_registered_is_told_why(cells: dict[str, str], said: str) -> None:
    """One sentence for each thing that is wrong."""
    with pytest.raises(ValueError, match=said):
        parse_registration(cells, KNOWN)
