"""What this project relies on of Transifex, asked of the sandbox by default and of the real one on request.

To run it against Transifex set BRIDGE_LIVE_TRANSIFEX_TOKEN and BRIDGE_LIVE_TRANSIFEX_ORGANIZATION (its slug), and
optionally BRIDGE_LIVE_TRANSIFEX_URL. It creates one private project with a slug of its own and leaves it there. No
team is made there, because none can be deleted: that part is asked of the sandbox alone.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from transifex_client import LIVE_URL, Configuration, TransifexClient
from transifex_client.errors import BadRequest, Conflict, JobFailed, NotFound, PlanRequired, Unauthorised
from transifex_client.ids import organization_id, project_id, resource_id, string_hash, string_id, translation_id
from transifex_client.resources import (
    CommentChange,
    CommentPriority,
    CommentStatus,
    CommentType,
    DownloadMode,
    EventType,
    NewComment,
    NewProject,
    NewProjectWebhook,
    NewResource,
    NewTeam,
    NewTeamMembership,
    ProjectWebhookChange,
    StringChange,
    TeamRole,
    TranslationChange,
)
from transifex_client.sandbox.server import serve

SOURCE = b"""en:
  # What a case worker fills in
  form: Form
  "dotted.key": Dotted
  nested:
    name: Case name
    blank: ''
    number: 3
  people:
    one: One person
    other: "%{count} people"
"""
FRENCH = b"fr:\n  form: Formulaire\n  nested:\n    name: ''\n"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the suite runs: a client, its configuration, and a project and resource of its own, filled with SOURCE."""

    client: TransifexClient
    configuration: Configuration
    organization: str
    project: str
    resource: str

    def string(self, key: str) -> str:
        return string_id(self.resource, key)

    def french(self, key: str) -> str:
        return translation_id(self.string(key), "fr")


def prepare(configuration: Configuration, organization: str) -> Iterator[Place]:
    slug = f"contract-{uuid4().hex[:12]}"
    with TransifexClient(configuration) as client:
        client.create_project(NewProject(organization_id(organization), slug, f"Contract {slug}"))
        project = project_id(organization, slug)
        client.add_project_languages(project, ["fr", "ar"])
        client.create_resource(NewResource(project, "forms", "forms.yml"))
        resource = resource_id(project, "forms")
        client.upload_source(resource, SOURCE, keep_translations=False)
        client.upload_translations(resource, "fr", FRENCH)
        yield Place(client, configuration, organization_id(organization), project, resource)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    token = os.environ.get("BRIDGE_LIVE_TRANSIFEX_TOKEN")
    if token is None:
        with serve(0, token="contract") as server:
            yield from prepare(Configuration("contract", base_url=server.url, poll_waits=(0.01,)), "sandbox")
    else:
        yield request.getfixturevalue("live_place")


@pytest.fixture(scope="session")
def live_place() -> Iterator[Place]:
    url = os.environ.get("BRIDGE_LIVE_TRANSIFEX_URL", LIVE_URL)
    organization = os.environ["BRIDGE_LIVE_TRANSIFEX_ORGANIZATION"]
    yield from prepare(Configuration(os.environ["BRIDGE_LIVE_TRANSIFEX_TOKEN"], base_url=url), organization)


def test_a_wrong_token_is_unauthorised(place: Place) -> None:
    """A wrong token is told apart from everything else that can be wrong."""
    wrong = Configuration("1/" + "0" * 40, base_url=place.configuration.base_url)
    with TransifexClient(wrong) as client, pytest.raises(Unauthorised):
        client.list_organizations()


def test_organization_project_and_languages_are_found(place: Place) -> None:
    """What was created can be listed and fetched."""
    assert place.organization in {each.id for each in place.client.list_organizations()}
    project = place.client.get_project(place.project)
    assert (project.organization, project.source_language) == (place.organization, "en")
    assert [each.id for each in place.client.list_projects(place.organization, slug=project.slug)] == [place.project]
    assert {each.code for each in place.client.list_project_languages(place.project)} == {"fr", "ar"}
    assert "YML" in {each.id for each in place.client.list_formats(place.organization)}


def test_languages_come_with_plural_categories(place: Place) -> None:
    """The categories that a plural translation must hold are Transifex's, not ours."""
    (french,) = place.client.list_languages(codes=["fr"])
    assert set(french.plural_categories) == {"one", "many", "other"}


def test_a_taken_slug_is_a_conflict(place: Place) -> None:
    """A second project or resource of the same slug is refused as such."""
    with pytest.raises(Conflict):
        place.client.create_resource(NewResource(place.project, "forms", "Again"))
    slug = place.project.rpartition(":")[2]
    with pytest.raises(Conflict):
        place.client.create_project(NewProject(place.organization, slug, "Again"))


def test_what_is_missing_is_not_found(place: Place) -> None:
    """A missing resource is told apart from a refusal."""
    with pytest.raises(NotFound):
        place.client.get_resource(resource_id(place.project, "none"))


def test_yml_is_read_as_expected(place: Place) -> None:
    """Keys, hashes, plurals, comments, and what is no text: as the reference says."""
    strings = {string.key: string for string in place.client.list_strings(place.resource)}
    assert set(strings) == {"form", "dotted<TX_DOT>key", "nested.name", "people"}
    assert strings["form"].string_hash == string_hash("form")
    assert strings["form"].id == place.string("form")
    assert strings["form"].developer_comment == "What a case worker fills in"
    assert strings["people"].strings == {"one": "One person", "other": "%{count} people"}
    assert place.client.get_resource(place.resource).string_count == 4


def test_there_is_a_row_for_every_string(place: Place) -> None:
    """Untranslated strings are listed with nothing in them; blanks of an upload were not imported."""
    rows = {row.id: row for row in place.client.list_translations(place.resource, "fr")}
    assert len(rows) == 4
    assert rows[place.french("form")].strings == {"other": "Formulaire"}
    assert rows[place.french("nested.name")].strings is None


def test_an_unchanged_source_changes_nothing(place: Place) -> None:
    """Uploading the same file again creates, updates and deletes nothing and keeps translations."""
    outcome = place.client.upload_source(place.resource, SOURCE, keep_translations=False)
    assert (outcome.created, outcome.updated, outcome.deleted) == (0, 0, 0)
    assert place.client.list_translations(place.resource, "fr", key="form")[0].strings == {"other": "Formulaire"}


def test_a_file_with_duplicates_fails_as_a_job(place: Place) -> None:
    """A file that Transifex cannot read fails after it was taken, with parse_error."""
    with pytest.raises(JobFailed) as caught:
        place.client.upload_source(place.resource, b"en:\n  a: A\n  a: B\n", keep_translations=True)
    assert caught.value.reasons[0].code == "parse_error"


def test_only_translated_holds_only_translations(place: Place) -> None:
    """The download that this project uses has no blanks in it."""
    content = place.client.download_translations(place.resource, "fr", mode=DownloadMode.ONLY_TRANSLATED)
    assert b"Formulaire" in content
    assert b"nested" not in content


def test_a_new_text_clears_the_review_unless_it_is_sent_along(place: Place) -> None:
    """reviewed falls with the text it was given for."""
    change = place.client.update_translations
    (row,) = change([TranslationChange(place.french("form"), strings={"other": "Fiche"}, reviewed=True)])
    assert row.reviewed
    (row,) = change([TranslationChange(place.french("form"), strings={"other": "Formulaire"})])
    assert not row.reviewed
    assert row.origin == "API"


def test_a_plural_wants_every_category(place: Place) -> None:
    """A plural translation with a category missing is refused."""
    with pytest.raises(BadRequest):
        place.client.update_translations(
            [TranslationChange(place.french("people"), strings={"one": "a", "other": "b"})]
        )


def test_null_deletes_a_translation(place: Place) -> None:
    """After null the pair is untranslated."""
    identifier = place.french("dotted<TX_DOT>key")
    place.client.update_translations([TranslationChange(identifier, strings={"other": "Pointé"})])
    (row,) = place.client.update_translations([TranslationChange(identifier, strings=None)])
    assert row.strings is None


def test_metadata_of_strings_can_be_set(place: Place) -> None:
    """Instructions, tags and limits reach translators."""
    (string,) = place.client.update_strings(
        [StringChange(place.string("form"), instructions="Noun", tags=("mobile",), character_limit=40)]
    )
    assert (string.instructions, string.tags, string.character_limit) == ("Noun", ("mobile",), 40)


def test_translations_are_found_by_date(place: Place) -> None:
    """Asking for what was translated since a time costs requests in proportion to what changed."""
    found = place.client.list_translations(place.resource, "fr", translated_after=datetime(2020, 1, 1, tzinfo=UTC))
    assert place.french("form") in {row.id for row in found}
    assert place.french("nested.name") not in {row.id for row in found}
    assert place.client.list_translations(place.resource, "fr", translated_after=datetime(2100, 1, 1, tzinfo=UTC)) == ()


def test_statistics_have_a_row_for_each_language(place: Place) -> None:
    """The source language has its row, and the numbers add up."""
    rows = {row.language: row for row in place.client.list_statistics(place.project)}
    assert set(rows) == {"en", "fr", "ar"}
    assert rows["fr"].total_strings == 4
    assert rows["ar"].translated_strings == 0


def test_tags_and_limits_are_replaced(place: Place) -> None:
    """Tags replace the list, a limit of 0 is no limit, and tags are a filter."""
    form = place.string("form")
    place.client.update_strings([StringChange(form, tags=("mobile", "v2"), character_limit=40)])
    (string,) = place.client.update_strings([StringChange(form, tags=("v2",), character_limit=0)])
    assert (string.tags, string.character_limit) == (("v2",), None)
    assert [each.id for each in place.client.list_strings(place.resource, all_tags=["v2"])] == [form]
    assert [each.id for each in place.client.list_strings(place.resource, tagged="v2 | mobile")] == [form]
    assert place.client.list_strings(place.resource, any_tags=["mobile"]) == ()


def test_an_issue_is_opened_found_and_resolved(place: Place) -> None:
    """A reviewer's reason reaches translators as an issue, and can be resolved."""
    now = datetime.now(UTC)
    new = NewComment(place.string("form"), "fr", f"Too formal {now}", CommentType.ISSUE, "tone", CommentPriority.HIGH)
    opened = place.client.create_comment(new, now=now)
    assert (opened.status, opened.message, opened.priority) == ("open", new.message, "high")
    assert opened.author is not None
    since = now - timedelta(minutes=5)
    assert place.client.find_comment(new, since=since, author=opened.author) == opened
    found = place.client.list_comments(place.organization, project=place.project, status=CommentStatus.OPEN)
    assert opened.id in [each.id for each in found]
    resolved = place.client.update_comment(opened.id, CommentChange(status=CommentStatus.RESOLVED))
    assert (resolved.status, resolved.resolver) == ("resolved", opened.author)
    assert resolved.resolved_at is not None


def test_comments_come_newest_first(place: Place) -> None:
    """The order of comments is that of their creation, turned round."""
    string = place.string("nested.name")
    for message in ("one", "two"):
        place.client.create_comment(NewComment(string, "fr", message), now=datetime.now(UTC))
    found = place.client.list_comments(place.organization, string=string)
    assert [each.message for each in found] == ["two", "one"]


def test_a_webhook_can_be_made_changed_and_deleted(place: Place) -> None:
    """A webhook keeps its secret, and tells it to who may read it."""
    new = NewProjectWebhook(place.project, "https://bridge.example.org/hook", active=False, secret_key="s3cret")
    made = place.client.create_project_webhook(new, now=datetime.now(UTC))
    (listed,) = place.client.list_project_webhooks(place.organization, project=place.project)
    assert (listed.id, listed.secret_key, listed.active) == (made.id, "s3cret", False)
    change = ProjectWebhookChange(event_type=EventType.REVIEW_COMPLETED)
    assert place.client.update_project_webhook(made.id, change).event_type == "review_completed"
    place.client.delete_project_webhook(made.id)
    assert place.client.list_project_webhooks(place.organization, project=place.project) == ()


def test_totals_of_a_project_can_be_asked_for(place: Place) -> None:
    """How many words were done is one request."""
    today = datetime.now(UTC).date()
    found = place.client.get_localization_activity(place.project, first_day=today, last_day=today)
    assert found.translated_words == found.new_words + found.edited_words


def test_a_report_is_rows_or_not_in_the_plan(place: Place) -> None:
    """The report's columns are understood, where the plan has reports at all."""
    try:
        rows = place.client.download_activity_report(place.project, first_day=date(2024, 1, 1))
    except PlanRequired:
        pytest.skip("the organization's plan has no activity reports")
    assert all(row.username and row.language for row in rows)


def test_a_team_has_members(place: Place) -> None:
    """A person with an account joins a team for a language, gets another role, and leaves."""
    if "BRIDGE_LIVE_TRANSIFEX_TOKEN" in os.environ:
        pytest.skip("a team cannot be deleted by the API: this part is asked of the sandbox alone")
    team = place.client.create_team(NewTeam(place.organization, "Volunteers"), now=datetime.now(UTC))
    new = NewTeamMembership(team.id, "bridge", "fr")
    made = place.client.create_team_membership(new)
    with pytest.raises(Conflict):
        place.client.create_team_membership(new)
    assert place.client.update_team_membership(made.id, role=TeamRole.REVIEWER).role == "reviewer"
    (listed,) = place.client.list_team_memberships(place.organization, team=team.id)
    assert (listed.username, listed.language, listed.role) == ("bridge", "fr", "reviewer")
    place.client.delete_team_membership(made.id)
    assert place.client.list_team_memberships(place.organization, team=team.id) == ()
