"""Transifex's own Python client (transifex-python) does a project's whole work against the sandbox, through a socket.

It was written by others against the real API: what it sends and what it makes of the answers is a witness that
hand-made requests cannot be. Its ways: brackets of filters percent-encoded, uploads as multipart, links followed as
they come, downloads given out as an address that the caller fetches (without the token: the storage refuses one).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from transifex.api import TransifexApi
from transifex.api.exceptions import UploadException
from transifex.api.jsonapi import DoesNotExist, JsonApiException

from transifex_client.sandbox.core import AnswerFault, FaultKind
from transifex_client.sandbox.server import RunningSandbox, serve

TOKEN = "1/0123456789abcdef0123456789abcdef01234567"
MANY = 320
SOURCE = (
    "en:\n  form: Form\n  case:\n    name: Case name\n  people:\n    one: One person\n    other: '%{count} people'\n"
)
FRENCH = "fr:\n  form: Formulaire\n  case:\n    name: Nom du cas\n"
# Seconds between two polls; the client's own 5 are for a slow Transifex.
SOON = 0.01


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What this machine is set to use for the internet, and passwords kept for it, are none of the tests' business."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))


@pytest.fixture(params=["relative links", "absolute links"])
def server(request: pytest.FixtureRequest) -> Iterator[RunningSandbox]:
    """A sandbox whose files lie at a second origin. Which links the real API writes is not known: both must do."""
    with serve(0, token=TOKEN, storage_apart=True) as server:
        server.sandbox.settings.absolute_links = request.param == "absolute links"
        yield server


@pytest.fixture
def api(server: RunningSandbox) -> Any:
    return TransifexApi(host=server.url, auth=TOKEN)


@pytest.fixture
def project(api: Any) -> Any:
    """A project in French and Arabic, made as the client's manual says."""
    made = api.Project.create(
        name="App",
        slug="app",
        private=True,
        organization=api.Organization.get(slug="sandbox"),
        source_language=api.Language.get(code="en"),
    )
    made.add("languages", [api.Language.get(code=code) for code in ("fr", "ar")])
    return made


@pytest.fixture
def resource(api: Any, project: Any) -> Any:
    """A resource with two plain texts and a plural one."""
    made = api.Resource.create(
        name="forms.yml", slug="forms", project=project, i18n_format=api.i18n_formats(id="YML"), priority="high"
    )
    done = api.ResourceStringsAsyncUpload.upload(SOURCE, interval=SOON, resource=made, keep_translations=False)
    assert done == {"strings_created": 3, "strings_updated": 0, "strings_deleted": 0, "strings_skipped": 0}
    return made


@pytest.fixture
def french(api: Any) -> Any:
    return api.Language.get(code="fr")


@pytest.fixture
def translated(api: Any, resource: Any, french: Any) -> Any:
    """The resource, with two French translations."""
    done = api.ResourceTranslationsAsyncUpload.upload(FRENCH, interval=SOON, resource=resource, language=french)
    assert done == {"translations_created": 2, "translations_updated": 0}
    return resource


def by_key(api: Any, resource: Any, language: Any) -> dict[str, Any]:
    """Return the rows of a language by key, whose strings came along in the same answers."""
    listed = api.ResourceTranslation.filter(resource=resource, language=language).include("resource_string")
    return {row.resource_string.key: row for row in listed.all()}


def test_a_project_is_made_and_its_languages_are_changed(api: Any, project: Any) -> None:
    """Relationships with many ends are added to, taken from and replaced, and fetched by their link."""
    assert (project.id, project.type) == ("o:sandbox:p:app", "file")
    assert sorted(each.code for each in project.fetch("languages").all()) == ["ar", "fr"]
    project.remove("languages", [api.Language.get(code="ar")])
    assert [each.code for each in project.fetch("languages", force=True).all()] == ["fr"]
    project.reset("languages", [api.Language.get(code="ar"), api.Language.get(code="km")])
    assert sorted(each.code for each in project.fetch("languages", force=True).all()) == ["ar", "km"]
    assert project.fetch("organization").slug == "sandbox"
    assert project.fetch("source_language").code == "en"
    assert [each.id for each in api.Project.filter(organization="o:sandbox").all()] == [project.id]


def test_a_resource_is_changed_and_found_by_its_relationships(api: Any, project: Any, resource: Any) -> None:
    """PATCH sends what was changed alone; what belongs together can be walked along."""
    resource.save(name="Forms", priority="urgent")
    again = api.Resource.get(project=project, slug="forms")
    assert (again.name, again.priority, again.string_count) == ("Forms", "urgent", 3)
    again.reload()
    assert again.fetch("project").slug == "app"
    assert [each.slug for each in project.fetch("resources").all()] == ["forms"]
    assert again.i18n_format.id == "YML"
    assert {each.id for each in api.I18nFormat.filter(organization="o:sandbox").all()} >= {"YML"}


def test_a_long_list_is_read_page_by_page(api: Any, server: RunningSandbox, resource: Any, french: Any) -> None:
    """Pages of 150, followed by their link to the end and back, with what is included in each; 150 to 1,000 at once."""
    content = "en:\n" + "".join(f"  key_{number}: Text {number}\n" for number in range(MANY))
    api.ResourceStringsAsyncUpload.upload(content, interval=SOON, resource=resource)
    pages = list(api.ResourceString.filter(resource=resource).all_pages())
    assert [len(page) for page in pages] == [150, 150, MANY - 300]
    assert [each.key for page in pages for each in page] == [f"key_{number}" for number in range(MANY)]
    assert [each.key for each in pages[1].previous()] == [each.key for each in pages[0]]
    assert not pages[0].has_previous()
    assert not pages[2].has_next()
    assert len(by_key(api, resource, french)) == MANY
    before = requests.get(f"{server.url}/_sandbox/requests", headers=api.make_auth_headers(), timeout=5).json()
    assert len(list(api.ResourceString.filter(resource=resource).limit(1000).all())) == MANY
    after = requests.get(f"{server.url}/_sandbox/requests", headers=api.make_auth_headers(), timeout=5).json()
    assert after["requests"] - before["requests"] == 1


def test_included_strings_need_no_further_request(api: Any, server: RunningSandbox, translated: Any) -> None:
    """Each translation comes with its source string; without `include` the string is fetched when it is asked for."""
    rows = by_key(api, translated, "l:fr")
    assert rows["form"].strings == {"other": "Formulaire"}
    assert rows["form"].resource_string.strings == {"other": "Form"}
    assert rows["people"].strings is None
    assert rows["people"].translator is None
    one = api.ResourceTranslation.get(rows["form"].id)
    assert not one.resource_string.attributes
    assert one.fetch("resource_string").key == "form"
    assert one.fetch("translator").username == "bridge"
    included = api.ResourceTranslation.get(rows["form"].id, include=["resource_string"])
    assert included.resource_string.key == "form"


def test_filters_of_translations_are_understood(api: Any, translated: Any) -> None:
    """Nested filters, and those with an operator."""
    listed = api.ResourceTranslation.filter(resource=translated, language="l:fr")
    assert len(listed.filter(translated="true")) == 2
    assert len(listed.filter(reviewed="true")) == 0
    assert [each.strings for each in listed.filter(resource_string__key="form")] == [{"other": "Formulaire"}]
    assert len(listed.filter(date_translated__gt="2020-01-01T00:00:00Z")) == 2
    assert listed.filter(date_translated__gt="2100-01-01T00:00:00Z").data == []
    with pytest.raises(DoesNotExist):
        listed.get(resource_string__key="none")


def test_a_translation_is_written_reviewed_and_emptied(api: Any, translated: Any) -> None:
    """A single PATCH, with the fields the client thinks changeable, and plural forms all at once."""
    row = by_key(api, translated, "l:fr")["form"]
    row.save(strings={"other": "Fiche"}, reviewed=True)
    assert (row.strings, row.reviewed, row.origin) == ({"other": "Fiche"}, True, "API")
    row.reload()
    assert row.reviewer.id == "u:bridge"
    row.save(strings={"other": "Formulaire"})
    assert not row.reviewed
    row.save(strings=None)
    assert by_key(api, translated, "l:fr")["form"].strings is None
    people = by_key(api, translated, "l:fr")["people"]
    people.save(strings={"one": "Une personne", "many": "%{count} de personnes", "other": "%{count} personnes"})
    with pytest.raises(JsonApiException) as caught:
        people.save(strings={"other": "%{count} personnes"})
    assert caught.value.status_code == 400
    assert caught.value.errors[0]["source"] == {"pointer": "/data/attributes/strings"}


def test_translations_are_written_in_bulk(api: Any, translated: Any) -> None:
    """Several at once: objects changed, or ids with attributes; the answer holds them all; one wrong stops all."""
    rows = by_key(api, translated, "l:ar")
    for key, text in (("form", "استمارة"), ("case.name", "اسم الحالة")):
        rows[key].strings, rows[key].reviewed = {"other": text}, True
    changed = api.ResourceTranslation.bulk_update([rows["form"], rows["case.name"]], fields=["strings", "reviewed"])
    assert [each.strings["other"] for each in changed] == ["استمارة", "اسم الحالة"]
    assert all(each.reviewed for each in changed)
    api.ResourceTranslation.bulk_update([(rows["form"].id, {"reviewed": False})])
    assert not by_key(api, translated, "l:ar")["form"].reviewed
    wrong = [(rows["form"].id, {"strings": {"other": "x"}}), (rows["people"].id, {"strings": {"other": "x"}})]
    with pytest.raises(JsonApiException) as caught:
        api.ResourceTranslation.bulk_update(wrong)
    assert caught.value.errors[0]["source"] == {"pointer": "/data/1/attributes/strings"}
    assert by_key(api, translated, "l:ar")["form"].strings == {"other": "استمارة"}


def test_metadata_of_strings_is_written_singly_and_in_bulk(api: Any, resource: Any) -> None:
    """Tags, instructions and limits; a source text can be changed with its translations kept."""
    form, name = (api.ResourceString.get(resource=resource, key=key) for key in ("form", "case.name"))
    form.save(tags=["mobile", "v2"], instructions="Noun", character_limit=40)
    assert (form.tags, form.instructions, form.character_limit) == (["mobile", "v2"], "Noun", 40)
    api.ResourceString.bulk_update([(form.id, {"tags": ["v2"]}), (name.id, {"tags": ["v2"]})])
    tagged = api.ResourceString.filter(resource=resource, tags__all="v2").all()
    assert [each.key for each in tagged] == ["form", "case.name"]
    form.save(strings={"other": "Record"})
    assert api.ResourceString.get(form.id).strings == {"other": "Record"}


def test_statistics_are_listed_for_each_resource_and_language(api: Any, project: Any, translated: Any) -> None:
    """One row for each pair, the source language among them, and one row alone by its id."""
    rows = {row.language.id: row for row in api.ResourceLanguageStats.filter(project=project).all()}
    assert set(rows) == {"l:en", "l:fr", "l:ar"}
    assert (rows["l:fr"].translated_strings, rows["l:fr"].untranslated_strings) == (2, 1)
    assert rows["l:fr"].resource == translated
    rows["l:fr"].reload()
    (one,) = api.ResourceLanguageStats.filter(project=project, resource=translated, language="l:ar")
    assert (one.total_strings, one.translated_strings, one.last_translation_update) == (3, 0, None)


def test_files_are_downloaded_from_the_storage(api: Any, server: RunningSandbox, translated: Any, french: Any) -> None:
    """A finished download is a redirect to another origin, which gives the file to whoever has the link, but no token.

    The first poll finds the job unfinished.
    """
    server.sandbox.settings.pending_polls = 1
    url = api.ResourceTranslationsAsyncDownload.download(
        interval=SOON, resource=translated, language=french, mode="onlytranslated"
    )
    assert not url.startswith(server.url)
    answer = requests.get(url, timeout=5)
    answer.encoding = "utf-8"
    assert answer.text == FRENCH
    assert requests.get(url, headers=api.make_auth_headers(), timeout=5).status_code == 400
    url = api.ResourceStringsAsyncDownload.download(interval=SOON, resource=translated, content_encoding="text")
    assert requests.get(url, timeout=5).text == SOURCE


def test_a_download_without_attributes_is_refused(api: Any, translated: Any, french: Any) -> None:
    """The client leaves `attributes` out when it has none to send, which the API took for an error in 2021."""
    with pytest.raises(JsonApiException) as caught:
        api.ResourceTranslationsAsyncDownload.download(interval=SOON, resource=translated, language=french)
    assert caught.value.errors[0]["detail"] == "'attributes' is a required property"


def test_a_file_that_cannot_be_read_ends_as_a_failed_job(api: Any, resource: Any) -> None:
    """The client raises what the job says."""
    with pytest.raises(UploadException) as caught:
        api.ResourceStringsAsyncUpload.upload("en:\n  a: A\n  a: B\n", interval=SOON, resource=resource)
    assert caught.value.args[1][0]["code"] == "parse_error"


def test_refusals_are_read_by_status_and_code(api: Any, server: RunningSandbox, project: Any, resource: Any) -> None:
    """The client makes a kind of error of each refusal; a gateway's page is no error document."""
    with pytest.raises(JsonApiException) as taken:
        api.Resource.create(name="Again", slug="forms", project=project, i18n_format=api.i18n_formats(id="YML"))
    assert taken.value.filter("conflict")
    with pytest.raises(JsonApiException) as missing:
        api.Resource.get(f"{project.id}:r:none")
    assert (missing.value.status_code, missing.value.errors[0]["code"]) == (404, "not found")
    with pytest.raises(JsonApiException) as stranger:
        TransifexApi(host=server.url, auth="1/" + "0" * 40).Organization.get(slug="sandbox")
    assert stranger.value.status_code == 401
    server.sandbox.settings.answer_faults.append(AnswerFault(FaultKind.GATEWAY))
    with pytest.raises(requests.HTTPError):
        resource.reload()


def test_comments_teams_and_webhooks_are_made_and_changed(
    api: Any, server: RunningSandbox, project: Any, resource: Any
) -> None:
    """What people do around the texts."""
    form = api.ResourceString.get(resource=resource, key="form")
    issue = api.ResourceStringComment.create(
        # An attribute called `type` cannot be given by name.
        attributes={"message": "Too formal", "type": "issue"},
        relationships={"resource_string": form, "language": api.Language.get(code="fr")},
    )
    assert (issue.status, issue.author.id) == ("open", "u:bridge")
    issue.save(status="resolved")
    found = api.ResourceStringComment.filter(organization="o:sandbox", status="resolved").all()
    assert [each.message for each in found] == ["Too formal"]
    server.sandbox.add_user("amina")
    team = api.Team.create(name="Volunteers", organization=api.Organization(id="o:sandbox"))
    member = api.TeamMembership.create(
        role="translator", team=team, language=api.Language.get(code="fr"), user=api.User.get("u:amina")
    )
    member.save(role="reviewer")
    (listed,) = api.TeamMembership.filter(organization="o:sandbox", team=team).include("user").all()
    assert (listed.role, listed.user.username) == ("reviewer", "amina")
    member.delete()
    assert list(api.TeamMembership.filter(organization="o:sandbox").all()) == []
    hook = api.ProjectWebhook.create(
        active=False, callback_url="https://bridge.example.org/hook", event_type="all_events", project=project
    )
    hook.save(event_type="review_completed")
    hook.delete()
    assert list(api.ProjectWebhook.filter(organization="o:sandbox").all()) == []


def test_projects_and_resources_are_changed_and_deleted(api: Any, project: Any, resource: Any) -> None:
    """A project gets another name and a team by each of the ways there are, and goes with all that is in it."""
    teams = [api.Team.create(name=name, organization=api.Organization(id="o:sandbox")) for name in ("One", "Two")]
    project.save(name="Renamed", tags=["child protection"], team=teams[0])
    again = api.Project.get(project.id)
    assert (again.name, again.tags, again.team.id) == ("Renamed", ["child protection"], teams[0].id)
    again.change("team", teams[1])
    assert api.Project.get(project.id).fetch("team").name == "Two"
    form = api.ResourceString.get(resource=resource, key="form")
    api.ResourceStringComment.create(
        attributes={"message": "Why?", "type": "comment"},
        relationships={"resource_string": form, "language": api.Language.get(code="fr")},
    )
    hook = api.ProjectWebhook.create(
        active=True, callback_url="https://bridge.example.org/hook", event_type="all_events", project=project
    )
    resource.delete()
    hook.delete()
    assert list(api.Resource.filter(project=project).all()) == []
    assert list(api.ResourceStringComment.filter(organization="o:sandbox").all()) == []
    api.ProjectWebhook.create(
        active=False, callback_url="https://bridge.example.org/hook", event_type="all_events", project=project
    )
    project.delete()
    assert list(api.Project.filter(organization="o:sandbox").all()) == []
    assert list(api.ProjectWebhook.filter(organization="o:sandbox").all()) == []
