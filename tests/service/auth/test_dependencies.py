"""Who asks: tokens, cookies and form tokens."""

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Form
from fastapi.testclient import TestClient
from sqlmodel import select

from service.app import ROUTERS, create_app
from service.auth.dependencies import FormIdentityDep, IdentityDep
from service.auth.models import Account, ApiToken
from service.auth.rules import Permission
from service.web.resources import Resources, SessionDep
from tests.support.browsing import SAME_ORIGIN, Browser
from tests.support.people import MovableClock, UserMaker

router = APIRouter()


@router.post("/api/v1/things/{deployment_id}")
def change_thing(deployment_id: int, identity: IdentityDep, session: SessionDep) -> dict[str, Any]:
    identity.require(Permission.SYNC_RUN, deployment_id)
    return {"rows": len(session.exec(select(Account)).all())}


@router.post("/things")
def send_thing(identity: FormIdentityDep, name: Annotated[str, Form()]) -> dict[str, Any]:
    return {"name": name, "by": identity.actor.label}


@pytest.fixture
def things(resources: Resources) -> TestClient:
    """The application with two routes more, as a feature would bring them."""
    app = create_app(resources, routers=[*ROUTERS, router])
    return TestClient(app, base_url="http://localhost", follow_redirects=False)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_token_tells_who_asks(client: TestClient, make_user: UserMaker, make_deployment: Callable[..., int]) -> None:
    """A token leads to its user with memberships and what they allow."""
    one = make_deployment()
    person_id, token = make_user("reviewer", one, ["ar", "aeb"])
    answer = client.get("/api/v1/me", headers=bearer(token))
    assert answer.json() == {
        "person_id": person_id,
        "username": "reviewer-1",
        "memberships": [
            {
                "role": "reviewer",
                "deployment_id": one,
                "locales": ["aeb", "ar"],
                "permissions": ["deployment.view", "review.decide", "sign-off.sign", "question.answer"],
            }
        ],
    }


@pytest.mark.parametrize(
    "header", ["Bearer ptb_wrong", "Bearer", "Bearer ", "Basic YTpi", "ptb_test-token-1", "Bearer \u00e9\u00e8"]
)
def test_a_bad_token_is_refused_even_with_a_good_cookie(make_browser: Callable[..., Browser], header: str) -> None:
    """Who shows a token is judged by it alone: a bad one is 401 although the cookie would do."""
    browser = make_browser("observer")
    assert browser.get("/api/v1/me").status_code == 200
    answer = browser.client.get("/api/v1/me", headers={"Authorization": header.encode("latin-1")})  # type: ignore[dict-item]
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["code"] == "not-signed-in"


def test_last_use_of_a_token_is_noted(
    client: TestClient, resources: Resources, make_user: UserMaker, clock: MovableClock
) -> None:
    """The last use of a token is kept to the hour, also for requests that only read."""
    _, token = make_user("observer")

    def last_use() -> Any:
        with resources.database.read() as session:
            return session.exec(select(ApiToken.last_used_at)).one()

    first = clock()
    client.get("/api/v1/me", headers=bearer(token))
    assert last_use() == first
    clock.move(minutes=59)
    client.get("/api/v1/me", headers=bearer(token))
    assert last_use() == first
    clock.move(minutes=1)
    client.get("/api/v1/me", headers=bearer(token))
    assert last_use() == clock()


def test_not_found_before_forbidden(
    things: TestClient, make_user: UserMaker, make_deployment: Callable[..., int]
) -> None:
    """A stranger's change is 404, an observer's 403, a specialist's 200, an anonymous one 401."""
    one, two = make_deployment("one"), make_deployment("two")
    _, stranger = make_user("specialist", two)
    _, observer = make_user("observer", one)
    _, specialist = make_user("specialist", one)
    path = f"/api/v1/things/{one}"
    answers = [things.post(path, headers=bearer(token)) for token in (stranger, observer, specialist)]
    assert [answer.status_code for answer in answers] == [404, 403, 200]
    assert things.post(path).status_code == 401
    assert answers[1].json()["details"] == {"permission": "sync.run"}
    missing = things.post("/api/v1/things/999", headers=bearer(stranger)).json()
    assert missing["detail"] == answers[0].json()["detail"]


def test_form_token_of_pages(things: TestClient, make_browser: Callable[..., Browser]) -> None:
    """A page's form is taken with the token of this session, from this site; a form without it is not."""
    browser = make_browser("observer")
    browser.client = things
    browser.client.cookies.set("bridge_session", browser.cookie)
    assert browser.post("/things", {"name": "x"}).json()["name"] == "x"
    for token in ("", "x", "é"):
        answer = browser.post("/things", {"name": "x", "form_token": token})
        assert answer.status_code == 403
        assert "belongs to an earlier session" in answer.text


def test_form_token_of_another_session(things: TestClient, make_browser: Callable[..., Browser]) -> None:
    """The token of somebody else's session does not do."""
    browser, other = make_browser("observer"), make_browser("observer")
    things.cookies.set("bridge_session", browser.cookie)
    data = {"name": "x", "form_token": other.form_token}
    assert things.post("/things", data=data, headers=SAME_ORIGIN).status_code == 403
    data["form_token"] = browser.form_token
    assert things.post("/things", data=data, headers=SAME_ORIGIN).status_code == 200


def test_api_changes_by_cookie_need_the_header(things: TestClient, make_browser: Callable[..., Browser]) -> None:
    """A change of the API that rides on a cookie needs the form token in a header; with a token it needs nothing."""
    browser = make_browser("specialist")
    things.cookies.set("bridge_session", browser.cookie)
    assert things.post("/api/v1/things/1", headers=SAME_ORIGIN).status_code == 403
    headers = SAME_ORIGIN | {"X-Form-Token": browser.form_token}
    assert things.post("/api/v1/things/1", headers=headers).status_code == 200


def test_forms_by_token_need_no_form_token(things: TestClient, make_user: UserMaker) -> None:
    """A program that shows a token sends forms without more: nobody can make a browser do that."""
    _, token = make_user("observer")
    assert things.post("/things", data={"name": "x"}, headers=bearer(token)).json()["by"] == "observer-1"
