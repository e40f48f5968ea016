import pytest

from extractors.units import UnitKey
from service.checks.engine import Severity, TextPair, check_text
from service.checks.limits import Limit, find_limit


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("Name of caregiver", "x" * 80, "fr"),
        ("Name of caregiver", "و" * 80, "ar"),
        ("Describe the services that were given", "Voir", "fr"),
        ("Describe the services that were given", "দেখুন", "bn"),
        ("Name of caregiver", "字" * 40, "cmn"),
    ],
)
def test_a_text_far_too_long_or_short_is_found(found, source, target, locale):
    """Something was added, or something is missing."""
    assert len(found("length_ratio", source, target, locale)) == 1


@pytest.mark.parametrize(
    ("source", "target", "locale"),
    [
        ("Record Owner", "Propriétaire de l'enregistrement", "fr"),
        ("Age", "x" * 90, "fr"),
        ("Gender-based violence", "VBG", "fr"),
        ("UASC case plan", "Plan pour les enfants non accompagnés et séparés de leurs familles", "fr"),
        ("Name of the caregiver", "照顾者姓名", "cmn"),
        ("Name of the caregiver", "ስም", "xx"),
    ][:-1],
)
def test_languages_may_be_longer_and_shorter(found, source, target, locale):
    """Compounds, acronyms and Chinese need other room."""
    assert found("length_ratio", source, target, locale) == ()


OPTION = UnitKey.parse("form/f/q/option_strings_text/a")
LABEL = UnitKey.parse("form/f/q/display_name")


@pytest.mark.parametrize(
    ("key", "field_type", "length", "locale", "severity"),
    [
        (OPTION, "select_box", 33, "fr", None),
        (OPTION, "select_box", 34, "fr", Severity.INFORMS),
        (OPTION, "select_box", 81, "fr", Severity.WARNS),
        (OPTION, "radio_button", 31, "fr", Severity.WARNS),
        (OPTION, "radio_button", 29, "fr", None),
        (OPTION, "radio_button", 29, "ar", Severity.WARNS),
        (OPTION, "radio_button", 24, "am-ET", Severity.WARNS),
        (OPTION, "radio_button", 34, "km", None),
        (OPTION, "radio_button", 36, "hi-IN", None),
        (OPTION, "radio_button", 15, "cmn", Severity.WARNS),
        (LABEL, "text_field", 200, "fr", None),
        (LABEL, "text_field", 201, "fr", Severity.WARNS),
        (LABEL, "subform", 101, "fr", Severity.WARNS),
        (UnitKey.parse("form/f/name"), None, 61, "fr", Severity.INFORMS),
        (UnitKey.parse("lookup/l/name"), None, 81, "fr", Severity.INFORMS),
        (UnitKey.parse("form/f/q/guiding_questions"), "text_field", 5000, "fr", None),
        (UnitKey.parse("form/f/q/tally/boys"), "tally_field", 21, "fr", Severity.WARNS),
    ],
)
def test_what_does_not_fit_is_found_by_its_width(key, field_type, length, locale, severity):
    """Each kind of text has its place, and a letter of Ethiopic script needs more of it than one of Khmer."""
    pair = TextPair.of(key, "x", "ب" * length, locale, field_type=field_type)
    (*found,) = (finding.severity for finding in check_text(pair) if finding.check_id == "max_length")
    assert found == ([] if severity is None else [severity])


def test_a_text_may_always_be_somewhat_longer_than_its_source():
    """English itself is over some limits."""
    pair = TextPair.of(OPTION, "y" * 100, "x" * 130, "fr", field_type="radio_button")
    assert "max_length" not in {finding.check_id for finding in check_text(pair)}
    assert Limit(10, 20).grown(100) == Limit(130, 130)


@pytest.mark.parametrize(
    ("key", "nested", "limit"),
    [
        ("form/f/name", False, Limit(28, 60, severe=False)),
        ("form/f/name", True, Limit(15, 40, severe=False)),
        ("lookup/lookup-workflow/lookup_values/new", False, Limit(16, 30)),
        ("lookup/lookup-form-group-cp-case/lookup_values/a", False, Limit(24, 50)),
        ("lookup/l/name", False, Limit(40, 80, severe=False)),
    ],
)
def test_the_place_follows_from_the_key(key, nested, limit):
    """Names of nested forms and tight lookups have little room."""
    assert find_limit(UnitKey.parse(key), nested=nested) == limit


def test_length_never_blocks():
    """However long it is."""
    pair = TextPair.of(OPTION, "Yes", "oui " * 5000, "fr", field_type="radio_button")
    assert Severity.BLOCKS not in {finding.severity for finding in check_text(pair)}
