"""Texts on their way in: found in a source, imported, pulled."""

from datetime import timedelta

import pytest
from sqlmodel import select

from service.catalog.models import Conflict, Origin, State, Translation
from service.catalog.rules.overwrite import Outcome
from service.checks.service import list_findings
from tests.support.workshop import Workshop, key_of

CONSENT = {"agree": "I agree", "refuse": "I refuse"}


@pytest.fixture
def workshop(workshop: Workshop) -> Workshop:
    """A deployment with a source."""
    workshop.import_source(CONSENT)
    return workshop


# --- found in a source ---------------------------------------------------------------------------------------------


def test_texts_found_in_a_source_fill_only_pairs_that_have_no_text(workshop: Workshop) -> None:
    """A text that is there stays, also when the source brings another one."""
    workshop.import_texts({"agree": "J'accepte"})
    workshop.import_source({**CONSENT, "more": "More"}, texts={"fr": {"agree": "D'accord", "refuse": "Je refuse"}})
    assert (workshop.text("agree"), workshop.text("refuse")) == ("J'accepte", "Je refuse")
    assert workshop.translation("agree").origin is Origin.IMPORT


def test_texts_already_live_in_primero_enter_as_translated_origin_live_author_unknown(workshop: Workshop) -> None:
    """Nobody approved them here, and any reviewer may."""
    workshop.import_source({**CONSENT, "more": "More"}, texts={"fr": {"agree": "J'accepte"}})
    translation = workshop.translation("agree")
    assert (translation.state, translation.origin, translation.author_id) == (State.TRANSLATED, Origin.LIVE, None)
    assert translation.written_on == workshop.unit("agree").source_hash


def test_differing_texts_of_a_source_are_listed(workshop: Workshop) -> None:
    """With both texts, so that somebody can choose."""
    from service.review.service.policies import enter_source_texts

    workshop.import_texts({"agree": "J'accepte"})
    catalog = workshop.catalog(CONSENT, texts={"fr": {"agree": "D'accord"}})
    report = workshop.act(lambda s, d, now: enter_source_texts(s, d, catalog, "fr", now=now))
    assert report.counts() == {"kept-other": 1, "unknown": 0}
    assert [(t.key, t.outcome, t.ours, t.theirs) for t in report.listed] == [
        (key_of("agree"), Outcome.KEPT_OTHER, "J'accepte", "D'accord")
    ]


# --- imported ------------------------------------------------------------------------------------------------------


def test_imported_texts_have_the_author_unknown(workshop: Workshop) -> None:
    """The person who imports is not the author, so may approve them as any reviewer."""
    workshop.import_texts({"agree": "J'accepte"})
    assert workshop.translation("agree").author_id is None
    workshop.approve("specialist", "agree")
    assert workshop.state("agree") is State.APPROVED


def test_an_import_replaces_what_is_neither_approved_nor_in_conflict(workshop: Workshop) -> None:
    """What waits, is stale or rejected is replaced; the decision stays with the old pair."""
    workshop.import_texts({"agree": "Non", "refuse": "Oui"})
    workshop.reject("reem", "agree")
    report = workshop.import_texts({"agree": "J'accepte", "refuse": "Je refuse"})
    assert (report.written, report.listed) == (2, [])
    assert (workshop.text("agree"), workshop.state("agree")) == ("J'accepte", State.TRANSLATED)
    workshop.import_texts({"agree": "Non"})
    assert workshop.state("agree") is State.REJECTED


def test_approved_texts_are_listed_and_kept_unless_told_to_replace_them(workshop: Workshop) -> None:
    """Replaced, the text waits; brought back, it is approved again."""
    workshop.import_texts({"agree": "J'accepte"})
    workshop.approve("reem", "agree")
    report = workshop.import_texts({"agree": "D'accord"})
    assert [(text.outcome, text.ours, text.theirs) for text in report.listed] == [
        (Outcome.KEPT_APPROVED, "J'accepte", "D'accord")
    ]
    assert workshop.text("agree") == "J'accepte"
    workshop.import_texts({"agree": "D'accord"}, replace_approved=True)
    assert (workshop.text("agree"), workshop.state("agree")) == ("D'accord", State.TRANSLATED)
    workshop.import_texts({"agree": "J'accepte"})
    assert workshop.state("agree") is State.APPROVED


def test_texts_in_conflict_are_listed_and_kept_unless_told_to_replace_them(workshop: Workshop) -> None:
    """Replacing ours leaves the conflict open, and shows the text that ours has become."""
    workshop.import_texts({"agree": "J'accepte"})
    workshop.pull({"agree": "D'accord"})
    report = workshop.import_texts({"agree": "Oui"})
    assert [text.outcome for text in report.listed] == [Outcome.KEPT_CONFLICT]
    assert workshop.text("agree") == "J'accepte"
    workshop.import_texts({"agree": "Oui"}, replace_approved=True)
    assert workshop.text("agree") == "Oui"
    (conflict,) = workshop.conflicts()
    assert (conflict.our_text, conflict.their_text, conflict.resolved_at) == ("Oui", "D'accord", None)


def test_an_equal_hash_changes_no_author_no_date_no_state(workshop: Workshop) -> None:
    """On no way in; not even the original changes."""
    workshop.pull({"agree": "J'accepte"})
    workshop.approve("reem", "agree")
    before = workshop.translation("agree")
    workshop.import_texts({"agree": " J'accepte\r\n"}, replace_approved=True)
    workshop.import_source({**CONSENT, "more": "M"}, texts={"fr": {"agree": "J'accepte "}})
    assert workshop.translation("agree") == before
    workshop.pull({"agree": "J'accepte\t"}, author="omar")
    after = workshop.translation("agree")
    assert (after.text, after.author_id, after.written_at, after.state, after.version, after.changed_at) == (
        before.text, before.author_id, before.written_at, before.state, before.version, before.changed_at,
    )  # fmt: skip


def test_a_blank_in_a_file_erases_nothing(workshop: Workshop) -> None:
    """Neither "" nor spaces, nor what only looks like a text; and it makes no row where there was none."""
    workshop.import_texts({"agree": "J'accepte"})
    report = workshop.import_texts({"agree": " \n\u00a0", "refuse": ""}, replace_approved=True)
    assert report.counts() == {"blank": 2, "unknown": 0}
    assert workshop.text("agree") == "J'accepte"
    assert workshop.look(lambda s: len(s.exec(select(Translation)).all())) == 1


def test_keys_that_nobody_has_are_named_and_retired_units_are_such(workshop: Workshop) -> None:
    """The rest of the file enters."""
    workshop.import_source({"refuse": "I refuse"}, allow_removals=True)
    report = workshop.import_texts({"agree": "J'accepte", "refuse": "Je refuse", "form/x/name": "X"})
    assert report.unknown == [key_of("agree"), "form/x/name"]
    assert report.written == 1


def test_characters_that_no_database_can_hold_are_replaced_and_reported(workshop: Workshop) -> None:
    """NUL and lone surrogates become U+FFFD before anything else; that text is the original, and is blocked."""
    report = workshop.import_texts({"agree": "J'\0accepte", "refuse": "Je \ud800refuse"})
    assert report.replaced_characters == [key_of("agree"), key_of("refuse")]
    assert (workshop.text("agree"), workshop.text("refuse")) == ("J'\ufffdaccepte", "Je \ufffdrefuse")
    assert workshop.translation("agree").blocked


def test_a_text_is_checked_on_its_way_in_together_with_its_option_set(workshop: Workshop) -> None:
    """An option that takes the text of another blocks both; correcting one frees both."""
    red, blue = "lookup/l/lookup_values/red", "lookup/l/lookup_values/blue"
    workshop.import_source({**CONSENT, red: "Red", blue: "Blue"}, allow_removals=True)
    workshop.import_texts({red: "Rouge"})
    workshop.import_texts({blue: "rouge"})
    assert workshop.translation(red).blocked
    assert workshop.translation(blue).blocked
    found = workshop.look(lambda s: list_findings(s, [workshop.translation(red).id or 0]))
    assert [finding.check_id for findings in found.values() for finding in findings] == ["option_duplicate"]
    workshop.correct("reem", blue, "Bleu")
    assert not workshop.translation(red).blocked
    assert not workshop.translation(blue).blocked


def test_an_import_is_in_the_audit_with_its_counts(workshop: Workshop) -> None:
    """Who, which locale, how many of what; no text and no name."""
    workshop.import_texts({"agree": "J'accepte", "refuse": ""})
    entry = workshop.audit()[-1]
    assert (entry.action, entry.subject, entry.person_id) == ("translations.import", "fr", "specialist")
    assert entry.detail == {"replace_approved": False, "filled": 1, "blank": 1, "unknown": 0}


def test_a_large_batch_enters_whole(workshop: Workshop) -> None:
    """More texts than fit one question to the database."""
    many = {f"field{number}": f"Text number {number}" for number in range(420)}
    workshop.import_source({**CONSENT, **many})
    report = workshop.import_texts({name: f"Texte numéro {name[5:]}" for name in many})
    assert report.counts() == {"filled": 420, "unknown": 0}
    assert workshop.look(lambda s: len(s.exec(select(Translation).where(Translation.state == "translated")).all()))


# --- pulled --------------------------------------------------------------------------------------------------------


def test_a_pulled_text_replaces_ours_also_when_ours_is_approved(workshop: Workshop) -> None:
    """The approval stays with the old pair, and counts again when the old text is back."""
    workshop.push_source()
    workshop.pull({"agree": "J'accepte"})
    workshop.approve("reem", "agree")
    assert workshop.pull({"agree": "D'accord"}).counts() == {"replaced": 1, "unknown": 0}
    assert workshop.state("agree") is State.TRANSLATED
    workshop.pull({"agree": "J'accepte"})
    assert workshop.state("agree") is State.APPROVED


def test_a_pulled_text_has_its_translator_as_author(workshop: Workshop) -> None:
    """Whom it keeps from approving it."""
    workshop.pull({"agree": "J'accepte"})
    translation = workshop.translation("agree")
    assert (translation.author_id, translation.origin) == ("volunteer", Origin.TRANSIFEX)
    assert translation.written_at == workshop.now - timedelta(seconds=1)


def test_the_services_own_transifex_user_never_is_an_author(workshop: Workshop) -> None:
    """Also where the token belongs to somebody who has an account here."""
    workshop.pull({"agree": "J'accepte"}, author="reem", own=True)
    assert workshop.translation("agree").author_id is None


def test_a_text_pulled_before_our_new_source_was_pushed_is_stale(workshop: Workshop) -> None:
    """It was written on the source that Transifex has, not on ours."""
    workshop.push_source()
    workshop.import_source({**CONSENT, "agree": "I agree to all"})
    workshop.pull({"agree": "J'accepte"})
    assert workshop.state("agree") is State.STALE
    workshop.push_source()
    workshop.pull({"agree": "J'accepte tout"})
    assert workshop.state("agree") is State.TRANSLATED


def test_the_blank_that_our_push_of_a_changed_source_leaves_erases_nothing(workshop: Workshop) -> None:
    """The text stays and is stale; the volunteer's new one replaces it."""
    workshop.push_source()
    workshop.pull({"agree": "J'accepte"})
    workshop.import_source({**CONSENT, "agree": "I agree to all"})
    workshop.push_source()
    for _ in range(3):
        assert workshop.pull({"agree": ""}).counts() == {"kept-ours": 1, "unknown": 0}
    assert (workshop.text("agree"), workshop.state("agree")) == ("J'accepte", State.STALE)
    assert workshop.pull({"agree": "J'accepte tout"}).counts() == {"replaced": 1, "unknown": 0}


def test_a_source_that_went_there_and_back_erases_nothing(workshop: Workshop) -> None:
    """Transifex dropped the text under the source in between, which we never pulled under."""
    workshop.push_source()
    workshop.pull({"agree": "J'accepte"})
    for source in ("I agree to all", "I agree"):
        workshop.import_source({**CONSENT, "agree": source})
        workshop.push_source()
    assert workshop.pull({"agree": ""}).counts() == {"kept-ours": 1, "unknown": 0}
    assert workshop.text("agree") == "J'accepte"


def test_a_blank_that_a_person_made_replaces_ours_and_is_listed(workshop: Workshop) -> None:
    """Pushed, seen, then gone: somebody emptied it. The decisions on it are kept for its return."""
    workshop.push_source()
    workshop.pull({"agree": "J'accepte"})
    workshop.approve("reem", "agree")
    report = workshop.pull({"agree": ""})
    assert [(text.outcome, text.ours) for text in report.listed] == [(Outcome.EMPTIED, "J'accepte")]
    assert (workshop.text("agree"), workshop.state("agree")) == (None, State.UNTRANSLATED)
    workshop.pull({"agree": "J'accepte"})
    assert workshop.state("agree") is State.APPROVED


def test_both_sides_changed_is_a_conflict_and_nothing_is_overwritten(workshop: Workshop) -> None:
    """An open record beside the state, with both texts; newer texts of theirs are taken up, once."""
    workshop.push_source()
    workshop.pull({"agree": "J'accepte"})
    workshop.correct("reem", "agree", "Je suis d'accord")
    report = workshop.pull({"agree": "D'accord"})
    assert [text.outcome for text in report.listed] == [Outcome.CONFLICT]
    workshop.pull({"agree": "Bien d'accord"})
    assert workshop.text("agree") == "Je suis d'accord"
    assert workshop.state("agree") is State.TRANSLATED
    (conflict,) = workshop.conflicts()
    assert (conflict.our_text, conflict.their_text, conflict.their_author_id) == (
        "Je suis d'accord", "Bien d'accord", "volunteer",
    )  # fmt: skip


def test_a_conflict_ends_by_itself_when_both_sides_agree(workshop: Workshop) -> None:
    """The volunteer took our text over: nothing is left to choose."""
    workshop.push_source()
    workshop.import_texts({"agree": "J'accepte"})
    workshop.pull({"agree": "D'accord"})
    workshop.pull({"agree": "J'accepte"})
    (conflict,) = workshop.conflicts()
    assert (conflict.resolution, conflict.resolved_by) == ("agreed", None)
    assert workshop.pull({"agree": "J'accepte"}).counts() == {"equal": 1, "unknown": 0}


def test_an_equal_text_written_anew_on_the_new_source_is_no_longer_stale(workshop: Workshop) -> None:
    """Once, and only by a person after our push of that source; author and date stay."""
    workshop.push_source()
    workshop.pull({"agree": "J'accepte"})
    workshop.import_source({**CONSENT, "agree": "I do agree"})
    workshop.push_source()
    assert workshop.pull({"agree": "J'accepte"}, origin="TM").counts() == {"equal": 1, "unknown": 0}
    assert workshop.state("agree") is State.STALE
    assert workshop.pull({"agree": "J'accepte"}, author="omar").counts() == {"rewritten": 1, "unknown": 0}
    assert (workshop.state("agree"), workshop.translation("agree").author_id) == (State.TRANSLATED, "volunteer")
    assert workshop.pull({"agree": "J'accepte"}, author="omar").counts() == {"equal": 1, "unknown": 0}


def test_reviewed_on_transifex_is_shown_never_taken_as_approval(workshop: Workshop) -> None:
    """The mark comes and goes with each pull; the state does not move."""
    workshop.pull({"agree": "J'accepte"}, reviewed=True)
    assert workshop.translation("agree").reviewed_on_transifex
    assert workshop.state("agree") is State.TRANSLATED
    workshop.pull({"agree": "J'accepte"})
    assert not workshop.translation("agree").reviewed_on_transifex


def test_a_blank_where_there_never_was_a_text_leaves_no_trace(workshop: Workshop) -> None:
    """Most strings of a new language are blank."""
    assert workshop.pull({"agree": "", "refuse": ""}).counts() == {"equal": 2, "unknown": 0}
    assert workshop.look(lambda s: s.exec(select(Translation)).all()) == []


def test_nothing_is_known_of_a_text_sent_until_it_is_recorded(workshop: Workshop) -> None:
    """A correction back to the text before is a change of ours, which the text just sent does not replace."""
    from extractors.texts import text_hash
    from service.catalog.service.texts import record_sent_text
    from service.review.service.deciding import find_pair

    workshop.push_source()
    workshop.pull({"agree": "J'accepte"})
    workshop.correct("reem", "agree", "D'accord")

    def sent(session: object, deployment: object, now: object) -> None:
        pair = find_pair(session, deployment, "fr", key_of("agree"))  # type: ignore[arg-type]
        record_sent_text(
            pair.translation,
            sent_hash=text_hash("D'accord"),
            pushed_source_hash=pair.unit.pushed_source_hash,
            now=now,  # type: ignore[arg-type]
        )

    workshop.act(sent)
    workshop.correct("reem", "agree", "J'accepte")
    assert workshop.pull({"agree": "D'accord"}, own=True, origin="UPLOAD").counts() == {"kept-ours": 1, "unknown": 0}
    assert workshop.look(lambda s: s.exec(select(Conflict)).all()) == []
