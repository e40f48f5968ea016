import pytest

from service.checks.engine import Scope, TextGroup, TextPair, check_group


def group(scope, *texts, options=False, prop="display_name", locale="fr"):
    members = [
        TextPair(str(n), source, target, locale, prop=prop, option_set=f"s{n}" if options else None)
        for n, (source, target) in enumerate(texts)
    ]
    found = check_group(scope, TextGroup(members))
    return {(int(key), finding.check_id) for key, findings in found.items() for finding in findings}


def same(*targets, source="Case status", **facts):
    return group(Scope.SOURCE, *((source, target) for target in targets), **facts)


def test_the_odd_one_among_equal_sources_is_shown():
    """Where most say one thing, the one that does not."""
    assert same("Statut du cas", "Statut du cas", "Situation") == {(2, "inconsistent")}
    assert same("حالة القضية", "وضع الملف", "حالة القضية", locale="ar") == {(1, "inconsistent")}


def test_where_nothing_is_usual_all_are_shown():
    """Two against two."""
    assert same("Statut du cas", "Situation") == {(0, "inconsistent"), (1, "inconsistent")}


@pytest.mark.parametrize(
    "targets",
    [("Statut", "statut."), ("Référé", "Référée"), ("Statut",), ("Statut", "Statut"), ("Vu\u00a0:", "Vu :")],
)
def test_differences_of_form_are_left_alone(targets):
    """Case, marks, spaces, and endings that grammar asks for."""
    assert same(*targets) == set()


@pytest.mark.parametrize(
    ("source", "targets", "locale", "odd"),
    [
        ("Yes", ("نعم", "نعم", "أجل"), "ar", 2),
        ("Unknown", ("نامعلوم", "نامعلوم", "نامشخص"), "fa-AF", 2),
        ("Other", ("Autre", "Divers", "Autre"), "fr", 1),
        ("No", ("না", "না", "নয়"), "bn", 2),
    ],
)
def test_an_answer_said_otherwise_in_one_list_is_found(source, targets, locale, odd):
    """Yes, No, Unknown and Other ought to be the same word everywhere."""
    assert same(*targets, source=source, options=True, locale=locale) == {(odd, "option_parity")}


def test_answers_may_be_inflected_and_refined():
    """Feminine endings and an added noun are grammar, not another word."""
    assert same("Inconnu", "Inconnu", "Inconnue", source="Unknown", options=True) == set()
    assert same("Autre", "Autre", "Autre lien", source="Other", options=True) == set()


def test_two_questions_of_one_form_with_one_translation_are_found():
    """Nobody could tell them apart."""
    texts = [("Incident Location", "Lieu"), ("Age", "Âge"), ("Type of place", "Lieu")]
    assert group(Scope.RECORD, *texts) == {(0, "reused"), (2, "reused")}
    arabic = [("Guardian", "ولي الأمر"), ("Parent", "ولي الأمر")]
    assert group(Scope.RECORD, *arabic, locale="ar") == {(0, "reused"), (1, "reused")}


@pytest.mark.parametrize(
    ("texts", "prop"),
    [
        ([("Follow Up", "Suivi"), ("Follow Ups", "Suivi")], "display_name"),
        ([("Name", "Nom"), ("Name:", "Nom")], "display_name"),
        ([("Sister", "খালা"), ("Aunt", "খালা")], "option_strings_text"),
        ([("Name", "Nom"), ("Age", "Âge")], "display_name"),
    ],
)
def test_texts_that_mean_the_same_may_be_translated_the_same(texts, prop):
    """A plural, a mark; options are another check's."""
    assert group(Scope.RECORD, *texts, prop=prop) == set()
