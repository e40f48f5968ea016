"""The pages of sign-offs and releases: what they say, who may act on them, and that nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from service.worker import make_runner
from tests.service.bundles.conftest import new_deployment

if TYPE_CHECKING:
    from service.web.resources import Resources
    from tests.support.browsing import Browser
    from tests.support.people import UserMaker

D = "/deployments/northern-lakes"
PAGE = f"{D}/locales/fr/sign-off"
GOOD = {"name": "Mariam", "role": "Reviewer", "organisation": "Lakes", "statement": "Fit for go-live."}


@pytest.fixture
def deployment_id(resources: Resources, small: Callable[..., dict[str, Any]]) -> int:
    """Six of seven texts approved in French, all in Arabic."""
    with resources.database.write() as session:
        filled = new_deployment(session)
        filled.import_source(small())
        keys = list(filled.sources())
        filled.write({key: f"Texte {number}" for number, key in enumerate(keys[:-1])})
        filled.write({key: f"نص {number}" for number, key in enumerate(keys)}, "ar")
        filled.approve_rows("fr")
        filled.approve_rows("ar")
        assert filled.deployment.id is not None
        return filled.deployment.id


def _digest(page: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', page)
    assert found is not None
    return found[1]


def test_a_reviewer_signs_prints_and_takes_it_back(make_browser: Callable[..., Browser], deployment_id: int) -> None:
    """The page says what is missing; the certificate says it twice, in English and French."""
    browser = make_browser("reviewer", deployment_id, ["fr"])
    page = browser.client.get(PAGE).text
    assert "6 of 7 texts are approved and would be covered" in page
    assert "Sign off 6 texts" in page
    answer = browser.post(PAGE, {**GOOD, "digest": _digest(page)})
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    page = browser.client.get(PAGE).text
    assert "Sign-off 1</" not in page
    assert "incomplete" in page
    assert "1 text in scope is not covered" in page
    sheet = browser.client.get(f"{D}/locales/fr/sign-offs/1/certificate").text
    assert re.findall(r'<section lang="(\w+)"', sheet) == ["en", "fr"]
    assert sheet.count("Fit for go-live.") == 2
    assert f'href="{D}/locales/fr/sign-offs/1/certificate.pdf"' in sheet
    refused = browser.post(f"{D}/locales/fr/sign-offs/1/revoke", {"reason": " "})
    assert refused.status_code == 422
    assert "Give a reason" in refused.text
    assert browser.post(f"{D}/locales/fr/sign-offs/1/revoke", {"reason": "A typo."}).status_code == 303
    assert "A typo." in browser.client.get(PAGE).text


def test_what_was_typed_stays_when_something_is_wrong(make_browser: Callable[..., Browser], deployment_id: int) -> None:
    """A missing part, and texts that changed meanwhile."""
    browser = make_browser("reviewer", deployment_id)
    page = browser.client.get(PAGE).text
    answer = browser.post(PAGE, {**GOOD, "role": "", "digest": _digest(page)})
    assert answer.status_code == 422
    assert "The role is missing" in answer.text
    assert 'value="Mariam"' in answer.text
    answer = browser.post(PAGE, {**GOOD, "digest": "0" * 64})
    assert answer.status_code == 409
    assert "look at it again" in answer.text
    assert "Fit for go-live." in answer.text


def test_others_see_it_and_cannot_sign(make_browser: Callable[..., Browser], deployment_id: int) -> None:
    """No form for them, and the address refuses."""
    browser = make_browser("specialist", deployment_id)
    page = browser.client.get(PAGE).text
    assert "Reviewers of the language sign it off." in page
    assert "<textarea" not in page
    assert browser.post(PAGE, {**GOOD, "digest": "0" * 64}).status_code == 403


def test_the_releases_say_who_signed_who_fetched_and_what_changed(
    make_browser: Callable[..., Browser], deployment_id: int, resources: Resources, make_user: UserMaker
) -> None:
    """By words, beside the release before."""
    engineer = make_browser("release-engineer", deployment_id)
    assert "There is no release yet" in engineer.client.get(f"{D}/releases").text
    headers = {"Authorization": f"Bearer {make_user('release-engineer', deployment_id)[1]}"}
    api = f"/api/v1{D}/locales/ar"

    def release(**body: Any) -> None:
        assert engineer.client.post(f"{api}/releases", json=body, headers=headers).status_code == 202
        make_runner(resources).run_one()

    release()
    reviewer = make_browser("reviewer", deployment_id)
    page = reviewer.client.get(f"{D}/locales/ar/sign-off").text
    reviewer.post(f"{D}/locales/ar/sign-off", {**GOOD, "digest": _digest(page)})
    release(policy="signed-off")
    engineer.client.get(f"{api}/bundles/2", headers={**headers, "User-Agent": "ci/7"})
    with resources.database.write() as session:
        from service.deployments.service import find_deployment
        from tests.service.bundles.conftest import Filled

        filled = Filled(session, find_deployment(session, "northern-lakes"), resources.clock())
        filled.write({"form/person/name": "نص جديد"}, "ar")
        filled.approve_rows("ar")
    release()
    page = engineer.client.get(f"{D}/releases").text
    assert "Release 3: Arabic" in page
    assert "Signed off by <bdi>Mariam</bdi>" in page
    assert "Fetched 1 time." in page
    second = engineer.client.get(f"{D}/locales/ar/releases/2").text
    assert "it ships the same texts as release 1" in second
    assert "ci/7" in second
    third = engineer.client.get(f"{D}/locales/ar/releases/3").text
    assert "1 text differs from release 2." in third
    assert "<ins>جديد</ins>" in third
    assert 'dir="rtl"' in third
    assert engineer.client.get(f"{D}/locales/ar/releases/9").status_code == 404


@pytest.mark.parametrize(
    "path", [PAGE, f"{D}/releases", f"{D}/locales/fr/releases/1", f"{D}/locales/fr/sign-offs/1/certificate"]
)
def test_members_alone_see_the_pages(
    make_browser: Callable[..., Browser], make_deployment: Callable[..., int], deployment_id: int, path: str
) -> None:
    """Another deployment's people get 404."""
    assert make_browser("specialist", make_deployment()).client.get(path).status_code == 404


@pytest.mark.parametrize("lang", ["fr", "ar"])
def test_the_pages_are_small_and_speak_other_languages(
    make_browser: Callable[..., Browser], deployment_id: int, lang: str
) -> None:
    """Drawn in French and Arabic too, whatever is translated of them already."""
    browser = make_browser("reviewer", deployment_id)
    for path in (PAGE, f"{D}/releases"):
        answer = browser.client.get(path, headers={"Accept-Language": lang})
        assert answer.status_code == 200
        assert f'<html lang="{lang}"' in answer.text
        assert len(answer.content) < 50_000


def test_the_certificate_is_a_pdf_too(
    make_browser: Callable[..., Browser], deployment_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same sheets, each as a page; where nothing can make one the page says so and the address too."""
    browser = make_browser("reviewer", deployment_id, ["ar"])
    page = browser.client.get(f"{D}/locales/ar/sign-off").text
    browser.post(f"{D}/locales/ar/sign-off", {**GOOD, "statement": "<b>جاهز</b>", "digest": _digest(page)})
    made: list[str] = []

    def make(html: str) -> bytes:
        made.append(html)
        return b"%PDF-1.7"

    monkeypatch.setattr("service.bundles.pages.signing.make_pdf", make)
    address = f"{D}/locales/ar/sign-offs/1/certificate.pdf"
    answer = browser.client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert "northern-lakes-ar-sign-off-1.pdf" in answer.headers["content-disposition"]
    (html,) = made
    assert re.findall(r'<section lang="(\w+)" dir="(\w+)"', html) == [("en", "ltr"), ("ar", "rtl")]
    assert html.count("&lt;b&gt;جاهز&lt;/b&gt;") == 2
    # Names and statements of any direction stand apart from the line that they are in.
    assert html.count("&#x2068;Mariam&#x2069;") == 2
    monkeypatch.undo()
    monkeypatch.setattr("service.web.pdf._load", lambda: None)
    page = browser.client.get(f"{D}/locales/ar/sign-offs/1/certificate").text
    assert "No PDF can be made here" in page
    assert address not in page
    refused = browser.client.get(address)
    assert (refused.status_code, "Print the page instead" in refused.text) == (503, True)
