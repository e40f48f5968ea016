"""What was decided here reaches Transifex: once, and whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.catalog.models import ConflictResolution, OutboxKind, RejectReason, State
from service.sync.models import RunState
from tests.support.syncing import BOT, Intercept, World
from transifex_client.sandbox.faults import recreate_project
from transifex_client.sandbox.state import TranslationState
from transifex_client.wire import httpx

NAME = "form/consent/name"
AGE = "form/consent/age/display_name"
SEX = "lookup/lookup-sex/lookup_values/f"
SOURCES = {NAME: "Consent", AGE: "Age", SEX: "Female"}
TEXTS = {NAME: "Consentement", AGE: "Âge", SEX: "Femme"}


class Killed(BaseException):
    """The process dies here."""


@pytest.fixture
def story(world: World) -> World:
    """A world in which every text is translated there and was pulled."""
    world.bring(SOURCES)
    world.push()
    world.translate(TEXTS)
    world.pull()
    return world


def there(world: World, key: str, language: str = "fr") -> TranslationState:
    found = world.theirs(key, language)
    assert found is not None
    return found


def sees(world: World, key: str) -> tuple[str, bool]:
    """Return the text on Transifex and whether it is marked as reviewed."""
    found = there(world, key)
    return found.strings["other"], found.reviewed


def refusing(method: str, *marks: str, status: int = 403, detail: str = "Not in your plan.") -> Intercept:
    """Refuse requests of this method whose address or body holds every mark."""

    def intercept(request: httpx.Request) -> httpx.Response | None:
        seen = str(request.url) + request.read().decode("utf-8", "replace")
        if request.method != method or not all(mark in seen for mark in marks):
            return None
        body = {"errors": [{"status": str(status), "code": "x", "title": "X", "detail": detail}]}
        return httpx.Response(status, json=body)

    return intercept


def die_after(world: World, method: str, path: str) -> None:
    """Let one such request arrive, and die before its answer does."""

    def intercept(request: httpx.Request) -> httpx.Response | None:
        if request.method == method and request.url.path.startswith(path):
            world.intercept = lambda _request: None
            world.arrive(request)
            raise Killed
        return None

    world.intercept = intercept


def quiet(world: World) -> None:
    """Make sure that sending once more tells Transifex nothing."""
    world.requests.clear()
    report = world.push()
    assert report.outcome["sent"]["items"] == []
    assert {request.method for request in world.requests} == {"GET"}
    assert report.state is RunState.NO_CHANGES


def test_an_approval_sets_the_mark_once(story: World) -> None:
    """A text approved here is marked as reviewed there, and the next push says nothing."""
    story.approve(NAME)
    report = story.push()
    assert sees(story, NAME) == ("Consentement", True)
    assert there(story, NAME).translator == "amina"
    assert report.outcome["sent"]["marked"] == 1
    assert "1 marked as reviewed" in report.message
    ours = story.ours(NAME)
    assert ours is not None
    assert ours.reviewed_on_transifex
    assert story.outbox() == []
    quiet(story)


def test_a_correction_replaces_the_text_there_and_comes_back_as_ours(story: World) -> None:
    """A corrected text is sent; the pull after it finds it equal, with the reviewer as its author still."""
    story.correct(NAME, "Accord")
    report = story.push()
    assert sees(story, NAME) == ("Accord", False)
    assert "1 texts" in report.message
    story.pull()
    ours = story.ours(NAME)
    assert ours is not None
    assert (ours.text, ours.state, ours.author_id) == ("Accord", State.TRANSLATED, "test-reviewer")
    assert story.deployment().service_username == BOT
    quiet(story)


def test_a_correction_and_its_approval_go_in_one_body(story: World) -> None:
    """Text and mark are sent in one request: a new text alone would clear the mark."""
    story.correct(NAME, "Accord")
    story.approve(NAME, by="other")
    story.requests.clear()
    story.push()
    assert sees(story, NAME) == ("Accord", True)
    patches = [request for request in story.requests if request.method == "PATCH"]
    assert len([request for request in patches if "resource_translations" in request.url.path]) == 1
    assert story.outbox() == []


def test_a_correction_back_and_forth_is_kept_at_every_step(story: World) -> None:
    """A correction back to the earlier text is sent too; the one sent before never comes back over it."""
    for text in ("Accord", "Consentement", "Accord"):
        story.correct(NAME, text)
        story.push()
        assert sees(story, NAME)[0] == text
        story.pull()
        assert story.text(NAME) == text
    story.correct(NAME, "Consentement")
    story.pull()
    assert story.text(NAME) == "Consentement"
    assert story.conflicts() == []
    story.push()
    assert sees(story, NAME)[0] == "Consentement"
    quiet(story)


def test_what_was_taken_back_before_it_was_sent_is_not_sent(story: World) -> None:
    """Rows about a text that is another by now are closed unsent."""
    story.correct(NAME, "Accord")
    story.correct(NAME, "Consentement")
    story.requests.clear()
    report = story.push()
    assert not [request for request in story.requests if request.method == "PATCH"]
    assert report.outcome["sent"]["superseded"] == 1
    assert [row.problem for row in story.outbox(done=True)] == ["Our text is another by now.", ""]
    assert story.outbox() == []


def test_an_approval_taken_back_leaves_the_mark(story: World) -> None:
    """The mark is cleared on a rejection only."""
    story.approve(NAME)
    story.push()
    (decision,) = {row.id for row in story.decisions(NAME)}
    story.reopen(NAME, decision)
    quiet(story)
    assert sees(story, NAME) == ("Consentement", True)


def test_a_rejection_clears_the_mark_and_opens_one_issue(story: World) -> None:
    """The volunteer reads the reason and the comment beside the string, and no name; a second push adds nothing."""
    story.approve(NAME)
    story.push()
    story.reject(NAME, reason=RejectReason.TERM, comment="We say «accord» here.")
    report = story.push()
    assert sees(story, NAME) == ("Consentement", False)
    (issue,) = story.issues(NAME)
    assert (issue.type, issue.status, issue.language) == ("issue", "open", "fr")
    assert "agreed term" in issue.message
    assert "We say «accord» here." in issue.message
    assert "Consentement" in issue.message
    assert "reviewer " in issue.message
    assert "test-reviewer" not in issue.message
    assert "1 issues opened" in report.message
    assert report.outcome["sent"]["unmarked"] == 1
    quiet(story)
    assert len(story.issues(NAME)) == 1


def test_a_reopened_rejection_resolves_its_issue(story: World) -> None:
    """Once the rejection is as if never made, the issue is resolved, once."""
    decision = story.reject(NAME)
    story.push()
    story.reopen(NAME, decision)
    report = story.push()
    (issue,) = story.issues(NAME)
    assert issue.status == "resolved"
    assert report.outcome["sent"]["issues_resolved"] == 1
    quiet(story)


def test_a_rejection_taken_back_before_a_push_is_never_told(story: World) -> None:
    """Nobody reads of a slip."""
    decision = story.reject(NAME)
    story.reopen(NAME, decision)
    story.push()
    assert story.issues(NAME) == []
    assert story.outbox() == []


def test_a_rejection_that_stands_again_opens_its_issue_again(story: World) -> None:
    """An approval that ended a rejection is taken back: mark and issue follow, and it is still one issue."""
    story.reject(NAME)
    story.push()
    story.approve(NAME, by="other")
    story.push()
    assert sees(story, NAME)[1]
    assert [issue.status for issue in story.issues(NAME)] == ["resolved"]
    story.reopen(NAME, story.decisions(NAME)[-1].id or 0)
    story.push()
    assert not sees(story, NAME)[1]
    assert [issue.status for issue in story.issues(NAME)] == ["open"]


def test_rejected_then_corrected_then_approved(story: World) -> None:
    """The issue tells of the first text, the corrected one is sent and marked, and the issue is resolved."""
    story.reject(NAME, reason=RejectReason.TYPO)
    story.push()
    story.correct(NAME, "Consentement éclairé")
    story.push()
    assert sees(story, NAME) == ("Consentement éclairé", False)
    assert [issue.status for issue in story.issues(NAME)] == ["open"]
    story.approve(NAME, by="other")
    story.push()
    assert sees(story, NAME) == ("Consentement éclairé", True)
    assert [issue.status for issue in story.issues(NAME)] == ["resolved"]
    quiet(story)


def test_all_of_it_before_one_push(story: World) -> None:
    """Rejected, corrected and approved between two pushes: the text and its mark are sent, and no mark of the old."""
    story.reject(NAME)
    story.correct(NAME, "Accord")
    story.approve(NAME, by="other")
    story.push()
    assert sees(story, NAME) == ("Accord", True)
    assert story.outbox() == []


def test_a_text_written_there_meanwhile_is_not_overwritten(story: World) -> None:
    """A correction waits while a newer text that nobody here has seen stands there; a person chooses after the pull."""
    story.correct(NAME, "Accord")
    story.translate({NAME: "Autorisation"}, by="bilal")
    report = story.push()
    assert sees(story, NAME)[0] == "Autorisation"
    assert report.outcome["sent"]["waiting"] == 1
    assert "pull first" in story.outbox()[0].problem
    story.pull()
    assert len(story.conflicts()) == 1
    story.push()
    assert sees(story, NAME)[0] == "Autorisation"
    story.keep(NAME, ConflictResolution.OURS)
    story.push()
    assert sees(story, NAME)[0] == "Accord"
    story.pull()
    assert (story.text(NAME), story.conflicts(), story.outbox()) == ("Accord", [], [])


def test_theirs_kept_sends_nothing(story: World) -> None:
    """When a person chooses Transifex's text, ours is not sent any more."""
    story.correct(NAME, "Accord")
    story.translate({NAME: "Autorisation"}, by="bilal")
    story.pull()
    story.keep(NAME, ConflictResolution.THEIRS)
    story.push()
    assert sees(story, NAME) == ("Autorisation", False)
    assert story.outbox() == []


def test_texts_that_transifex_never_had_fill_what_is_empty_there(world: World) -> None:
    """Imported texts go where there is none, never over a volunteer's; what is approved is marked with it."""
    world.bring(SOURCES)
    world.bring_texts({NAME: "Accord", AGE: "Age fr"})
    world.approve(AGE)
    report = world.push()
    assert (sees(world, NAME), sees(world, AGE)) == (("Accord", False), ("Age fr", True))
    assert report.outcome["sent"]["texts"] == 2
    world.translate({SEX: "Femme"})
    world.bring_texts({SEX: "Féminin"})
    world.push()
    assert sees(world, SEX)[0] == "Femme"
    world.pull()
    assert len(world.conflicts()) == 1


def test_what_a_person_emptied_there_is_not_filled_again(story: World) -> None:
    """A text that a volunteer took away stays away."""
    story.translate({NAME: None})
    story.push()
    assert story.theirs(NAME) is None
    story.pull()
    assert story.text(NAME) is None


def test_a_stale_text_is_not_sent_until_somebody_says_that_it_still_holds(story: World) -> None:
    """A push of a new source drops the translation there; approved as it is, it goes back with its mark."""
    story.bring({**SOURCES, NAME: "Consents"})
    story.push()
    assert story.theirs(NAME) is None
    story.pull()
    story.approve(NAME)
    story.push()
    assert sees(story, NAME) == ("Consentement", True)


def test_killed_between_sending_and_recording(story: World) -> None:
    """Text and issue arrive once although we died before we could write that down."""
    story.reject(NAME)
    story.correct(NAME, "Accord")
    for method, path in (("PATCH", "/resource_translations"), ("POST", "/resource_string_comments")):
        die_after(story, method, path)
        with pytest.raises(Killed):
            story.push()
    assert sees(story, NAME)[0] == "Accord"
    assert len(story.outbox()) > 0
    story.push()
    assert len(story.issues(NAME)) == 1
    assert story.outbox() == []
    story.pull()
    assert (story.text(NAME), story.conflicts()) == ("Accord", [])


def test_killed_then_corrected_back_nothing_is_lost(story: World) -> None:
    """Sent, killed, corrected back: the text that comes from there never silently replaces the newer one."""
    story.correct(NAME, "Accord")
    die_after(story, "PATCH", "/resource_translations")
    with pytest.raises(Killed):
        story.push()
    story.correct(NAME, "Consentement")
    story.pull()
    assert story.text(NAME) == "Consentement"
    assert len(story.conflicts()) == 1


def test_an_issue_that_was_settled_before_we_heard_of_it_is_not_opened_twice(story: World) -> None:
    """Killed after it was opened, and a volunteer resolved it since: it is ours, and stays as the volunteer left it."""
    story.reject(NAME)
    die_after(story, "POST", "/resource_string_comments")
    with pytest.raises(Killed):
        story.push()
    (issue,) = story.issues(NAME)
    issue.status, issue.resolver = "resolved", "amina"
    story.push()
    assert [each.status for each in story.issues(NAME)] == ["resolved"]
    assert story.outbox() == []


def test_an_issue_that_we_resolved_before_we_heard_of_it_is_opened_again(story: World) -> None:
    """Killed after opening it and after resolving it: where the rejection stands again, it is the same issue."""
    story.reject(NAME)
    die_after(story, "POST", "/resource_string_comments")
    with pytest.raises(Killed):
        story.push()
    story.approve(NAME, by="other")
    die_after(story, "PATCH", "/resource_string_comments")
    with pytest.raises(Killed):
        story.push()
    assert [issue.status for issue in story.issues(NAME)] == ["resolved"]
    story.reopen(NAME, story.decisions(NAME)[-1].id or 0)
    story.push()
    assert [issue.status for issue in story.issues(NAME)] == ["open"]
    quiet(story)


def test_two_rejections_with_the_same_words_are_two_issues(story: World) -> None:
    """Each rejection is told once; equal words of an earlier one are not taken for it."""
    story.reject(NAME)
    story.push()
    story.reject(NAME, by="other")
    die_after(story, "POST", "/resource_string_comments")
    with pytest.raises(Killed):
        story.push()
    story.push()
    assert len(story.issues(NAME)) == 2


def test_a_project_made_anew_loses_no_approval_and_its_marks_come_back(story: World) -> None:
    """Approvals live here: after the project was made anew they all stand, and one command marks them there again."""
    for key in TEXTS:
        story.approve(key)
    story.push()
    recreate_project(story.sandbox.state, story.project, story.clock())
    assert not sees(story, NAME)[1]
    story.pull()
    assert {story.state(key) for key in TEXTS} == {State.APPROVED}
    report = story.send(marks=True)
    assert (report.state, report.outcome["sent"]["marked"]) == (RunState.DONE, 3)
    assert {sees(story, key) for key in TEXTS} == {(text, True) for text in TEXTS.values()}
    assert story.send(marks=True).state is RunState.NO_CHANGES


def test_a_new_empty_project_gets_texts_and_marks_with_the_push(story: World) -> None:
    """Whatever was lost with all its resources is sent again from here."""
    story.approve(NAME)
    story.push()
    story.sandbox.state.resources.clear()
    story.push()
    assert (sees(story, NAME), sees(story, AGE)) == (("Consentement", True), ("Âge", False))
    story.pull()
    assert story.state(NAME) is State.APPROVED


@pytest.mark.parametrize("status", [402, 403])
def test_a_plan_without_reviewing_still_takes_texts(story: World, status: int) -> None:
    """Where marks are refused the text goes alone, the marks wait, and the message says why; the run is not failed."""
    story.correct(NAME, "Accord")
    story.approve(NAME, by="other")
    story.approve(SEX)
    story.intercept = refusing("PATCH", "resource_translations", '"reviewed"', status=status)
    report = story.push()
    assert sees(story, NAME) == ("Accord", False)
    assert report.state is RunState.DONE
    assert "could not be marked as reviewed" in report.message
    assert "plan" in report.message
    assert {row.kind for row in story.outbox()} == {OutboxKind.REVIEWED}
    story.intercept = lambda _request: None
    story.push()
    assert (sees(story, NAME), sees(story, SEX)) == (("Accord", True), ("Femme", True))
    assert story.outbox() == []


def test_a_plan_without_issues_stops_nothing_else(story: World) -> None:
    """Refused issues wait, are tried once a run, and are said in the message."""
    story.reject(NAME)
    story.reject(AGE)
    story.correct(SEX, "Féminin")
    story.intercept = refusing("POST", "resource_string_comments")
    story.requests.clear()
    report = story.push()
    assert (
        len([request for request in story.requests if "comments" in request.url.path and request.method == "POST"]) == 1
    )
    assert sees(story, SEX)[0] == "Féminin"
    assert "Rejections could not be told" in report.message
    story.intercept = lambda _request: None
    story.push()
    assert (len(story.issues(NAME)), len(story.issues(AGE)), story.outbox()) == (1, 1, [])


def test_one_bad_text_does_not_stop_the_others(make_world: Callable[..., World]) -> None:
    """A bulk that Transifex refuses because of one text is sent without it; that one is named and waits."""
    world = make_world()
    keys = {f"form/f/q{number}/display_name": f"Question {number}" for number in range(9)}
    world.bring(keys)
    world.bring_texts({key: f"texte {number}" for number, key in enumerate(keys)})
    world.intercept = refusing("PATCH", "resource_translations", "texte 4", status=400, detail="Not this one.")
    report = world.push()
    sent = [key for key in keys if world.theirs(key) is not None]
    assert len(sent) == 8
    assert report.state is RunState.PARTLY
    assert [item["key"] for item in report.outcome["sent"]["items"]] == ["form/f/q4/display_name"]
    assert "Not this one" in report.message
    world.intercept = lambda _request: None
    world.push()
    assert world.theirs("form/f/q4/display_name") is not None


def test_unmapped_locales_and_retired_units_wait(make_world: Callable[..., World]) -> None:
    """What has no place on Transifex is not sent; it is when it gets one."""
    world = make_world(locales={"fr": "fr", "ar": None})
    world.bring(SOURCES)
    world.push()
    world.bring_texts({NAME: "موافقة"}, locale="ar")
    world.reject(NAME, locale="ar")
    world.translate({AGE: "Âge"})
    world.pull()
    world.approve(AGE)
    world.bring({NAME: "Consent", SEX: "Female"})
    report = world.push()
    assert report.outcome["sent"]["items"] == []
    assert {row.kind for row in world.outbox()} == {OutboxKind.REVIEWED, OutboxKind.UNREVIEWED, OutboxKind.ISSUE}
    world.bring(SOURCES)
    world.push()
    assert sees(world, AGE) == ("Âge", True)


def test_more_than_one_bulk(make_world: Callable[..., World]) -> None:
    """Texts go 150 at a time."""
    world = make_world()
    keys = {f"form/f/q{number}/display_name": "Question" for number in range(151)}
    world.bring(keys)
    world.bring_texts(dict.fromkeys(keys, "texte"))
    world.requests.clear()
    world.push()
    patches = [request for request in world.requests if request.method == "PATCH"]
    assert len([request for request in patches if "resource_translations" in request.url.path]) == 2
    assert all(world.theirs(key) is not None for key in keys)


def test_what_is_said_of_a_retired_unit_waits_for_its_return(world: World) -> None:
    """While the unit is retired its row neither waits nor fails nor is closed; it is sent when the unit revives."""
    other = "form/consent/other/display_name"
    world.bring({NAME: "Consent", other: "Other"})
    world.push()
    world.translate({NAME: "Accord"})
    world.pull()
    world.correct(NAME, "Consentement")
    world.bring({other: "Other"})
    report = world.push(allow_removals=True)
    sent = report.outcome["sent"]
    assert (sent["waiting"], sent["failed"], sent["superseded"], sent["items"]) == (0, 0, 0, [])
    assert [row.problem for row in world.outbox()] == [""]
    world.bring({NAME: "Consent", other: "Other"})
    world.push()
    theirs = world.theirs(NAME)
    assert theirs is not None
    assert theirs.strings == {"other": "Consentement"}
    assert world.outbox() == []


def test_a_retired_unit_that_revives_with_another_source_says_nothing_old(world: World) -> None:
    """What was to be said of the old source is reconsidered, and closed unsent with the reason."""
    other = "form/consent/other/display_name"
    world.bring({NAME: "Consent", other: "Other"})
    world.push()
    world.translate({NAME: "Accord"})
    world.pull()
    world.correct(NAME, "Consentement")
    world.bring({other: "Other"})
    world.push(allow_removals=True)
    world.bring({NAME: "Agreement", other: "Other"})
    report = world.push()
    assert report.outcome["sent"]["superseded"] == 1
    assert [row.problem for row in world.outbox(done=True)] == ["The source text is another by now."]
    assert world.theirs(NAME) is None


def test_a_row_of_a_retired_unit_is_not_judged(world: World) -> None:
    """A text that enters for it meanwhile closes nothing: its return decides."""
    world.bring({NAME: "Consent", "form/consent/other/display_name": "Other"})
    world.push()
    world.translate({NAME: "Accord"})
    world.pull()
    world.approve(NAME)
    world.translate({NAME: "Consentement"})
    world.bring({"form/consent/other/display_name": "Other"})
    world.push(allow_removals=True)
    assert [(row.kind.value, row.problem) for row in world.outbox()] == [("reviewed", "")]


def test_whose_token_it_is_is_learnt_from_an_issue_that_was_found(story: World) -> None:
    """Killed while the first thing that we wrote was under way, we know from that issue as whom we write."""
    story.reject(NAME)
    die_after(story, "POST", "/resource_string_comments")
    with pytest.raises(Killed):
        story.push()
    assert story.deployment().service_username is None
    story.push()
    assert len(story.issues(NAME)) == 1
    assert story.deployment().service_username == BOT
