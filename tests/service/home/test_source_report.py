"""The report on the source texts: API, page, file and command."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from service.deployments.service import find_deployment
from service.home.commands.checks import mount
from service.review.service.policies import import_translations
from tests.service.home.conftest import OPERATOR, Api
from tests.support.commands import make_say

if TYPE_CHECKING:
    from service.web.resources import Resources
    from tests.support.browsing import Browser
    from tests.support.people import UserMaker

LABEL = "form/consent/agree/display_name"
SOURCES = {
    "form/consent/name": "=Consent of the parent(s)",
    LABEL: "Agreed? *",
    "form/consent/agree/help_text": "Ask for the CAAFAG number 5.",
    "form/registration/age/help_text": "Ask for the CAAFAG number 5.",
    "form/registration/age/display_name": "Age",
    "form/registration/name": "Registration",
}
HELP = [key for key in SOURCES if key.endswith("help_text")]


@pytest.fixture
def translate(api: Api, clock: Any) -> Callable[[str, Mapping[str, str]], None]:
    """Let texts of a locale into ``iraq``."""

    def run(locale: str, texts: Mapping[str, str]) -> None:
        with api.database.write() as session:
            deployment = find_deployment(session, "iraq")
            import_translations(session, deployment, locale, texts, replace_approved=False, actor=OPERATOR, now=clock())

    return run


@pytest.fixture
def add(add: Callable[..., int]) -> Callable[..., int]:
    """Add deployments with these source texts."""
    return lambda slug: add(slug, SOURCES)


def _by_check(api: Api) -> dict[str, list[dict[str, Any]]]:
    rows = api("observer").get("/deployments/iraq/source-report").json()
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["check"], []).append(row)
    return found


def test_what_primero_refuses_comes_first_and_equal_texts_are_one_row(api: Api) -> None:
    """Each thing said of a source text is one row, with all places where the text stands."""
    found = _by_check(api)
    assert next(iter(found)) == "source_name_chars"
    assert [(row["severity"], row["keys"]) for row in found["source_name_chars"]] == [("B", [LABEL])]
    assert [row["keys"] for row in found["source_jargon"]] == [HELP]
    (plural,) = found["source_plural"]
    assert plural["source"][plural["start"] : plural["end"]] == "(s)"


def test_a_text_in_which_two_languages_fail_is_named_with_them(
    api: Api, translate: Callable[[str, Mapping[str, str]], None]
) -> None:
    """One language may be a slip; a finding that somebody dismissed counts no more."""
    translate("fr", {HELP[0]: "Demander le numéro."})
    assert "many_locales_fail" not in _by_check(api)
    translate("ar", {HELP[1]: "اسأل عن رقم CAAFAG."})
    (row,) = _by_check(api)["many_locales_fail"]
    assert row["message"].startswith("numbers finds something in 2 languages")
    assert (row["keys"], row["locales"], row["severity"]) == (HELP, ["ar", "fr"], "I")
    unit = api().unit(HELP[0])
    number = next(finding["id"] for finding in unit["findings"] if finding["check"] == "numbers")
    body = {"source_hash": unit["source_hash"], "text_hash": unit["text_hash"], "reason": "Said in words."}
    assert api().post(f"/deployments/iraq/locales/fr/findings/{number}/dismissal", body).status_code == 200
    assert "many_locales_fail" not in _by_check(api)


def test_a_text_that_waits_long_while_others_move_is_named(
    api: Api, clock: Any, translate: Callable[[str, Mapping[str, str]], None]
) -> None:
    """Not where it is new, and not in a language in which nobody works."""
    clock.move(days=91)
    assert "long_untranslated" not in _by_check(api)  # the last French text came 91 days ago, Arabic has none
    translate("ar", {"form/registration/age/display_name": "العمر"})
    rows = _by_check(api)["long_untranslated"]
    assert {tuple(row["locales"]) for row in rows} == {("ar",)}
    assert "Age" not in {row["source"] for row in rows}
    assert len(rows) == len(set(SOURCES.values())) - 1


def test_the_page_shows_it_and_the_file_has_all_of_it(api: Api, make_browser: Callable[..., Browser]) -> None:
    """Texts are escaped, the file opens in a spreadsheet without running anything."""
    browser = make_browser("observer", api.ids["iraq"])
    assert "/deployments/iraq/source-report" in browser.get("/deployments/iraq/findings").text
    page = browser.get("/deployments/iraq/source-report")
    assert page.status_code == 200
    assert "Agreed? *" in page.text
    assert "and in 1 other place" in page.text
    content = browser.get("/deployments/iraq/source-report.csv").content
    assert (
        content
        == api("observer")
        .client.get("/api/v1/deployments/iraq/source-report/file", headers=dict(api("observer").headers))
        .content
    )
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert {row["check"] for row in rows} >= {"source_name_chars", "source_plural", "source_jargon"}
    assert next(row["source"] for row in rows if row["check"] == "source_plural") == "'=Consent of the parent(s)"


def test_the_command_says_the_same(api: Api, resources: Resources, make_user: UserMaker, tmp_path: Any) -> None:
    """As JSON, and into a file."""
    say = make_say(resources, make_user, api.ids["iraq"], mount)
    rows = say("checks", "source", "iraq")["rows"]
    assert rows == api("observer").get("/deployments/iraq/source-report").json()
    file = tmp_path / "source.csv"
    assert say("checks", "source", "iraq", "--output", str(file)) == {"file": str(file), "rows": len(rows)}
    assert file.read_bytes().startswith(b"\xef\xbb\xbfcheck,severity,")
