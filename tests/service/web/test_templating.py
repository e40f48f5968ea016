"""Turning templates into pages."""

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from jinja2 import UndefinedError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

import service
from service.app import create_app
from service.web.languages import LANGUAGES
from service.web.problems import ProblemAnswer
from service.web.resources import Resources
from service.web.templating import Interface, Templates, Viewer, render, set_flash


@pytest.fixture
def app(resources: Resources) -> FastAPI:
    return create_app(resources)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, base_url="http://localhost", follow_redirects=False)


def error_page(request: Request, sentence: str = "A sentence.") -> Response:
    return render(request, "web/error.html", {"problem": ProblemAnswer("refused", 409, sentence), "request_id": "7"})


def test_pages_take_the_language_of_the_interface(app: FastAPI, client: TestClient) -> None:
    """A page in a right-to-left language says so at its root, language and direction."""

    @app.get("/page")
    def page(request: Request) -> Response:
        request.state.interface = Interface("ckb", "rtl")
        return error_page(request)

    assert '<html lang="ckb" dir="rtl">' in client.get("/page").text


_TWO_PRINTED = re.compile(r"(\}\}|%\})(</[a-z]+>)*, (<[^>]+>)*\{\{")


def test_what_a_template_lists_has_the_comma_of_the_language(client: TestClient) -> None:
    """Arabic has another comma: between two things that it prints no template writes one of its own."""
    templates = client.app.state.templates  # type: ignore[attr-defined]
    said = {lang: templates.environment_in(LANGUAGES[lang]).from_string("{{ comma }}").render() for lang in LANGUAGES}
    assert said == {"en": ",", "fr": ",", "ar": "،"}
    own = [
        f"{file.name}: {line}"
        for file in Path(service.__file__).parent.rglob("*.html")
        for line in file.read_text("utf-8").splitlines()
        if _TWO_PRINTED.search(line)
    ]
    assert own == []


def test_pages_show_who_looks(app: FastAPI, client: TestClient) -> None:
    """The name of who is signed in stands at the top, as text, beside a form to sign out that carries the token."""

    @app.get("/page")
    def page(request: Request) -> Response:
        request.state.viewer = Viewer("<b>amina</b>", "the-token")
        return error_page(request)

    html = client.get("/page").text
    assert "<bdi>&lt;b&gt;amina&lt;/b&gt;</bdi>" in html
    assert 'name="form_token" value="the-token"' in html
    assert "Sign out" not in client.get("/login").text


@pytest.mark.parametrize("sentence", ["Saved.", 'تم الحفظ; = " <b>', "é" * 400])
def test_a_sentence_for_the_next_page(app: FastAPI, client: TestClient, resources: Resources, sentence: str) -> None:
    """What was just done is said once, as text, in any script, cut where it would burst a cookie."""

    @app.get("/act")
    def act() -> Response:
        response = RedirectResponse("/login")
        set_flash(response, resources.settings, sentence)
        return response

    client.get("/act")
    shown = client.get("/login").text.partition('role="status">')[2].partition("</p>")[0]
    assert shown == sentence[:300].replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")
    assert 'role="status"></p>' in client.get("/login").text


@pytest.mark.parametrize(
    ("lang", "number", "expected"),
    [
        ("en", 1, "1 session elsewhere was ended."),
        ("fr", 1200, "1\u202f200 autres sessions ont été fermées."),
        ("ar", 2, "أُنهيت جلستان في أماكن أخرى."),
    ],
)
def test_a_counted_sentence_for_the_next_page(
    app: FastAPI, client: TestClient, resources: Resources, lang: str, number: int, expected: str
) -> None:
    """The page says it in its own language, and nothing marks it as English there."""

    @app.get("/act")
    def act() -> Response:
        response = RedirectResponse("/login")
        set_flash(
            response,
            resources.settings,
            ("%(num)s session elsewhere was ended.", "%(num)s sessions elsewhere were ended."),
            number,
        )
        return response

    client.get("/act")
    page = client.get("/login", headers={"Accept-Language": lang}).text
    assert page.partition('role="status">')[2].partition("</p>")[0] == expected


@pytest.mark.parametrize("cookie", ["", "x", "%5B%5D", "%5B1%5D", "null", "%5B%22a%22%2C%22b%22%2C%22c%22%5D", "%ff"])
def test_a_sentence_that_cannot_be_read_is_not_said(client: TestClient, cookie: str) -> None:
    """A browser may send anything."""
    client.cookies.set("bridge_flash", cookie)
    assert 'role="status"></p>' in client.get("/login").text


def test_a_missing_value_is_an_error(app: FastAPI) -> None:
    """A template that names what it was not given fails, instead of showing a hole."""
    templates: Templates = app.state.templates
    with pytest.raises(UndefinedError):
        templates.environment.from_string("{{ missing }}").render()


def test_templates_of_every_feature_are_found(app: FastAPI) -> None:
    """Each template is found as feature and file, and each parses."""
    environment: Any = app.state.templates.environment
    names = environment.list_templates()
    assert {"web/base.html", "web/error.html", "auth/login.html"} <= set(names)
    for name in names:
        environment.get_template(name)


def test_an_unknown_static_file_is_an_error(app: FastAPI) -> None:
    """A template that links a file which is not there fails, instead of linking nothing."""
    with pytest.raises(KeyError):
        app.state.templates.environment.from_string("{{ static_url('none.css') }}").render()
