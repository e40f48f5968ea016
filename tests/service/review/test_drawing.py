"""What is drawn of a form: controls by type, and what Primero shows where a translation is missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from extractors.units import Catalog, RecordKind
from service.review.drawing import Control, Drawing, Drawn, DrawnField, Instead, Text, draw
from service.review.layout import DRAWN_VALUES, Layout
from tests.support.catalogs import make_catalog
from tests.support.forms import CONFIGURATION, HOME, INTAKE, KIN, MANY, drawn_catalog, field, form

NOTHING: Mapping[str, str] = {}


def drawing(key: str = "form/intake", texts: Mapping[str, str] = NOTHING, catalog: Catalog | None = None) -> Drawing:
    """Draw a record of a catalog with some translations ``{key: text}``, given what it asks for and nothing else."""
    catalog = catalog or drawn_catalog()
    layout = Layout(catalog.records)
    records, values = layout.forms_in(key), layout.values_in(key)
    wanted = [
        Text(str(unit.key), position, unit.source, texts.get(str(unit.key)), "translated")
        for position, unit in enumerate(catalog.translatable())
        if unit.key.record_key in records or str(unit.key) in values
    ]
    return draw(layout, key, wanted)


def fields(found: Drawing) -> dict[str, DrawnField]:
    """Return the drawn fields of the first level by label."""
    return {source(each.label): each for each in found.fields}


def source(drawn: Drawn | None) -> str:
    """Return the source text of what is drawn."""
    assert drawn is not None
    assert drawn.text is not None
    return drawn.text.source


def every(found: Drawing) -> Iterator[Drawn]:
    """Yield each text in its place, subforms and all."""
    yield from (each for each in (found.title, found.group, *found.plain, *found.unseen) if each)
    yield from (choice.text for choice in found.choices)
    waiting = list(found.fields)
    while waiting:
        one = waiting.pop()
        yield from (each for each in (one.label, one.help_text, one.guidance, one.inner) if each)
        yield from (choice.text for choice in one.choices)
        waiting += one.fields


def test_each_type_has_its_control_in_the_order_of_the_form() -> None:
    """Fields come in the order of the form, each drawn by its type; a hidden one is not drawn."""
    found = drawing()
    assert [(source(each.label), each.control) for each in found.fields] == [
        ("Full name", Control.TEXT),
        ("Story", Control.TEXTAREA),
        ("Age", Control.NUMBER),
        ("Born", Control.DATE),
        ("Phone", Control.PHONE),
        ("Does the child agree?", Control.RADIO),
        ("Are you sure?", Control.TICK),
        ("Plain", Control.TICK),
        ("Sex", Control.SELECT),
        ("Countries", Control.SELECT),
        ("Place", Control.SELECT),
        ("Children", Control.TALLY),
        ("Second part", Control.SEPARATOR),
        ("Signature", Control.SIGNATURE),
        ("Photos", Control.UPLOAD),
        ("Family", Control.SUBFORM),
        ("Open the plan", Control.LINK),
    ]
    assert source(found.title) == "Intake"
    assert source(found.group) == "The start"


def test_an_asterisk_stands_where_primero_draws_one() -> None:
    """A required text field carries the mark, a required upload does not."""
    found = fields(drawing())
    assert found["Full name"].required
    assert not found["Age"].required
    assert not found["Photos"].required


@pytest.mark.parametrize(
    ("key", "instead", "own_word"),
    [
        ("form/intake/name", Instead.SOURCE, ""),
        ("lookup/lookup-form-group-cp-case/lookup_values/start", Instead.SOURCE, ""),
        ("form/intake/full_name/display_name", Instead.SOURCE, ""),
        ("form/intake/full_name/help_text", Instead.SOURCE, ""),
        ("form/intake/agree/option_strings_text/no", Instead.SOURCE, ""),
        ("lookup/lookup-sex/lookup_values/f", Instead.SOURCE, ""),
        ("form/intake/counted/tally/boys", Instead.SOURCE, ""),
        ("form/intake/part/display_name", Instead.SOURCE, ""),
        ("form/intake/kin/display_name", Instead.SOURCE, ""),
        ("form/kin_rows/kin_name/display_name", Instead.SOURCE, ""),
        ("form/intake/story/guiding_questions", Instead.NOTHING, ""),
        ("form/intake/sure/tick_box_label", Instead.OWN_WORD, "Yes"),
        ("form/intake/signed/signature_provided_by_label", Instead.OWN_WORD, "Signature provided by"),
        ("form/kin_rows/deeper/display_name", Instead.NOTHING, ""),
    ],
)
def test_what_stands_for_a_missing_text(key: str, instead: Instead, own_word: str) -> None:
    """Each kind of text falls to what Primero shows without it; where there is a translation nothing stands in."""
    (missing,) = (each for each in every(drawing()) if each.text and each.text.key == key)
    assert (missing.instead, missing.own_word) == (instead, own_word)
    (there,) = (each for each in every(drawing(texts={key: "là"})) if each.text and each.text.key == key)
    assert there.instead is None
    assert [piece.text for piece in there.target_pieces] == ["là"]


def test_primero_speaks_where_the_configuration_has_no_text() -> None:
    """A tick box without a label says "Yes", a date without help its format; nobody can translate these here."""
    found = fields(drawing())
    tick, help_text = found["Plain"].inner, found["Born"].help_text
    assert tick == Drawn(None, Instead.OWN_WORD, "Yes")
    assert help_text == Drawn(None, Instead.OWN_WORD, "dd-mmm-yyyy")
    assert found["Age"].help_text is None


def test_blank_is_not_missing() -> None:
    """A translation of spaces that normalisation leaves is drawn as it is, as Primero does."""
    found = fields(drawing(texts={"form/intake/age/display_name": "\N{NO-BREAK SPACE}"}))["Age"].label
    assert found is not None
    assert found.instead is None


def test_options_of_a_lookup_are_drawn_up_to_a_number() -> None:
    """A select shows the values of its lookup; of a long one the first and how many more."""
    found = fields(drawing())
    assert [source(each.text) for each in found["Sex"].choices] == ["Female", "Male"]
    assert (found["Sex"].lookup, found["Sex"].more) == ("lookup/lookup-sex", 0)
    long = found["Countries"]
    assert [source(each.text) for each in long.choices] == [f"Country {number}" for number in range(DRAWN_VALUES)]
    assert (long.lookup, long.more, long.many) == ("lookup/lookup-land", MANY - DRAWN_VALUES, True)
    assert (found["Place"].lookup, found["Place"].options_from, found["Place"].choices) == ("", "Location", ())


def test_a_lookup_that_is_not_there_is_named() -> None:
    """Options from a lookup that the configuration lacks: the field says from where."""
    select = field("x", "select_box", "X", option_strings_source="lookup lookup-gone")
    catalog = drawn_catalog({"FormSection": [form("f", "F", [select])], "Lookup": []})
    (found,) = drawing("form/f", catalog=catalog).fields
    assert (found.lookup, found.options_from) == ("", "lookup lookup-gone")


def test_a_field_with_both_kinds_of_options_shows_both() -> None:
    """No option is overlooked where a field has its own and a lookup."""
    own = [{"id": "o", "display_text": {"en": "Own"}, "disabled": True}]
    both = field("x", "select_box", "X", option_strings_source="lookup lookup-sex", option_strings_text_i18n=own)
    catalog = drawn_catalog({**CONFIGURATION, "FormSection": [form("f", "F", [both])]})
    (found,) = drawing("form/f", catalog=catalog).fields
    assert [(source(each.text), each.disabled) for each in found.choices] == [
        ("Own", True), ("Female", False), ("Male", False),
    ]  # fmt: skip


def test_a_subform_stands_under_the_title_of_its_field() -> None:
    """Its fields are drawn inside, subforms in it too; the subform's own name is not on the page."""
    found = drawing()
    kin = fields(found)["Family"]
    assert [source(each.label) for each in kin.fields] == ["Name of kin", "Homes"]
    assert [source(each.label) for each in kin.fields[1].fields] == ["Street"]
    assert [source(each) for each in found.unseen] == ["About the form", "Kin rows", "Home rows"]


def test_every_text_of_the_form_has_a_place_and_one_anchor() -> None:
    """Whatever a form and its subforms hold is somewhere on the page, and each text has one place links open at."""
    catalog = drawn_catalog()
    wanted = {
        str(unit.key)
        for unit in catalog.translatable()
        if unit.key.kind is RecordKind.FORM and unit.key.record != "other"
    }
    found = [each for each in every(drawing(catalog=catalog)) if each.text]
    anchored = [each.text.key for each in found if each.text and each.anchored]
    assert wanted <= set(anchored)
    assert len(anchored) == len(set(anchored))


def test_a_lookup_used_twice_is_drawn_twice_with_one_anchor() -> None:
    """Both selects show its values; a link to a value opens at the first."""
    picks = [field(name, "select_box", name, option_strings_source="lookup lookup-sex") for name in ("one", "two")]
    catalog = drawn_catalog({**CONFIGURATION, "FormSection": [form("f", "F", picks)]})
    found = drawing("form/f", catalog=catalog).fields
    assert [[choice.text.anchored for choice in each.choices] for each in found] == [[True, True], [False, False]]


def test_subforms_in_a_circle_end() -> None:
    """A subform that opens its own parent, or stands twice, is drawn once."""
    back = form("kin_rows", "Kin", [field("b", "subform", "Back", subform_unique_id="intake")], is_nested=True)
    twice = {**INTAKE, "fields_attributes": [
        field("one", "subform", "One", subform_unique_id="kin_rows"),
        field("two", "subform", "Two", subform_unique_id="kin_rows"),
    ]}  # fmt: skip
    found = fields(drawing(catalog=drawn_catalog({"FormSection": [twice, back], "Lookup": []})))
    assert [source(each.label) for each in found["One"].fields] == ["Back"]
    assert found["One"].fields[0].fields == ()
    assert (found["Two"].opens, found["Two"].fields) == ("form/kin_rows", ())


def test_a_subform_by_itself_knows_who_opens_it() -> None:
    """The page of a subform is its fields, and names the forms whose rows they are."""
    found = drawing("form/kin_rows")
    assert [source(each.label) for each in found.fields] == ["Name of kin", "Homes"]
    layout = Layout(drawn_catalog().records)
    assert layout.parents("form/kin_rows") == ("form/intake",)
    assert layout.parents("form/intake") == ()


def test_a_group_of_one_form_is_not_shown() -> None:
    """Primero shows no group that holds one form only; subforms and forms nobody sees do not count."""
    nested, hidden = {**KIN, "form_group_id": "start"}, form("h", "H", [], form_group_id="start", visible=False)
    alone = drawn_catalog({**CONFIGURATION, "FormSection": [INTAKE, nested, HOME, hidden]})
    assert drawing(catalog=alone).group is None


def test_a_lookup_is_the_list_of_its_values() -> None:
    """Every value in its order, however many, and the lookup's name."""
    found = drawing("lookup/lookup-land")
    assert source(found.title) == "Countries list"
    assert [source(each.text) for each in found.choices] == [f"Country {number}" for number in range(MANY)]
    assert found.unseen == ()


@pytest.mark.parametrize("known", [True, False], ids=["record without types", "record unknown"])
def test_without_types_the_texts_stand_in_their_order(known: bool) -> None:
    """A source that tells no types, or nothing of the form, gives a plain list, marked so."""
    keys = {"form/f/name": "F", "form/f/x/display_name": "X", "form/f/x/guiding_questions": "Why?"}
    catalog = make_catalog(keys)
    layout = Layout(catalog.records if known else ())
    texts = [Text(key, place, text, None, "untranslated") for place, (key, text) in enumerate(keys.items())]
    found = draw(layout, "form/f", texts)
    assert not found.layout_known
    assert source(found.title) == "F"
    assert [(source(each), each.instead) for each in found.plain] == [
        ("X", Instead.SOURCE), ("Why?", Instead.NOTHING),
    ]  # fmt: skip


def test_a_type_we_do_not_know_is_drawn_all_the_same() -> None:
    """An unknown type keeps its label and help, and none of its texts is lost."""
    odd: dict[str, Any] = field(
        "x", "hologram", "X", option_strings_text_i18n=[{"id": "a", "display_text": {"en": "A"}}]
    )
    found = drawing("form/f", catalog=drawn_catalog({"FormSection": [form("f", "F", [odd])], "Lookup": []}))
    assert (found.fields[0].control, found.fields[0].type) == (Control.OTHER, "hologram")
    assert [source(each) for each in found.unseen] == ["A"]
