import dataclasses
import inspect
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.units import UnitKey
from service.checks import engine
from service.checks.engine import (
    CHECKS,
    OptionSetCheck,
    Severity,
    TextCheck,
    TextPair,
    UnknownCheck,
    check_option_set,
    check_text,
    get_check,
    run_checks,
)

ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=["Cs"]), st.sampled_from("%{}<>&;@./:+05٥ \n\u202e\u2067\u2069\t")
    ),
    max_size=40,
)


def test_ids_are_unique_and_found_by_name():
    """Every check answers to its id, and no two share one."""
    assert len({check.id for check in CHECKS}) == len(CHECKS)
    assert all(get_check(check.id) is check for check in CHECKS)


def test_an_unknown_id_is_a_clear_lookup_error():
    """The message repeats the id and lists what there is."""
    with pytest.raises(UnknownCheck, match="no check 'blnak'; the checks are blank, control_chars"):
        get_check("blnak")


def test_the_severities_are_those_agreed():
    """What blocks and what only warns is part of the agreement with reviewers."""
    warns = {check.id for check in CHECKS if check.severity is Severity.WARNS}
    assert warns == {"html_mismatch", "numbers", "unchanged"}
    assert not [check.id for check in CHECKS if check.severity is Severity.INFORMS]


def test_sentences_are_sentences():
    """The reviewer reads one sentence: a capital letter at the start, one full stop, at the end."""
    for check in CHECKS:
        assert check.sentence[0].isupper()
        assert check.sentence.endswith(".")
        assert ". " not in check.sentence


def test_no_check_is_missing_from_the_catalogue():
    """Every check defined in a family is registered once."""
    families = [module for _, module in inspect.getmembers(engine, inspect.ismodule) if "families" in module.__name__]
    defined = {
        value.id
        for module in families
        for _, value in inspect.getmembers(module, lambda member: isinstance(member, TextCheck | OptionSetCheck))
    }
    assert defined == {check.id for check in CHECKS}


@given(ANY_TEXT, ANY_TEXT, st.sampled_from(["fr", "ar", "ku-IQ", "km", "cmn", "xx"]))
def test_findings_on_any_text_are_well_formed(source, target, locale):
    """Whatever the texts: no error, ranges inside the target, the check's own severity, one-line messages."""
    for finding in check_text(TextPair("k", source, target, locale)):
        assert 0 <= finding.start <= finding.end <= len(target)
        assert finding.severity is get_check(finding.check_id).severity
        assert finding.message.endswith(".")


@given(ANY_TEXT)
def test_a_text_never_blocks_against_itself_but_for_signs_that_are_wrong_anywhere(text):
    """Markup, links, numbers and whole placeholders of the source may stand in the target."""
    ids = {finding.check_id for finding in check_text(TextPair("k", text, text, "en"))}
    assert ids <= {"blank", "control_chars", "bidi_unbalanced"}


def test_findings_cannot_be_changed():
    """A finding is data that may be shared."""
    (finding,) = check_text(TextPair("k", "Age", "", "fr"))
    with pytest.raises(dataclasses.FrozenInstanceError):
        finding.start = 5


def test_a_pair_is_normalised_and_knows_its_set():
    """Texts as they came are normalised, the original is kept, and the key gives property and option set."""
    key = UnitKey.parse("form/f/sex/option_strings_text/a%20b")
    pair = TextPair.of(key, "Other\r\n", " e\u0301tat ", "fr")
    assert (pair.source, pair.target, pair.original) == ("Other", "état", " e\u0301tat ")
    assert (pair.key, pair.prop, pair.option_set) == (str(key), "option_strings_text", "form/f/sex/option_strings_text")
    assert TextPair.of(UnitKey.parse("form/f/name"), "a", "b", "fr").option_set is None


def test_a_disabled_check_is_silent():
    """A check that a deployment switched off finds nothing, alone, in a set, and in a run; the others go on."""
    pair = TextPair("a", "5 %{x}", "6", "fr", option_set="s")
    twin = TextPair("b", "6 %{x}", "6", "fr", option_set="s")
    assert [f.check_id for f in check_text(pair, disabled={"placeholder_mismatch"})] == ["numbers"]
    assert check_text(TextPair("a", "x", "", "fr"), disabled=["blank"]) == ()
    assert check_option_set([pair, twin], disabled={"option_duplicate"}) == {"a": (), "b": ()}
    run = run_checks([pair, twin], "fr", disabled={"option_duplicate", "numbers"})
    assert [f.check_id for findings in run.values() for f in findings] == ["placeholder_mismatch"] * 2


def test_a_run_gives_every_pair_its_findings_in_catalogue_order():
    """Set findings are merged with the text's own; pairs in order; nothing wrong is an empty tuple."""
    pairs = [
        TextPair("s/1", "One 1", "اثنان ٢", "ar", option_set="s"),
        TextPair("t/1", "One", "اثنان ٢", "ar", option_set="t"),
        TextPair("x", "Name", "الاسم", "ar"),
        TextPair("s/2", "Two 2", "اثنان ٢", "ar", option_set="s"),
    ]
    run = run_checks(pairs, "ar")
    assert {key: [f.check_id for f in findings] for key, findings in run.items()} == {
        "s/1": ["option_duplicate", "numbers"],
        "t/1": ["numbers"],
        "x": [],
        "s/2": ["option_duplicate"],
    }
    assert list(run) == ["s/1", "t/1", "x", "s/2"]


def test_a_run_equals_its_parts():
    """Checking one text and one set after a correction gives what a whole run would give."""
    pairs = [TextPair(f"s/{i}", f"Option {i}", f"Choix {i // 2 * 2}", "fr", option_set="s") for i in range(6)]
    run, sets = run_checks(pairs, "fr"), check_option_set(pairs)
    for pair in pairs:
        assert set(run[pair.key]) == {*check_text(pair), *sets[pair.key]}
        assert sets[pair.key]


def test_a_run_over_two_locales_is_refused():
    """Keys name a text within one locale only, so mixing them would lose findings."""
    with pytest.raises(ValueError, match="a is a text in ar, not in fr"):
        run_checks([TextPair("a", "x", "y", "ar")], "fr")


@pytest.mark.parametrize(
    "fragment",
    [
        "<a ",
        "<a on",
        "1 ",
        "a.",
        "%{",
        "{",
        "%  {",
        "}a{",
        "12-",
        "a@",
        "&lt;",
        "1,",
        "+1 ",
        "http://",
        "\u202b\u2069",
        "٣",
    ],
)
def test_no_text_makes_a_check_slow(fragment):
    """A hostile text of 20,000 characters takes time in proportion to its length, not to its square."""
    text = (fragment * 20_000)[:20_000]
    for source in ("x", text):
        started = time.perf_counter()
        check_text(TextPair("k", source, text, "ar"))
        assert time.perf_counter() - started < 2
