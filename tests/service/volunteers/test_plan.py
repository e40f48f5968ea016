"""Plans: what a file of volunteers changes, and how the team on Transifex differs from who is registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from service.volunteers.models import VolunteerRole
from service.volunteers.plan import Known, OtherRole, Outcome, Registered, Seen, plan_import, plan_team

T, R = VolunteerRole.TRANSLATOR, VolunteerRole.REVIEWER
LOCALES = ["ar", "fr"]


def row(line: int = 2, **cells: str) -> tuple[int, Mapping[str, str]]:
    return line, {"languages": "ar", **cells}


def plan(rows: list[Any], *known: Known) -> list[tuple[Outcome, str]]:
    return [(each.outcome, each.why) for each in plan_import(rows, known, LOCALES)]


def test_each_row_is_answered_and_one_bad_row_stops_no_other() -> None:
    """Added, unchanged and refused stand beside each other, in the order of the file."""
    sara = Known("p1", email="Sara@example.org", languages={"ar": T})
    answers = plan([row(email="sara@EXAMPLE.org"), row(email="x"), row(email="omar@example.org")], sara)
    assert [outcome for outcome, _ in answers] == [Outcome.UNCHANGED, Outcome.REFUSED, Outcome.ADDED]


@pytest.mark.parametrize(
    "cells",
    [{"name": "Sara"}, {"transifex": "sara"}, {"note": "evenings"}, {"languages": "ar fr"}, {"role": "reviewer"}],
)
def test_what_a_row_tells_anew_changes_somebody(cells: dict[str, str]) -> None:
    """A name, a username, a note, another language, another role; what the row leaves out stays."""
    sara = Known("p1", name="S.", email="sara@example.org", note="x", languages={"ar": T})
    assert plan([row(email="sara@example.org", **cells)], sara) == [(Outcome.CHANGED, "")]
    assert plan([row(email="sara@example.org")], sara) == [(Outcome.UNCHANGED, "")]


def test_somebody_who_left_comes_back_by_a_new_registration() -> None:
    """The same row again is then a change."""
    gone = Known("p1", email="sara@example.org", languages={"ar": T}, left=True)
    assert plan([row(email="sara@example.org")], gone) == [(Outcome.CHANGED, "")]


def test_a_volunteer_of_another_deployment_is_added_as_the_same_person() -> None:
    """One person, two deployments."""
    elsewhere = Known("p1", email="sara@example.org", languages=None)
    (answer,) = plan_import([row(email="sara@example.org")], [elsewhere], LOCALES)
    assert (answer.outcome, answer.person_id) == (Outcome.ADDED, "p1")


def test_two_rows_of_one_person_are_refused_by_line() -> None:
    """The second names the first."""
    answers = plan([row(2, email="a@b.org"), row(3, email="A@B.org"), row(4, transifex="x"), row(5, transifex="x")])
    assert answers[1] == (Outcome.REFUSED, "line 2 has the same e-mail address")
    assert answers[3] == (Outcome.REFUSED, "line 4 has the same username")


def test_address_and_username_that_were_two_persons_become_one() -> None:
    """Registered by address first, seen on Transifex later: the row says that they are one."""
    sara, author = Known("p1", email="s@x.org", languages={"ar": T}), Known("p2", transifex="sara")
    (answer,) = plan_import([row(email="s@x.org", transifex="sara")], [sara, author], LOCALES)
    assert (answer.outcome, answer.person_id, answer.merge_into) == (Outcome.CHANGED, "p1", "p2")


@pytest.mark.parametrize(
    ("registered", "author", "said"),
    [
        ({"transifex": "other"}, {}, "this person is other on Transifex here"),
        ({}, {"email": "else@x.org"}, "sara is registered here with another address"),
        ({"has_account": True}, {}, "this person signs in here"),
    ],
)
def test_two_who_cannot_be_one_are_refused(registered: dict[str, Any], author: dict[str, Any], said: str) -> None:
    """Another username, another address, or an account whose decisions name the person."""
    known = [
        Known("p1", email="s@x.org", languages={"ar": T}, **registered),
        Known("p2", **{"transifex": "sara", **author}),
    ]
    (answer,) = plan_import([row(email="s@x.org", transifex="sara")], known, LOCALES)
    assert answer.outcome is Outcome.REFUSED
    assert said in answer.why


def test_another_username_for_an_address_is_refused() -> None:
    """A username is never exchanged silently: the texts of the old one have an author."""
    sara = Known("p1", email="s@x.org", transifex="sara", languages={"ar": T})
    assert plan([row(email="s@x.org", transifex="other")], sara) == [
        (Outcome.REFUSED, "this address belongs to sara on Transifex here")
    ]


def team(registered: list[Registered], seen: list[Seen]) -> Any:
    return plan_team(registered, seen, {"ar": "ar", "fr": "fr_FR"}, own_users=["bot"])


def test_who_is_missing_there_is_put_in_or_invited() -> None:
    """With a username the service does it, in Transifex's language; without one a person must; else it is told."""
    found = team(
        [
            Registered(1, "p1", "sara", {"fr": R}),
            Registered(2, "p2", "", {"ar": T, "fr": T}),
            Registered(3, "p3", "omar", {"ku": T}),
        ],
        [],
    )
    assert [(each.username, each.locale, each.language, each.role) for each in found.additions] == [
        ("sara", "fr", "fr_FR", R)
    ]
    assert found.invitations == {2: ["ar", "fr"]}
    assert found.unmapped == {3: ["ku"]}
    assert found.candidates == {}


def test_who_is_there_but_not_here_is_a_candidate() -> None:
    """With the languages and roles seen; the service's own user never is one."""
    found = team([Registered(1, "p1", "sara", {"ar": T})], [Seen("new", "ar", "translator"), Seen("bot", "ar", "x")])
    assert found.candidates == {"new": {"ar": "translator"}}


def test_who_came_and_who_went_is_told() -> None:
    """Seen for the first time, seen no more, seen again, and still there although taken out here."""
    found = team(
        [
            Registered(1, "p1", "first", {"ar": T}),
            Registered(2, "p2", "gone", {"ar": T}, joined=True),
            Registered(3, "p3", "back", {"ar": T}, joined=True, left=True),
            Registered(4, "p4", "out", {"ar": T}, left=True),
            Registered(5, "p5", "away", {"ar": T}, joined=True, left=True),
        ],
        [Seen(name, "ar", "translator") for name in ("first", "back", "out")],
    )
    assert (found.joined, found.gone, found.lingering) == ([1, 3], [2], [4])
    assert found.additions == []


def test_another_role_there_is_told_and_not_changed() -> None:
    """A person decides which one is right."""
    found = team([Registered(1, "p1", "sara", {"ar": T})], [Seen("sara", "ar", "reviewer")])
    assert found.other_roles == [OtherRole(1, "sara", "ar", T, "reviewer")]
    assert found.additions == []
