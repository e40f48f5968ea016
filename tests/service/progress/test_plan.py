"""Who is told of a deadline, and of what."""

from __future__ import annotations

from datetime import date

from service.progress.plan import Hand, OpenLanguage, Share, plan_shares

SOON, LATER = date(2026, 3, 9), date(2026, 3, 14)
FR = OpenLanguage("fr", LATER, to_translate=3, words=12, to_review=2)
AR = OpenLanguage("ar", SOON, to_translate=0, words=0, to_review=4)


def hand(*, translates: str = "", reviews: str = "", coordinates: bool = False) -> Hand:
    """Return what somebody can do, by codes in a row."""
    return Hand(frozenset(translates.split()), frozenset(reviews.split()), coordinates)


def test_whoever_can_act_is_told_of_what_waits_for_them() -> None:
    """A translator of texts to translate, a reviewer of texts to review, a specialist of all."""
    people = {
        "translator": hand(translates="fr ar"),
        "reviewer": hand(reviews="ar fr"),
        "both": hand(translates="fr", reviews="fr"),
        "specialist": hand(coordinates=True),
    }
    found = plan_shares([FR, AR], people, due={"fr", "ar"})
    assert found == {
        "translator": [Share(FR, translate=3)],
        "reviewer": [Share(AR, review=4), Share(FR, review=2)],
        "both": [Share(FR, translate=3, review=2)],
        "specialist": [Share(AR, review=4), Share(FR, translate=3, review=2)],
    }


def test_whoever_cannot_act_is_left_alone() -> None:
    """Other languages, nothing to do, or nothing that is due today."""
    people = {
        "other": hand(translates="es", reviews="es"),
        "nothing left": hand(translates="ar"),
        "not due": hand(translates="fr"),
    }
    assert plan_shares([FR, AR], people, due={"ar"}) == {}


def test_one_letter_tells_of_everything_that_is_near() -> None:
    """Who is told because of one language hears of the others too, the nearest first; a day done whole is left out."""
    found = plan_shares([FR, AR], {"reviewer": hand(reviews="fr ar")}, due={"ar"})
    assert [share.language.locale for share in found["reviewer"]] == ["ar", "fr"]
