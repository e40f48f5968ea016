import ast
import dataclasses
import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.units import UnitKey
from service.checks import catalogue, source_lint
from service.checks.engine import (
    CHECKS,
    GroupCheck,
    Scope,
    Severity,
    TextCheck,
    TextGroup,
    TextPair,
    UnknownCheck,
    check_group,
    check_text,
    get_check,
    run_checks,
)
from service.web.languages import LANGUAGES, words_in
from service.web.telling import in_words
from tests.support.patience import given_up_after
from tools.messages import extract

LONG = 400_000
BLOCKING = """
    blank control_chars bidi_unbalanced placeholder_mismatch placeholder_invented placeholder_damaged html_introduced
    links_introduced option_duplicate term_forbidden
"""
INFORMING = """
    inconsistent end_punctuation latin_punct_rtl brackets caps repeated_word digits_policy kashida double_space
    edge_whitespace bidi_marks
"""
SEVERITIES = list(Severity)
FAMILIES = [module for _, module in inspect.getmembers(catalogue, inspect.ismodule) if "families" in module.__name__]
SAYING = {"say": 1, "say_many": 2, "word": 1}
"""What is said in other languages, with how many forms of it are written."""
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
    by_severity = {severity: {check.id for check in CHECKS if check.severity is severity} for severity in Severity}
    assert by_severity[Severity.BLOCKS] == set(BLOCKING.split())
    assert by_severity[Severity.INFORMS] == set(INFORMING.split())


def test_sentences_are_sentences():
    """The reviewer reads one sentence: a capital letter at the start, one full stop, at the end."""
    for check in CHECKS:
        assert check.sentence[0].isupper()
        assert check.sentence.endswith(".")
        assert ". " not in check.sentence


def test_no_check_is_missing_from_the_catalogue():
    """Every check defined in a family is registered once."""
    defined = {
        value.id
        for module in FAMILIES
        for _, value in inspect.getmembers(module, lambda member: isinstance(member, TextCheck | GroupCheck))
    }
    assert defined == {check.id for check in CHECKS}


@given(ANY_TEXT, ANY_TEXT, st.sampled_from(["fr", "ar", "ku-IQ", "km", "cmn", "xx"]))
def test_findings_on_any_text_are_well_formed(source, target, locale):
    """Whatever the texts: no error, ranges inside the target, no harsher than the check, one-line messages."""
    for finding in check_text(TextPair("k", source, target, locale)):
        assert 0 <= finding.start <= finding.end <= len(target)
        # A check may be milder than it says, never harsher.
        assert SEVERITIES.index(finding.severity) >= SEVERITIES.index(get_check(finding.check_id).severity)
        assert finding.message.endswith(".")


@pytest.fixture(scope="module")
def messages():
    """Return every sentence that the catalogs hold."""
    return {one for message in extract() for one in (message.id if isinstance(message.id, tuple) else [message.id])}


@given(ANY_TEXT, ANY_TEXT, st.sampled_from(["fr", "ar", "ku-IQ", "km", "cmn"]))
def test_findings_on_any_text_are_told_in_every_language(source, target, locale):
    """Whatever the texts: a page in another language says no word of its own in English."""
    for finding in check_text(TextPair("k", source, target, locale)):
        for lang in ("fr", "ar"):
            assert finding.said is not None
            assert 'lang="en"' not in in_words(finding.said, words_in(LANGUAGES[lang]), {})


@pytest.mark.parametrize("module", [*FAMILIES, source_lint], ids=lambda module: module.__name__.rpartition(".")[2])
def test_all_that_a_check_says_is_in_the_catalogs(module, messages):
    """Sentences and words of ours are written out where they are said, so that they are found for the catalogs."""
    calls = [
        call
        for call in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in SAYING
    ]
    assert calls
    for call in calls:
        for sentence in call.args[: SAYING[call.func.id]]:
            assert isinstance(sentence, ast.Constant)
            assert sentence.value in messages


@given(ANY_TEXT)
def test_a_text_never_blocks_against_itself_but_for_signs_that_are_wrong_anywhere(text):
    """Markup, links, numbers and whole placeholders of the source may stand in the target."""
    found = check_text(TextPair("k", text, text, "en"))
    assert {finding.check_id for finding in found if finding.severity is Severity.BLOCKS} <= {
        "blank",
        "control_chars",
        "bidi_unbalanced",
    }


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
    assert check_group(Scope.OPTION_SET, TextGroup([pair, twin]), disabled={"option_duplicate"}) == {}
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
    run, sets = run_checks(pairs, "fr"), check_group(Scope.OPTION_SET, TextGroup(pairs))
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
def test_no_text_stops_the_checks(fragment):
    """A hostile text is done with, however long it is: no pattern goes back over it again and again.

    In proportion to its length it takes a second or two; the mildest pattern that goes back takes longer than a minute.
    """
    text = (fragment * LONG)[:LONG]
    for source in ("x", text):
        with given_up_after(60):
            check_text(TextPair("k", source, text, "ar"))
