"""Who did how much: totals and reports, by the client against the sandbox and against odd files."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transifex_client.conftest import PROJECT, Ask, Clock, MakeClient
from transifex_client import TransifexClient
from transifex_client.errors import DeadlineExceeded, JobFailed, NotFound, PlanRequired, UnexpectedAnswer
from transifex_client.ids import string_id, translation_id
from transifex_client.resources import (
    ActivityRow,
    LocalizationActivity,
    NewProject,
    TranslationChange,
    parse_activity_report,
)
from transifex_client.sandbox.core import Sandbox
from transifex_client.wire import httpx

FIRST, SECOND = date(2024, 3, 1), date(2024, 3, 2)


@pytest.fixture
def worked(client: TransifexClient, sandbox: Sandbox, clock: Clock, filled: str) -> str:
    """Two days of work on "Form" (one word) and "Case name" (two words)."""
    sandbox.translate(filled, "fr", {"form": "Formulaire", "case.name": "Nom"}, by="amina")
    sandbox.translate(filled, "fr", {"case.name": "Nom du cas"}, by="omar")
    clock.now += timedelta(days=1)
    sandbox.translate(filled, "ar", {"form": "استمارة"}, by="omar")
    sandbox.review(filled, "fr", ["form", "case.name"], by="omar")
    sandbox.review(filled, "fr", ["form"], by="omar")
    form = translation_id(string_id(filled, "form"), "fr")
    client.update_translations([TranslationChange(form, proofread=True)])
    return filled


@pytest.mark.parametrize("as_list", [True, False])
def test_totals_count_source_words_between_two_days(
    client: TransifexClient, sandbox: Sandbox, worked: str, as_list: bool
) -> None:
    """New and edited words are told apart; both days count; it is not known whether the totals come in a list."""
    sandbox.settings.activity_as_list = as_list

    def totals(first: date, last: date, language: str | None = None) -> LocalizationActivity:
        return client.get_localization_activity(PROJECT, first_day=first, last_day=last, language=language)

    assert totals(FIRST, FIRST) == LocalizationActivity(3, 2, 5, 0, 0)
    assert totals(SECOND, SECOND) == LocalizationActivity(1, 0, 1, 3, 1)
    assert totals(FIRST, SECOND) == LocalizationActivity(4, 2, 6, 3, 1)
    assert totals(FIRST, SECOND, "ar") == LocalizationActivity(1, 0, 1, 0, 0)
    assert totals(SECOND + timedelta(days=1), SECOND + timedelta(days=9)) == LocalizationActivity(0, 0, 0, 0, 0)


def test_totals_of_several_rows_are_added(make_client: MakeClient) -> None:
    """Should the totals come one for each language, their sum is the project's."""
    row = {"attributes": {"translated_words": {"new": 1, "total": 2}, "reviewed_words": {"total": 3}}}
    row["attributes"]["proofread_words"] = {}
    script = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": [row, row]}))
    found = make_client(script).get_localization_activity(PROJECT, first_day=FIRST, last_day=SECOND)
    assert found == LocalizationActivity(2, 0, 4, 6, 0)


@pytest.mark.parametrize("data", [None, 5, [5], {"attributes": {}}, {"attributes": {"translated_words": {"new": "1"}}}])
def test_totals_in_another_shape_are_unexpected(make_client: MakeClient, data: object) -> None:
    """An answer that is none is one clear error."""
    script = httpx.MockTransport(lambda _: httpx.Response(200, json={"data": data}))
    with pytest.raises(UnexpectedAnswer):
        make_client(script).get_localization_activity(PROJECT, first_day=FIRST, last_day=SECOND)


@pytest.mark.parametrize(
    "query",
    [
        "filter[project]=P&filter[date][from]=2024-03-01",
        "filter[date][from]=2024-03-01&filter[date][to]=2024-03-01",
        "filter[project]=P&filter[date][from]=2024-3-1&filter[date][to]=2024-03-01",
        "filter[project]=P&filter[date][from]=2024-02-30&filter[date][to]=2024-03-01",
        "filter[project]=P&filter[date][from]=2024-03-01&filter[date][to]=2024-03-01&filter[user]=u:amina",
    ],
)
def test_totals_want_a_project_and_two_days(ask: Ask, query: str) -> None:
    """Missing, unknown and wrong filters are refused."""
    assert ask("GET", f"/project_localization_activity?{query.replace('P', PROJECT, 1)}").status == 400


def test_a_report_has_a_row_for_each_person_and_language(
    client: TransifexClient, sandbox: Sandbox, worked: str
) -> None:
    """The report is made, waited for, fetched and read; days, language and person narrow it."""
    sandbox.settings.pending_polls = 2

    def report(**wanted: object) -> tuple[ActivityRow, ...]:
        return client.download_activity_report(PROJECT, **wanted)  # type: ignore[arg-type]

    bridge = ActivityRow("bridge", "fr", proofread_words=1)
    amina = ActivityRow("amina", "fr", new_words=3)
    omar = (ActivityRow("omar", "ar", new_words=1), ActivityRow("omar", "fr", edited_words=2, reviewed_words=3))
    assert report(first_day=FIRST) == (amina, bridge, *omar)
    assert report(first_day=FIRST, last_day=FIRST) == (amina, ActivityRow("omar", "fr", edited_words=2))
    assert report(first_day=FIRST, language="ar", first_time_edits=True) == omar[:1]
    assert report(first_day=FIRST, username="omar") == omar


def test_a_report_of_nothing_has_no_rows(client: TransifexClient) -> None:
    """A project without work has a report without rows."""
    assert client.download_activity_report(PROJECT, first_day=FIRST) == ()


def test_a_report_of_other_columns_is_read_by_their_names(
    client: TransifexClient, sandbox: Sandbox, worked: str
) -> None:
    """The names of the columns are not documented: what they are called may change."""
    sandbox.settings.report_columns = ("User", "Language", "New", "Words edited", "Reviewed", "Sum of proofs")
    rows = client.download_activity_report(PROJECT, first_day=FIRST, username="omar", language="fr")
    assert rows == (ActivityRow("omar", "fr", 0, 2, 3, 0, {"Sum of proofs": "0"}),)


@pytest.mark.parametrize("status", [402, 403])
def test_a_plan_without_reports_is_told_apart(client: TransifexClient, sandbox: Sandbox, status: int) -> None:
    """Where the plan has no reports, that is an error of its own, and the totals still work."""
    sandbox.settings.withheld["project_activity_reports_async_downloads"] = status
    with pytest.raises(PlanRequired):
        client.download_activity_report(PROJECT, first_day=FIRST)
    assert client.get_localization_activity(PROJECT, first_day=FIRST, last_day=FIRST).new_words == 0
    sandbox.settings.withheld["project_localization_activity"] = status
    with pytest.raises(PlanRequired):
        client.get_localization_activity(PROJECT, first_day=FIRST, last_day=FIRST)


def test_a_report_that_fails_or_never_ends_is_an_error(client: TransifexClient, sandbox: Sandbox) -> None:
    """The job of a report is bounded as every other job is."""
    sandbox.settings.next_job_errors.append([])
    with pytest.raises(JobFailed, match="no reason"):
        client.download_activity_report(PROJECT, first_day=FIRST)
    sandbox.settings.endless_jobs = 1
    with pytest.raises(DeadlineExceeded):
        client.download_activity_report(PROJECT, first_day=FIRST)


def test_the_job_of_a_report_says_what_it_is_about(ask: Ask, client: TransifexClient) -> None:
    """Its dates are named otherwise than those of file jobs, and every relationship that was sent comes back."""
    related = {
        "project": {"data": {"type": "projects", "id": PROJECT}},
        "language": {"data": {"type": "languages", "id": "l:fr"}},
        "user": {"data": {"type": "users", "id": "u:bridge"}},
    }
    kind = "project_activity_reports_async_downloads"
    data = {"type": kind, "attributes": {"date_from": "2024-03-01"}, "relationships": related}
    response = ask("POST", f"/{kind}", json.dumps({"data": data}).encode())
    document = response.json()
    assert isinstance(document, dict)
    shown = document["data"]
    assert (response.status, response.headers["Content-Location"]) == (202, f"/{kind}/{shown['id']}")
    assert shown["attributes"].keys() == {"datetime_created", "datetime_modified", "status", "errors"}
    assert {name: each["data"] for name, each in shown["relationships"].items()} == {
        name: each["data"] for name, each in related.items()
    }


@pytest.mark.parametrize(
    ("attributes", "related", "status"),
    [
        ({}, {}, 400),
        ({"date_from": "01/03/2024"}, {}, 400),
        ({"date_from": "2024-03-01", "date_to": "20240302"}, {}, 400),
        ({"date_from": "2024-03-01", "format": "csv"}, {}, 400),
        ({"date_from": "2024-03-01"}, {"project": f"{PROJECT}x"}, 404),
        ({"date_from": "2024-03-01"}, {"user": "u:nobody"}, 404),
        ({"date_from": "2024-03-01"}, {"language": "l:xx"}, 404),
    ],
)
def test_a_report_must_be_ordered_as_the_schema_says(
    ask: Ask, attributes: dict[str, object], related: dict[str, str], status: int
) -> None:
    """Unknown, missing and wrong parts of the order are refused."""
    kinds = {"project": "projects", "user": "users", "language": "languages"}
    named = {"project": PROJECT} | related
    data = {
        "type": "project_activity_reports_async_downloads",
        "attributes": attributes,
        "relationships": {name: {"data": {"type": kinds[name], "id": value}} for name, value in named.items()},
    }
    answered = ask("POST", "/project_activity_reports_async_downloads", json.dumps({"data": data}).encode())
    assert answered.status == status


def test_work_in_another_project_does_not_count(client: TransifexClient, worked: str) -> None:
    """Totals and reports are those of one project."""
    other = client.create_project(NewProject("o:sandbox", "other", "Other")).id
    assert client.download_activity_report(other, first_day=FIRST) == ()
    with pytest.raises(NotFound):
        client.get_localization_activity(f"{PROJECT}x", first_day=FIRST, last_day=FIRST)


# The file itself


def test_unknown_columns_are_kept_aside_and_missing_ones_are_nothing() -> None:
    """A mark of byte order, other cases, thousands, quotes and blank lines do not hinder reading."""
    file = '\ufeff"Collaborator",Team,LANGUAGE,"Edited words"\r\n"amina, o","A ""1""",fr,"1,234"\r\n\r\nomar,,ar,\r\n'
    assert parse_activity_report(file.encode()) == (
        ActivityRow("amina, o", "fr", edited_words=1234, others={"Team": 'A "1"'}),
        ActivityRow("omar", "ar", others={"Team": ""}),
    )


def test_a_short_row_lacks_what_it_lacks() -> None:
    """A row that ends early has no words in the columns that it does not reach."""
    assert parse_activity_report(b"user,language,new words\nomar,ar\n") == (ActivityRow("omar", "ar"),)


@pytest.mark.parametrize("file", [b"", b"\n", b"user,language\n"])
def test_an_empty_report_has_no_rows(file: bytes) -> None:
    """Nothing is nothing."""
    assert parse_activity_report(file) == ()


@pytest.mark.parametrize(
    "file",
    [
        b"\xff\xfe",
        b'user,language\n"amina',
        b"language,new words\nfr,1\n",
        b"user,new words\namina,1\n",
        b"user,language,new words\namina,fr,many\n",
        b"user,language,new words\namina,fr,-1\n",
        b"<html>sorry</html>\n<p>\n",
    ],
)
def test_what_is_no_report_is_unexpected(file: bytes) -> None:
    """A file that cannot be a report is one clear error, not wrong numbers."""
    with pytest.raises(UnexpectedAnswer, match="activity report"):
        parse_activity_report(file)


@given(st.binary())
def test_any_bytes_give_rows_or_one_error(file: bytes) -> None:
    """Whatever arrives, nothing but rows or the documented error comes out."""
    try:
        rows = parse_activity_report(file)
    except UnexpectedAnswer:
        return
    assert all(isinstance(row, ActivityRow) for row in rows)
