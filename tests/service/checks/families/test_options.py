import unicodedata

import pytest

from service.checks.engine import Scope, TextGroup, TextPair, check_group


def option_set(*texts, locale="ku"):
    return [
        TextPair(f"lookup/l/lookup_values/{place}", source, target, locale, option_set="lookup/l/lookup_values")
        for place, (source, target) in enumerate(texts)
    ]


def check_option_set(members, untranslated=()):
    return check_group(Scope.OPTION_SET, TextGroup(members, untranslated))


def flagged(*texts):
    found = check_option_set(option_set(*texts))
    return sorted(int(key.rpartition("/")[2]) for key in found)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("پور", "پور"),
        ("Violence", " violence "),
        ("Très élevé", "TRÈS  ÉLEVÉ"),
        ("café", unicodedata.normalize("NFD", "café")),
        ("نعم", "نعم\u200f"),
        ("বাংলা", "বাংলা"),
        ("ខ្មែរ", "ខ្មែរ\u200b"),
    ],
)
def test_two_options_that_look_alike_are_both_found(one, other):
    """Case, spaces, Unicode form and invisible marks do not make a difference that anybody could see."""
    assert flagged(("Aunt (father's side)", one), ("Cousin", "ئامۆزا"), ("Aunt (mother's side)", other)) == [0, 2]


@pytest.mark.parametrize(
    "texts",
    [
        [("Yes", "بەڵێ"), ("No", "نەخێر")],
        [("Other", "أخرى"), ("Other", "أخرى")],
        [("Other", "أخرى"), ("other ", "أخرى")],
        [("Yes", ""), ("No", " ")],
        [("want", "می\u200cخواهم"), ("wants", "میخواهم")],
        [("Sister", "খালা"), ("Brother", "খালু")],
        [("One", "Un")],
        [],
    ],
)
def test_options_that_can_be_told_apart_are_left_alone(texts):
    """Different, untranslated, or alike already in the source: no finding."""
    assert flagged(*texts) == []


def test_a_finding_names_the_other_option_in_the_source_language():
    """The reviewer learns with which option the text collides."""
    found = check_option_set(option_set(("Uncle", "مام"), ("Brother", "مام"), ("Uncle", "مام")))
    messages = [findings[0].message for findings in found.values()]
    assert [("“Brother”" in message, "“Uncle”" in message) for message in messages] == [
        (True, False),
        (False, True),
        (True, False),
    ]


def test_a_list_half_translated_is_said_once():
    """At its first translated option, naming what is missing; a whole list and an untouched one stay silent."""
    members = option_set(("Yes", "بەڵێ"), ("No", "نەخێر"))
    found = check_option_set(members, ["Unknown"])
    assert {key: [finding.check_id for finding in findings] for key, findings in found.items()} == {
        members[0].key: ["option_set_incomplete"]
    }
    (finding,) = found[members[0].key]
    assert "“Unknown” has no translation" in finding.message
    assert (finding.start, finding.end) == (0, len(members[0].target))
    assert check_option_set(members) == {}
    assert check_option_set([], ["Yes", "No"]) == {}


def test_a_long_list_of_missing_options_is_cut():
    """Three are named, the others counted."""
    found = check_option_set(option_set(("One", "یەک")), ["Two", "Three", "Four", "Five", "Six"])
    ((finding,),) = found.values()
    assert "“Two”, “Three”, “Four” and 2 more have no translation" in finding.message
