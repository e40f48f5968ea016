"""By which way a unit can reach Primero, row by row of what was measured there."""

import pytest

from extractors.units import UnitKey
from service.catalog.rules.carrier import Carrier, find_carrier, find_tagged_sets, looks_like_date
from tests.support.catalogs import make_catalog

OPTION = "form/f/colour/option_strings_text/"
VALUE = "lookup/l/lookup_values/"
TALLY = "form/f/count/tally/"


def carrier(key: str, *, tagged: tuple[str, ...] = ()) -> Carrier:
    catalog = make_catalog({key: "Text", **{other: "Text" for other in tagged}}, tagged=tagged)
    return find_carrier(UnitKey.parse(key), find_tagged_sets(catalog))


@pytest.mark.parametrize(
    "key",
    [
        "form/f/name",
        "form/f/description",
        "form/f/colour/display_name",
        "form/f/colour/help_text",
        "form/f/colour/guiding_questions",
        "form/f/colour/tick_box_label",
        "form/f/colour/signature_provided_by_label",
        "lookup/l/name",
        f"{OPTION}red",
        f"{VALUE}red",
        f"{OPTION}true",
        f"{VALUE}1_000",
    ],
)
def test_ordinary_texts_go_both_ways(key: str) -> None:
    """Plain texts and options of untagged sets arrive by YAML (quoted) and by the API."""
    assert carrier(key) is Carrier.BOTH


def test_a_forms_help_text_goes_by_yaml_only() -> None:
    """Primero's API drops it silently."""
    assert carrier("form/f/help_text") is Carrier.YAML


@pytest.mark.parametrize("key", [f"{OPTION}2020-01-01", f"{VALUE}2020-01-01"])
def test_date_like_option_ids_go_by_the_api_only(key: str) -> None:
    """They are read from Primero's database as dates, which no YAML key matches."""
    assert carrier(key) is Carrier.API


@pytest.mark.parametrize("base", [OPTION, VALUE])
def test_options_of_a_set_with_tags_go_by_yaml_only(base: str) -> None:
    """The API would drop the tags of every option of the set, also where another option carries them."""
    assert carrier(f"{base}red", tagged=(f"{base}blue",)) is Carrier.YAML
    assert carrier(f"{base}red", tagged=(f"{base}red",)) is Carrier.YAML


@pytest.mark.parametrize("base", [OPTION, VALUE])
def test_date_like_ids_in_a_set_with_tags_cannot_be_delivered(base: str) -> None:
    """Neither way is left; the other options of the set still go by YAML."""
    tagged = (f"{base}blue",)
    assert carrier(f"{base}2020-01-01", tagged=tagged) is Carrier.NONE
    assert carrier(f"{base}red", tagged=tagged) is Carrier.YAML


def test_tally_labels_go_by_the_api_only() -> None:
    """YAML would take them as a list alone, which adds unknown ids; with tags, no way is left."""
    assert carrier(f"{TALLY}boys") is Carrier.API
    assert carrier(f"{TALLY}boys", tagged=(f"{TALLY}girls",)) is Carrier.NONE


def test_tags_of_one_set_do_not_touch_another() -> None:
    """A field's own options, its tally, another field and another lookup are sets of their own."""
    tagged = (f"{OPTION}blue", f"{VALUE}blue")
    assert carrier("form/f/shape/option_strings_text/red", tagged=tagged) is Carrier.BOTH
    assert carrier("form/f/colour/tally/red", tagged=tagged) is Carrier.API
    assert carrier("lookup/m/lookup_values/red", tagged=tagged) is Carrier.BOTH
    assert carrier("lookup/l/name", tagged=tagged) is Carrier.BOTH


def test_tagged_sets_are_named_like_the_units_option_sets() -> None:
    """Also where ids need percent-encoding."""
    key = "form/a%20form/a%2Ffield/option_strings_text/x"
    assert find_tagged_sets(make_catalog({key: "X"}, tagged=[key])) == {UnitKey.parse(key).option_set}
    value = "lookup/a%20lookup/lookup_values/x"
    assert find_tagged_sets(make_catalog({value: "X"}, tagged=[value])) == {UnitKey.parse(value).option_set}


@pytest.mark.parametrize(
    ("option", "date"),
    [
        ("2020-01-01", True),
        ("2020-01-01 10:00:00", True),
        ("2020-1-1T10:00:00Z", True),
        ("2020-01-01 10:00:00.5 +02:00", False),
        ("2020-01-01T10:00:00.5+02:00", True),
        ("2020-01-01T10:00:00+0200", True),
        ("2020-01", False),
        ("20200101", False),
        ("12:30", False),
        ("2020-01-01\n", False),
        ("2020-01-01_x", False),
        ("٢٠٢٠-٠١-٠١", False),
        ("", False),
    ],
)
def test_what_primero_reads_as_a_date(option: str, date: bool) -> None:
    """A full date, or a date with a time to the second; nothing shorter, nothing longer, ASCII digits only."""
    assert looks_like_date(option) is date
