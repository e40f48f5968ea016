"""Signing in, signing out and setting a password, as a browser without JavaScript does it."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.auth.models import Role
from service.auth.rules import operator
from service.auth.service import create_person_with_account, set_password_by_link
from service.web.addresses import local_path
from service.web.resources import Resources
from tests.support.browsing import SAME_ORIGIN, form_token
from tests.support.people import MovableClock

PASSWORD = "four plain words here"
PERSON = "30000000-0000-4000-8000-000000000001"


@pytest.fixture
def link(resources: Resources) -> str:
    """The secret of amina's one-time link."""
    with resources.database.write() as session:
        host = operator("test")
        now = resources.clock()
        return create_person_with_account(session, host, "amina", Role.REVIEWER, now, PERSON).link_secret


@pytest.fixture
def amina(resources: Resources, link: str) -> str:
    """A user with the password PASSWORD."""
    with resources.database.write() as session:
        return set_password_by_link(session, link, PASSWORD, resources.clock())


def send(client: TestClient, path: str, **fields: str) -> Any:
    """Open the page of a form and send the form."""
    page = client.get(path, headers=SAME_ORIGIN)
    return client.post(path, data={"form_token": form_token(page.text), **fields}, headers=SAME_ORIGIN)


def test_sign_in_leads_where_one_wanted_to_go(client: TestClient, amina: str) -> None:
    """Asked for anonymously a page leads to the form, the form back to the page; scripts cannot read the cookie."""
    answer = client.post("/logout", headers=SAME_ORIGIN)
    assert answer.headers["location"] == "/login?next=/"
    answer = send(client, "/login", username="Amina", password=PASSWORD, next="/deployments/iraq?locale=ar")
    assert (answer.status_code, answer.headers["location"]) == (303, "/deployments/iraq?locale=ar")
    cookie = next(value for value in answer.headers.get_list("set-cookie") if value.startswith("bridge_session="))
    assert {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
    me = client.get("/api/v1/me").json()
    assert (me["person_id"], me["username"]) == (PERSON, "amina")


def test_cookies_on_https(resources: Resources, amina: str) -> None:
    """Behind https the cookies are sent over https only and no other host of the domain can plant them."""
    settings = resources.settings.model_copy(update={"public_url": "https://bridge.example.org"})
    app = create_app(Resources(settings, resources.database, resources.clock, resources.secrets))
    with TestClient(app, base_url="https://localhost", follow_redirects=False) as client:
        answer = send(client, "/login", username=amina, password=PASSWORD)
        names = [value.partition("=")[0] for value in answer.headers.get_list("set-cookie")]
        assert "__Host-bridge_session" in names
        assert all("Secure" in value for value in answer.headers.get_list("set-cookie"))
        assert client.get("/api/v1/me").status_code == 200
        assert answer.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example",
        "//evil.example",
        "///evil.example",
        "/\x0b/evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "deployments",
        "",
        "http:///x",
    ],
)
def test_next_never_leads_away(client: TestClient, amina: str, address: str) -> None:
    """Whatever a link to the sign-in says, one ends on a page of this service."""
    assert local_path(address) == "/"
    answer = send(client, "/login", username=amina, password=PASSWORD, next=address)
    assert answer.headers["location"] == "/"


def test_wrong_password_is_a_designed_page(client: TestClient, amina: str) -> None:
    """The form comes back with one sentence, the username kept, the password not, and for every failure the same."""
    known = send(client, "/login", username="amina", password="wrong password", next="/x")
    unknown = send(client, "/login", username="nobody", password="wrong password", next="/x")
    assert known.status_code == unknown.status_code == 422
    assert 'role="alert"' in known.text
    assert "do not fit together" in known.text
    assert 'value="amina"' in known.text
    assert 'name="next" value="/x"' in known.text
    assert "wrong password" not in known.text
    assert _without_tokens(known.text).replace("amina", "nobody") == _without_tokens(unknown.text)


def test_resting_account_looks_the_same(client: TestClient, amina: str, clock: MovableClock) -> None:
    """A resting account says what a wrong password says, so that nobody learns who exists; later it works again."""
    answers = [send(client, "/login", username=amina, password="wrong password") for _ in range(5)]
    right = send(client, "/login", username=amina, password=PASSWORD)
    assert right.status_code == 422
    assert _without_tokens(right.text) == _without_tokens(answers[0].text)
    assert "rests for 15 minutes" in right.text
    clock.move(minutes=15)
    assert send(client, "/login", username=amina, password=PASSWORD).status_code == 303


def test_username_is_shown_as_text(client: TestClient, amina: str) -> None:
    """What was typed as username comes back escaped."""
    answer = send(client, "/login", username='"><script>alert(1)</script>', password="x")
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;" in answer.text


def test_sign_in_needs_the_form_of_this_browser(client: TestClient, amina: str) -> None:
    """A sign-in that another page sends, without the token this browser was given, is refused."""
    fields = {"username": amina, "password": PASSWORD}
    assert client.post("/login", data=fields, headers=SAME_ORIGIN).status_code == 403
    client.get("/login")
    assert client.post("/login", data={**fields, "form_token": "x"}, headers=SAME_ORIGIN).status_code == 403
    assert "bridge_session" not in client.cookies


def test_sign_out(client: TestClient, amina: str) -> None:
    """Signing out ends the session, forgets the cookie and says so once."""
    send(client, "/login", username=amina, password=PASSWORD)
    kept = client.cookies["bridge_session"]
    page = client.get("/no-such-page", headers=SAME_ORIGIN)
    assert page.status_code == 404
    token = _form_secret(client)
    answer = client.post("/logout", data={"form_token": token}, headers=SAME_ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "bridge_session" not in client.cookies
    assert "You are signed out." in client.get("/login").text
    assert "You are signed out." not in client.get("/login").text
    client.cookies.set("bridge_session", kept)
    assert client.get("/api/v1/me").status_code == 401


def test_sign_out_needs_the_form_token(client: TestClient, amina: str) -> None:
    """Another page cannot sign one out."""
    send(client, "/login", username=amina, password=PASSWORD)
    assert client.post("/logout", data={"form_token": "x"}, headers=SAME_ORIGIN).status_code == 403
    assert client.post("/logout", headers=SAME_ORIGIN).status_code == 403
    assert client.get("/api/v1/me").status_code == 200


def test_set_password(client: TestClient, link: str) -> None:
    """The link shows whose it is, takes a password twice, and leads to the sign-in, where it works."""
    page = client.get(f"/set-password/{link}", headers=SAME_ORIGIN)
    assert page.status_code == 200
    assert 'value="amina"' in page.text
    answer = send(client, f"/set-password/{link}", password=PASSWORD, repeated=PASSWORD)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "Your password is set." in client.get("/login").text
    assert send(client, "/login", username="amina", password=PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("password", "repeated", "sentence"),
    [("tiny one", "tiny one", "too short"), (PASSWORD, PASSWORD + "!", "differ"), ("amina amina amina", "", "differ")],
)
def test_set_password_says_what_is_wrong(
    client: TestClient, link: str, password: str, repeated: str, sentence: str
) -> None:
    """A password that cannot be taken is explained on the form, which can be sent again."""
    answer = send(client, f"/set-password/{link}", password=password, repeated=repeated)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert password not in answer.text.replace("amina", "")
    assert send(client, f"/set-password/{link}", password=PASSWORD, repeated=PASSWORD).status_code == 303


def test_dead_links_are_a_designed_page(client: TestClient, link: str, clock: MovableClock) -> None:
    """A link that was used, has expired or never was one says so, and what to do."""
    for secret in ("never-was-one", link):
        clock.move(days=7)
        page = client.get(f"/set-password/{secret}", headers=SAME_ORIGIN)
        assert page.status_code == 410
        assert "This link no longer works" in page.text
        assert "ask whoever gave it to you" in page.text


def test_a_link_that_dies_while_one_types(client: TestClient, link: str, clock: MovableClock) -> None:
    """A link that expires between showing and sending the form says so instead of setting the password."""
    page = client.get(f"/set-password/{link}", headers=SAME_ORIGIN)
    clock.move(days=7)
    fields = {"form_token": form_token(page.text), "password": PASSWORD, "repeated": PASSWORD}
    answer = client.post(f"/set-password/{link}", data=fields, headers=SAME_ORIGIN)
    assert answer.status_code == 410


def test_an_expired_session_leads_back(client: TestClient, amina: str, clock: MovableClock) -> None:
    """After the session ended a form leads to the sign-in and from there back to the page the form stood on."""
    send(client, "/login", username=amina, password=PASSWORD)
    clock.move(hours=2)
    headers = SAME_ORIGIN | {"Referer": "http://localhost/deployments/iraq/review"}
    answer = client.post("/logout", data={"form_token": "x"}, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/deployments/iraq/review")
    headers = SAME_ORIGIN | {"Referer": "http://evil.example/deployments"}
    answer = client.post("/logout", data={"form_token": "x"}, headers=headers)
    assert answer.headers["location"] == "/login?next=/"


def test_a_used_session_stays_alive(client: TestClient, amina: str, clock: MovableClock) -> None:
    """Reading pages keeps a session alive, though reading is no write."""
    send(client, "/login", username=amina, password=PASSWORD)
    for _ in range(4):
        clock.move(hours=1, minutes=30)
        assert client.get("/api/v1/me").status_code == 200
    clock.move(hours=2)
    assert client.get("/api/v1/me").status_code == 401


def test_pages_are_accessible_by_structure(client: TestClient, link: str) -> None:
    """Each page has a language, a title, landmarks, one h1, a skip link, and a label for each field."""
    for path in ("/login", f"/set-password/{link}", "/set-password/dead", "/nowhere"):
        html = client.get(path, headers=SAME_ORIGIN).text
        assert '<html lang="en" dir="ltr">' in html
        assert re.search(r"<title>[^<]{5,} · Primero Translation Bridge</title>", html)
        assert html.count("<h1>") == 1
        assert all(f"<{landmark}" in html for landmark in ("header", "nav", "main", "footer"))
        assert '<a class="skip" href="#content">' in html
        assert '<main id="content"' in html
        assert 'role="status"' in html
        inputs = [tag for tag in re.findall(r"<input[^>]*>", html) if 'type="hidden"' not in tag]
        for tag in inputs:
            name = re.search(r'id="([^"]+)"', tag)
            assert name is not None
            assert f'<label for="{name[1]}">' in html
        scripts = re.findall(r"<script\b[^>]*>.*?</script>", html, re.S)
        assert all(re.fullmatch(r'<script type="module" src="/static/[^"]+"></script>', script) for script in scripts)
        assert html.count("<script") == len(scripts), "scripts come as files of ours"
        assert "style=" not in html
        assert len(html) < 5000


def _without_tokens(html: str) -> str:
    return re.sub(r'name="form_token" value="[^"]*"', "", html)


def _form_secret(client: TestClient) -> str:
    resources: Resources = client.app.state.resources  # type: ignore[attr-defined]
    from service.auth.service import find_session

    with resources.database.read() as session:
        login = find_session(session, client.cookies["bridge_session"], resources.clock())
    assert login is not None
    return login.form_secret
