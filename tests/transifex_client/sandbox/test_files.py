"""The sandbox's rules of uploads, downloads, translations and statistics."""

import base64
import json
from datetime import timedelta

import pytest

from tests.transifex_client.conftest import PROJECT, RESOURCE, SOURCE, TOKEN, Ask, Clock, MakeClient
from transifex_client import TransifexClient
from transifex_client.errors import BadRequest, ForbiddenAddress, JobFailed
from transifex_client.ids import string_id, translation_id
from transifex_client.resources import DownloadMode, NewResource, StringChange, TranslationChange, UploadOutcome
from transifex_client.sandbox.core import Sandbox
from transifex_client.sandbox.http import Fault, Request
from transifex_client.sandbox.transport import sandbox_transport


def counts(outcome: UploadOutcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.updated, outcome.deleted, outcome.skipped


def texts(client: TransifexClient, language: str = "fr") -> dict[str, str | None]:
    keys = {string.id: string.key for string in client.list_strings(RESOURCE)}
    return {
        keys[row.string]: row.strings["other"] if row.strings else None
        for row in client.list_translations(RESOURCE, language)
    }


def form(language: str = "fr") -> str:
    return translation_id(string_id(RESOURCE, "form"), language)


def test_a_source_upload_is_the_whole_truth(client: TransifexClient, filled: str) -> None:
    """New strings are created, changed ones updated, missing ones deleted, equal ones skipped; empty ones are none."""
    changed = b"en:\n  form: The form\n  case:\n    more: More\n"
    assert counts(client.upload_source(filled, changed, keep_translations=False)) == (1, 1, 1, 0)
    assert [string.key for string in client.list_strings(filled)] == ["form", "case.more"]
    assert counts(client.upload_source(filled, changed, keep_translations=False)) == (0, 0, 0, 2)


@pytest.mark.parametrize("keep", [True, False])
def test_a_changed_source_text_loses_its_translation_unless_it_is_kept(
    client: TransifexClient, sandbox: Sandbox, filled: str, keep: bool
) -> None:
    """Without keep_translations a changed text comes back untranslated, an unchanged one keeps its translation."""
    sandbox.translate(filled, "fr", {"form": "Formulaire", "case.name": "Nom"}, by="amina")
    client.upload_source(filled, SOURCE.replace(b"form: Form", b"form: A form"), keep_translations=keep)
    assert texts(client) == {"form": "Formulaire" if keep else None, "case.name": "Nom"}


def test_a_source_text_edited_online_is_protected(client: TransifexClient, ask: Ask, filled: str) -> None:
    """An upload does not overwrite what was edited on the platform unless it says so."""
    identifier = string_id(filled, "form")
    data = {"type": "resource_strings", "id": identifier, "attributes": {"strings": {"other": "Edited"}}}
    assert ask("PATCH", f"/resource_strings/{identifier}", json.dumps({"data": data}).encode()).status == 200
    client.upload_source(filled, SOURCE, keep_translations=False)
    assert client.list_strings(filled, key="form")[0].strings == {"other": "Edited"}
    client.upload_source(filled, SOURCE, keep_translations=False, replace_edited_strings=True)
    assert client.list_strings(filled, key="form")[0].strings == {"other": "Form"}


def test_an_uploaded_translation_merges(client: TransifexClient, sandbox: Sandbox, filled: str) -> None:
    """What is in the file is taken, what is missing or blank stays, what is unknown is ignored."""
    sandbox.translate(filled, "fr", {"case.name": "Nom"}, by="amina")
    file = b"fr:\n  form: Formulaire\n  case:\n    name: ''\n  none: Rien\n"
    assert counts(client.upload_translations(filled, "fr", file))[:2] == (1, 0)
    assert texts(client) == {"form": "Formulaire", "case.name": "Nom"}
    assert counts(client.upload_translations(filled, "fr", file.replace(b"Formulaire", b"Fiche")))[:2] == (0, 1)
    row = client.list_translations(filled, "fr", key="form")[0]
    assert (row.origin, row.translator) == ("UPLOAD", "bridge")


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"en:\n  a: A\n  a: B\n", "Duplicate keys found (a)"),
        (b"en:\n  a: A\nfr:\n  a: B\n", "YAML file contains more than one root keys."),
        (b"en:\n  a: [", "cannot be read"),
        (b"\xff\xfe", "not UTF-8"),
        (b"", "one root key"),
        (b"en:\n", "root key"),
        (b"- a\n", "one root key"),
        (b"en: " + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_failed_job(
    client: TransifexClient, filled: str, file: bytes, reason: str
) -> None:
    """The upload is taken and fails later with parse_error; nothing changes."""
    with pytest.raises(JobFailed) as caught:
        client.upload_source(filled, file, keep_translations=False)
    (trouble,) = caught.value.reasons
    assert trouble.code == "parse_error"
    assert reason in trouble.detail
    assert len(client.list_strings(filled)) == 2


def test_json_uploads_are_taken_like_multipart_ones(client: TransifexClient, ask: Ask, filled: str) -> None:
    """The same file may come as text or base64 inside JSON; the answer names its job as Content-Location."""
    data = {
        "type": "resource_translations_async_uploads",
        "attributes": {
            "content": base64.b64encode("fr:\n  form: Été\n".encode()).decode(),
            "content_encoding": "base64",
            "file_type": "default",
        },
        "relationships": {
            "resource": {"data": {"type": "resources", "id": filled}},
            "language": {"data": {"type": "languages", "id": "l:fr"}},
        },
    }
    response = ask("POST", "/resource_translations_async_uploads", json.dumps({"data": data}).encode())
    assert response.status == 202
    polled = ask("GET", response.headers["Content-Location"]).json()
    assert isinstance(polled, dict)
    assert polled["data"]["attributes"]["status"] == "succeeded"
    assert polled["data"]["attributes"]["details"] == {"translations_created": 1, "translations_updated": 0}
    assert set(polled["data"]["relationships"]) == {"resource", "language"}
    assert texts(client)["form"] == "Été"
    del data["attributes"]["content_encoding"]  # type: ignore[attr-defined]
    assert ask("POST", "/resource_translations_async_uploads", json.dumps({"data": data}).encode()).status == 400


def test_jobs_stay_pending_as_often_as_they_are_told_to(
    client: TransifexClient, sandbox: Sandbox, filled: str, clock: Clock
) -> None:
    """A job's work is done when its last poll comes, not before."""
    sandbox.settings.pending_polls = 3
    client.upload_source(filled, b"en:\n  form: Form\n", keep_translations=False)
    assert clock.sleeps[-4:] == [1, 1, 1, 2]
    assert len(client.list_strings(filled)) == 1


def test_a_job_can_be_made_to_fail(client: TransifexClient, sandbox: Sandbox, filled: str) -> None:
    """A test decides how a job fails."""
    sandbox.settings.next_job_errors.append([])
    with pytest.raises(JobFailed, match="no reason"):
        client.download_translations(filled, "fr", mode=DownloadMode.DEFAULT)


def test_a_download_is_fetched_from_the_storage(make_client: MakeClient, sandbox: Sandbox, filled: str) -> None:
    """The file lies at a second origin, and the API's own address does not serve it then."""
    sandbox.settings.storage_url = "https://storage.svc.transifex.net"
    sandbox.translate(filled, "fr", {"form": "Formulaire"}, by="amina")
    client = make_client(sandbox_transport(sandbox))
    assert client.download_translations(filled, "fr", mode=DownloadMode.ONLY_TRANSLATED) == b"fr:\n  form: Formulaire\n"
    (secret, link), *_ = sandbox.state.links.items()
    target = f"/_storage/files/{link.job}-file?auth={secret}"
    assert sandbox.handle(Request("GET", target, origin="https://storage.svc.transifex.net")).status == 200
    assert sandbox.handle(Request("GET", target)).status == 404
    sandbox.settings.storage_url = "https://elsewhere.example"
    with pytest.raises(ForbiddenAddress):
        client.download_translations(filled, "fr", mode=DownloadMode.ONLY_TRANSLATED)


def test_a_download_link_expires_and_wants_no_token(ask: Ask, sandbox: Sandbox, filled: str, clock: Clock) -> None:
    """The link alone opens the file, for a while; a token beside it is refused."""
    data = {
        "type": "resource_translations_async_downloads",
        "attributes": {"mode": "onlytranslated"},
        "relationships": {
            "resource": {"data": {"type": "resources", "id": filled}},
            "language": {"data": {"type": "languages", "id": "l:fr"}},
        },
    }
    response = ask("POST", "/resource_translations_async_downloads", json.dumps({"data": data}).encode())
    poll = response.headers["Content-Location"]
    link = ask("GET", poll).headers["Location"]
    assert ask("GET", poll).status == 303
    target = link.removeprefix("https://rest.api.transifex.com")
    assert sandbox.handle(Request("GET", target)).body == b"fr: {}\n"
    assert sandbox.handle(Request("GET", target, {"authorization": f"Bearer {TOKEN}"})).status == 400
    assert sandbox.handle(Request("GET", target.partition("?")[0])).status == 403
    clock.sleep(601)
    assert sandbox.handle(Request("GET", target)).status == 403
    fresh = ask("GET", poll).headers["Location"].removeprefix("https://rest.api.transifex.com")
    assert sandbox.handle(Request("GET", fresh)).status == 200


def test_base64_downloads_and_plans(ask: Ask, filled: str) -> None:
    """The source comes back as it was sent; file types beyond the plan are 402."""
    data: dict[str, object] = {
        "type": "resource_strings_async_downloads",
        "attributes": {"content_encoding": "base64"},
        "relationships": {"resource": {"data": {"type": "resources", "id": filled}}},
    }
    response = ask("POST", "/resource_strings_async_downloads", json.dumps({"data": data}).encode())
    target = ask("GET", response.headers["Content-Location"]).headers["Location"].partition(".com")[2]
    assert base64.b64decode(ask("GET", target, authorization="").body) == SOURCE
    data["attributes"] = {"file_type": "xliff"}
    assert ask("POST", "/resource_strings_async_downloads", json.dumps({"data": data}).encode()).status == 402


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (DownloadMode.ONLY_TRANSLATED, "fr:\n  form: Formulaire\n  case:\n    name: Nom\n"),
        (DownloadMode.ONLY_REVIEWED, "fr:\n  form: Formulaire\n"),
        (DownloadMode.REVIEWED, "fr:\n  form: Formulaire\n  case:\n    name: \"\"\n    more: \"\"\n    hint: ''\n"),
        (DownloadMode.DEFAULT, "fr:\n  form: Formulaire\n  case:\n    name: Nom\n    more: \"\"\n    hint: ''\n"),
        (
            DownloadMode.SOURCE_AS_TRANSLATION,
            "fr:\n  form: Formulaire\n  case:\n    name: Nom\n    more: More\n    hint: ''\n",
        ),
        (DownloadMode.UNTRANSLATED, "fr:\n  case:\n    more: More\n"),
    ],
)  # fmt: skip
def test_a_mode_decides_what_a_file_holds(
    client: TransifexClient, sandbox: Sandbox, resource: str, mode: DownloadMode, expected: str
) -> None:
    """only… means nothing else in the file; the other modes keep the shape of the source file."""
    source = b"en:\n  form: Form\n  case:\n    name: Case name\n    more: More\n    hint: ''\n"
    client.upload_source(resource, source, keep_translations=False)
    sandbox.translate(resource, "fr", {"form": "Formulaire", "case.name": "Nom"}, by="amina")
    sandbox.review(resource, "fr", ["form"], by="leyla")
    assert client.download_translations(resource, "fr", mode=mode).decode() == expected


def test_the_default_mode_can_leave_untranslated_keys_out(
    client: TransifexClient, sandbox: Sandbox, filled: str
) -> None:
    """What mode default does varies in what is known of Transifex, so it is a switch of each resource."""
    sandbox.resource(filled).default_keeps_blanks = False
    sandbox.translate(filled, "fr", {"form": "Formulaire"}, by="amina")
    assert client.download_translations(filled, "fr", mode=DownloadMode.DEFAULT) == b"fr:\n  form: Formulaire\n"


def test_there_is_a_translation_for_every_string_and_language(client: TransifexClient, filled: str) -> None:
    """Untranslated pairs are listed too, with nothing in them."""
    rows = client.list_translations(filled, "ar")
    assert len(rows) == 2
    assert {(row.strings, row.reviewed, row.origin, row.translator, row.translated_at) for row in rows} == {
        (None, False, None, None, None)
    }


def test_a_changed_translation_loses_its_review_unless_that_is_sent_too(
    client: TransifexClient, sandbox: Sandbox, filled: str
) -> None:
    """Writing a text clears the review in the same stroke; an equal text changes nothing."""
    sandbox.translate(filled, "fr", {"form": "Formulaire"}, by="amina")
    (row,) = client.update_translations([TranslationChange(form(), reviewed=True)])
    assert (row.reviewed, row.reviewer, row.translator, row.origin) == (True, "bridge", "amina", "EDITOR")
    (row,) = client.update_translations([TranslationChange(form(), strings={"other": "Formulaire"})])
    assert (row.reviewed, row.translator) == (True, "amina")
    (row,) = client.update_translations([TranslationChange(form(), strings={"other": "Fiche"})])
    assert (row.reviewed, row.translator, row.origin) == (False, "bridge", "API")
    (row,) = client.update_translations([TranslationChange(form(), strings={"other": "Formule"}, reviewed=True)])
    assert row.reviewed
    sandbox.translate(filled, "fr", {"form": "Formulaire"}, by="amina")
    assert not client.list_translations(filled, "fr", key="form")[0].reviewed


def test_null_deletes_a_translation(client: TransifexClient, sandbox: Sandbox, filled: str) -> None:
    """After strings null the pair is untranslated, and the statistics say that something changed."""
    sandbox.translate(filled, "fr", {"form": "Formulaire"}, by="amina")
    (row,) = client.update_translations([TranslationChange(form(), strings=None)])
    assert (row.strings, row.translator, row.translated_at) == (None, None, None)
    (statistics,) = client.list_statistics(PROJECT, language="fr")
    assert statistics.translated_strings == 0
    assert statistics.translation_updated_at is not None


@pytest.mark.parametrize(
    "change",
    [
        TranslationChange(form(), strings={"one": "x", "other": "y"}),
        TranslationChange(form(), strings={"other": ""}),
        TranslationChange(form(), strings={}),
        TranslationChange(form(), reviewed=True),
        TranslationChange(form(), strings=None, reviewed=True),
    ],
)
def test_a_change_that_cannot_be_is_refused(client: TransifexClient, filled: str, change: TranslationChange) -> None:
    """Wrong plural forms, blank texts and reviews of nothing are 400."""
    with pytest.raises(BadRequest):
        client.update_translations([change])


def test_translations_are_found_by_date_state_and_key(
    client: TransifexClient, sandbox: Sandbox, filled: str, clock: Clock
) -> None:
    """The filters are exclusive dates, true-or-false states, and the key."""
    start = clock.now
    sandbox.translate(filled, "fr", {"form": "Formulaire"}, by="amina")
    clock.sleep(60)
    sandbox.translate(filled, "fr", {"case.name": "Nom"}, by="leyla")

    def found(**filters: object) -> set[str | None]:
        rows = client.list_translations(filled, "fr", **filters)  # type: ignore[arg-type]
        return {row.translator for row in rows}

    assert found(translated_after=start) == {"leyla"}
    assert found(translated_after=start - timedelta(seconds=1)) == {"amina", "leyla"}
    assert found(translated_before=start + timedelta(seconds=1)) == {"amina"}
    assert found(key="form") == {"amina"}
    assert found(translated=False) == set()
    sandbox.review(filled, "fr", ["form"], by="noor")
    assert found(reviewed=True) == {"amina"}
    assert found(reviewed=False) == {"leyla"}


def test_statistics_count_strings_and_source_words(
    client: TransifexClient, sandbox: Sandbox, filled: str, clock: Clock
) -> None:
    """Each resource has a row for each target language and one for the source language."""
    sandbox.translate(filled, "fr", {"case.name": "Nom du dossier"}, by="amina")
    clock.sleep(60)
    sandbox.review(filled, "fr", ["case.name"], by="leyla")
    rows = {row.language: row for row in client.list_statistics(PROJECT, resource=filled)}
    assert set(rows) == {"en", "fr", "ar", "id"}
    french = rows["fr"]
    assert (french.total_strings, french.total_words) == (2, 3)
    assert (french.translated_strings, french.translated_words) == (1, 2)
    assert (french.reviewed_strings, french.reviewed_words) == (1, 2)
    assert french.updated_at == french.review_updated_at == clock.now
    assert french.translation_updated_at == clock.now - timedelta(seconds=60)
    assert rows["ar"].translation_updated_at is None
    assert rows["ar"].updated_at is not None


def test_metadata_of_strings_is_changed_in_bulk(client: TransifexClient, filled: str, clock: Clock) -> None:
    """Tags are replaced, a limit of 0 is no limit, and the text's own date does not move."""
    identifier = string_id(filled, "form")
    before = client.list_strings(filled, key="form")[0]
    clock.sleep(60)
    client.update_strings([StringChange(identifier, instructions="Noun", tags=("a", "b"), character_limit=40)])
    (string,) = client.update_strings([StringChange(identifier, tags=("c",), character_limit=0)])
    assert (string.instructions, string.tags, string.character_limit) == ("Noun", ("c",), None)
    assert string.strings_modified_at == before.strings_modified_at
    assert string.metadata_modified_at == clock.now


@pytest.mark.parametrize("change", [{"name": "Other"}, {"priority": "urgent"}, {"categories": ["mobile"]}])
def test_a_resource_can_be_changed(client: TransifexClient, resource: str, change: dict[str, object]) -> None:
    """Only what is given changes."""
    before = client.get_resource(resource)
    after = client.update_resource(resource, **change)  # type: ignore[arg-type]
    name, value = next(iter(change.items()))
    assert getattr(after, name) == (tuple(value) if isinstance(value, list) else value)
    assert after.slug == before.slug
    assert client.get_resource(resource) == after


def test_a_plural_wants_every_category_of_its_language(
    client: TransifexClient, sandbox: Sandbox, resource: str
) -> None:
    """A plural string wants every category of the target language, on every way in."""
    client.upload_source(resource, b"en:\n  days:\n    one: a day\n    other: days\n", keep_translations=False)
    (string,) = client.list_strings(resource)
    assert (string.key, string.pluralized, string.strings) == ("days", True, {"one": "a day", "other": "days"})
    with pytest.raises(Fault):
        sandbox.translate(resource, "fr", {"days": "jours"}, by="amina")
    outcome = client.upload_translations(resource, "fr", b"fr:\n  days:\n    one: un\n    other: deux\n")
    assert outcome.created == 0
    client.upload_translations(resource, "fr", b"fr:\n  days: {one: un, many: 'trop, en fait', other: deux}\n")
    client.upload_translations(resource, "id", b"id:\n  days:\n    other: hari\n")
    assert client.list_translations(resource, "id")[0].strings == {"other": "hari"}
    expected = b"fr:\n  days:\n    one: un\n    many: trop, en fait\n    other: deux\n"
    assert client.download_translations(resource, "fr", mode=DownloadMode.ONLY_TRANSLATED) == expected


def test_other_formats_go_round_too(client: TransifexClient, sandbox: Sandbox) -> None:
    """PO and structured JSON are read, translated and written."""
    po = client.create_resource(NewResource(PROJECT, "po", "a.po", "PO")).id
    client.upload_source(
        po, b'msgid ""\nmsgstr ""\n\nmsgctxt "menu"\nmsgid "a:b"\nmsgstr ""\n', keep_translations=False
    )
    (string,) = client.list_strings(po)
    assert (string.key, string.context) == ("a\\:b", "menu")
    sandbox.translate(po, "fr", {"a\\:b": "Été"}, by="amina")
    assert 'msgstr "Été"' in client.download_translations(po, "fr", mode=DownloadMode.DEFAULT).decode()
    js = client.create_resource(NewResource(PROJECT, "js", "a.json", "STRUCTURED_JSON")).id
    client.upload_source(js, b'{"a.b": {"string": "Hi", "character_limit": 9, "x": 1}}', keep_translations=False)
    (string,) = client.list_strings(js)
    assert (string.key, string.character_limit) == ("a\\.b", 9)
    client.update_strings([StringChange(string.id, character_limit=20)])
    written = json.loads(client.download_translations(js, "fr", mode=DownloadMode.DEFAULT))
    assert written == {"a.b": {"string": "", "character_limit": 20, "x": 1}}
