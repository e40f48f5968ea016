"""Every page and every form of a page against everybody: each role, another locale, another deployment, no session.

One table; a page that is missing in it fails. The routes of the API have theirs in ``test_permissions.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.routing import iter_route_contexts

from service.auth.models import Role
from service.deployments.service import archive_deployment, find_deployment
from service.jobs.service import enqueue_job
from service.sync.models import RunKind, RunState, SyncRun
from service.web.public import PUBLIC_ROUTES
from tests.service.home.conftest import OPERATOR, Api
from tests.support.browsing import SAME_ORIGIN, Browser
from tests.support.questions import add_question

if TYPE_CHECKING:
    from httpx2 import Response

    from service.web.resources import Resources

EVERYBODY = frozenset(Role)
DECIDE = frozenset({Role.REVIEWER})
MANAGE = frozenset({Role.ADMINISTRATOR, Role.SPECIALIST})
ANSWER = MANAGE | DECIDE
BUILD = MANAGE | {Role.RELEASE_ENGINEER}
GIVE = frozenset({Role.ADMINISTRATOR, Role.RELEASE_ENGINEER})
_D, _L = "/deployments/{slug}", "/deployments/{slug}/locales/{locale}"
_KEY = "form/consent/name"
_PAIR = {"key": _KEY, "source_hash": "x", "text_hash": "y"}


@dataclass(frozen=True)
class Page:
    """One page, or one form that a page sends.

    Attributes:
        method, path: as the router writes them.
        may: the roles that may; others of the deployment get 403.
        form: the fields to send.
        query: what stands in the address.
        by_locale: a member for another locale gets 403.
        changes: an archived deployment refuses it.
    """

    method: str
    path: str
    may: frozenset[Role] = EVERYBODY
    form: dict[str, str] = field(default_factory=dict)
    query: str = ""
    by_locale: bool = False
    changes: bool = False

    @property
    def name(self) -> str:
        """Return how pytest calls it."""
        return " ".join((self.method, self.path, *self.form.get("do", "").split()))

    @property
    def of_deployment(self) -> bool:
        """Return whether it belongs to a deployment."""
        return "{slug}" in self.path + self.query

    def address(self, slug: str = "iraq") -> str:
        """Return the address."""
        filled = self.path + self.query
        for name, value in (
            ("slug", slug), ("locale", "fr"), ("run_id", "1"), ("kind", "pull"), ("job_id", "1"), ("question_id", "1"),
            ("volunteer_id", "1"),
            ("number", "1"), ("message_id", "1"), ("what", "done"), ("name", "main"), ("run", "1"), ("look_id", "1"),
        ):  # fmt: skip
            filled = filled.replace(f"{{{name}}}", value)
        return filled

    def send(self, browser: Browser, slug: str = "iraq") -> Response:
        """Open it, or send its form with the session's token."""
        if self.method == "GET":
            return browser.get(self.address(slug))
        return browser.post(self.address(slug), dict(self.form))


def _form(path: str, may: frozenset[Role], **form: str) -> Page:
    """Return a form of the reviewer's pages, which a member for another locale may not send."""
    return Page("POST", f"{_L}/{path}", may, form, by_locale=True, changes=True)


TABLE = [
    Page("GET", "/"),
    Page("GET", "/account"),
    Page("POST", "/account/sessions"),
    Page("POST", "/account/address"),
    Page("POST", "/logout"),
    Page("GET", "/audit", MANAGE, query="?deployment={slug}"),
    Page("GET", "/audit/file", MANAGE, query="?deployment={slug}"),
    Page("GET", f"{_D}/runs"),
    Page("GET", f"{_D}/runs/{{run_id}}"),
    Page("POST", f"{_D}/runs/start/{{kind}}", MANAGE, changes=True),
    Page("POST", f"{_D}/runs/cancel/{{job_id}}", MANAGE, changes=True),
    Page("GET", f"{_D}/findings"),
    Page("GET", f"{_D}/source-report"),
    Page("GET", f"{_D}/source-report.csv"),
    Page("GET", f"{_D}/wording"),
    Page("POST", f"{_D}/wording", MANAGE, {"term": "tracing", "reason": "It may lead to a child."}, changes=True),
    Page("GET", f"{_L}/glossary"),
    Page("GET", f"{_L}/glossary/file"),
    Page("POST", f"{_L}/glossary", MANAGE, {"term": "consent", "accepted": "accord"}, changes=True),
    Page("POST", f"{_L}/glossary/file", MANAGE, changes=True),
    Page("GET", f"{_D}/questions", ANSWER),
    Page("POST", f"{_D}/questions/{{question_id}}/answer", ANSWER, {"text": "Yes."}, by_locale=True, changes=True),
    Page("POST", f"{_D}/questions/{{question_id}}/resolve", ANSWER, by_locale=True, changes=True),
    Page("GET", f"{_D}/webhooks", MANAGE),
    Page("POST", f"{_D}/webhooks", MANAGE, {"url": "https://hooks.example.org/in"}, changes=True),
    Page("POST", f"{_D}/webhooks/{{number}}/{{what}}", MANAGE, changes=True),
    Page("GET", f"{_D}/people", MANAGE),
    Page("POST", f"{_D}/people", MANAGE, {"name": "Amina"}, changes=True),
    Page("GET", f"{_D}/people/file", MANAGE),
    Page("POST", f"{_D}/people/file", MANAGE, changes=True),
    Page("POST", f"{_D}/people/reconcile", MANAGE, changes=True),
    Page("POST", f"{_D}/people/confirm", MANAGE, {"username": "amina"}, changes=True),
    Page("GET", f"{_D}/people/{{volunteer_id}}", MANAGE),
    Page("POST", f"{_D}/people/{{volunteer_id}}/languages", MANAGE, changes=True),
    Page("POST", f"{_D}/people/{{volunteer_id}}/leave", MANAGE, changes=True),
    Page("GET", f"{_D}/people/{{volunteer_id}}/data", MANAGE),
    Page("POST", f"{_D}/people/{{volunteer_id}}/erase", MANAGE, changes=True),
    Page("GET", f"{_D}/letters", MANAGE),
    Page("POST", f"{_D}/letters", MANAGE, {"kind": "welcome"}, changes=True),
    Page("POST", f"{_D}/letters/write", MANAGE, {"kind": "welcome"}, changes=True),
    Page("POST", f"{_D}/letters/settings", MANAGE, changes=True),
    Page("POST", f"{_D}/mail/{{message_id}}/{{what}}", MANAGE, changes=True),
    Page("GET", f"{_D}/numbers", MANAGE),
    Page("GET", f"{_D}/numbers/file", MANAGE),
    Page("GET", _D),
    Page("GET", f"{_D}/status"),
    Page("GET", f"{_D}/progress/file"),
    Page("GET", f"{_D}/releases"),
    Page("POST", f"{_D}/releases", BUILD, {"locale": "fr"}, by_locale=True, changes=True),
    Page("GET", f"{_L}/progress"),
    Page("GET", f"{_L}/progress/file"),
    Page("POST", f"{_L}/inherit", MANAGE, by_locale=True, changes=True),
    Page("POST", f"{_L}/deadline", MANAGE, {"day": "2027-01-31"}, changes=True),
    Page("GET", f"{_L}/releases/{{number}}"),
    Page("POST", f"{_L}/releases/{{number}}/withdraw", BUILD, {"reason": "A typo."}, by_locale=True, changes=True),
    Page("GET", f"{_L}/releases/{{number}}/diff", query="?against=2"),
    Page("POST", f"{_L}/releases/{{number}}/diff", BUILD, {"instance": "main"}, changes=True),
    Page("POST", f"{_L}/releases/{{number}}/diff/export", BUILD, changes=True),
    Page("POST", f"{_L}/releases/{{number}}/apply", GIVE, {"instance": "main"}, by_locale=True, changes=True),
    Page("GET", f"{_D}/instances"),
    Page("POST", f"{_D}/instances", BUILD, {"name": "x"}, changes=True),
    Page("GET", f"{_D}/instances/{{name}}"),
    Page("GET", f"{_D}/instances/{{name}}/change", BUILD, changes=True),
    Page("POST", f"{_D}/instances/{{name}}/change", BUILD, {"url": "x"}, changes=True),
    Page("POST", f"{_D}/instances/{{name}}/remove", BUILD, changes=True),
    Page("POST", f"{_D}/instances/{{name}}/check", BUILD, changes=True),
    Page("GET", f"{_D}/instances/{{name}}/runs/{{run}}"),
    Page("POST", f"{_D}/instances/{{name}}/runs/{{run}}/rollback", GIVE, changes=True),
    Page("GET", f"{_D}/looks/{{look_id}}", BUILD),
    Page("GET", f"{_L}/sign-off"),
    _form("sign-off", DECIDE, digest="0"),
    _form("sign-offs/{number}/revoke", DECIDE, reason="Too early."),
    Page("GET", f"{_L}/sign-offs/{{number}}/certificate"),
    Page("GET", f"{_L}/sign-offs/{{number}}/certificate.pdf"),
    Page("GET", f"{_L}/queue"),
    Page("GET", f"{_L}/texts"),
    Page("GET", f"{_L}/card"),
    Page("GET", f"{_L}/form", query="?record=form/consent"),
    *(_form("card", DECIDE, **_PAIR, do=do) for do in ("approve", "reject", "correct", "skip", "ours", "undo")),
    _form("forms", DECIDE, form="form/consent", do="take"),
    _form("skipped", DECIDE),
    _form("approvals", DECIDE, reason="Read."),
    *(_form("findings", DECIDE, **_PAIR, finding="999999", do=do) for do in ("dismiss", "fix")),
    Page("POST", f"{_L}/comments", ANSWER, {"key": _KEY, "said": "Why?"}, by_locale=True, changes=True),
    Page("POST", f"{_L}/findings", MANAGE, {**_PAIR, "finding": "999999", "do": "waive"}, changes=True),
    Page("POST", f"{_L}/forms", MANAGE, {"form": "form/consent", "do": "give", "person": "x"}, changes=True),
    Page("POST", f"{_L}/forms", EVERYBODY, {"form": "form/consent", "do": "leave"}, changes=True),
]
IN_ORDER = [page.name for page in TABLE]


@pytest.fixture
def busy(api: Api) -> Api:
    """Two deployments; in ``iraq`` a run, a job, and a question in French."""
    with api.database.write() as session:
        number, now = api.ids["iraq"], api.clock()
        session.add(
            SyncRun(
                deployment_id=number, kind=RunKind.PULL, state=RunState.DONE, started_at=now, ended_at=now, requests=1,
                message="", outcome={},
            )
        )  # fmt: skip
        add_question(session, number, now=now)
        enqueue_job(session, "pull", deployment_id=number, arguments={}, person_id=None, now=now)
    return api


Open = Callable[..., Browser]


@pytest.fixture
def open_as(busy: Api, resources: Resources) -> Open:
    """Sign a new member in: ``open_as(role, "other", ["ar"])``. They share a client: who was opened last is in it."""

    def make(role: Role, slug: str = "iraq", locales: list[str] | None = None) -> Browser:
        username = f"member-{next(busy.people.numbers)}"
        busy.people(role, busy.ids[slug], locales, username=username)
        return Browser(busy.client, resources, username)

    return make


def test_the_table_names_every_page(busy: Api) -> None:
    """Each route that is neither the API's nor public stands in the table, and the table names no others."""
    public = {(route.method, route.path) for route in PUBLIC_ROUTES}
    routed = {
        (method, context.path)
        for context in iter_route_contexts(busy.client.app.routes)  # type: ignore[attr-defined]
        for method in context.methods or []
        if context.path and not context.path.startswith("/api/")
    }
    assert {(page.method, page.path) for page in TABLE} == routed - public


@pytest.mark.parametrize("page", TABLE, ids=IN_ORDER)
def test_nobody_in_particular_is_asked_to_sign_in(busy: Api, page: Page) -> None:
    """Without a session a page leads to the sign-in, and a form is answered with it; nothing is shown or done."""
    if page.method == "GET":
        answer = busy.client.get(page.address(), headers=SAME_ORIGIN)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?next=")
    else:
        answer = busy.client.post(page.address(), data=page.form, headers=SAME_ORIGIN)
        assert answer.status_code in {303, 401}
        assert "/login" in (answer.headers.get("location") or answer.text)


@pytest.mark.parametrize("page", TABLE, ids=IN_ORDER)
def test_each_role_does_what_it_may_and_nothing_else(open_as: Open, page: Page) -> None:
    """A member in another role gets 403 as a page that says which role it takes; one who may is never refused."""
    for role in Role:
        answer = page.send(open_as(role))
        if role in page.may:
            assert answer.status_code not in {401, 403, 500}, (role, answer.text)
        else:
            assert answer.status_code == 403, (role, answer.text)
            assert "it takes the role" in answer.text


@pytest.mark.parametrize("page", [page for page in TABLE if page.of_deployment], ids=lambda page: page.name)
def test_another_deployment_does_not_exist(open_as: Open, page: Page) -> None:
    """For a member of another deployment it is not there, and a missing one answers with the same page."""
    browser = open_as(sorted(page.may)[0], "other")
    answer, missing = page.send(browser), page.send(browser, "nowhere")
    assert (answer.status_code, missing.status_code) == (404, 404)
    assert answer.text.replace("iraq", "nowhere") == missing.text


@pytest.mark.parametrize("page", [page for page in TABLE if page.by_locale], ids=lambda page: page.name)
def test_another_locale_is_refused(open_as: Open, page: Page) -> None:
    """A member for Arabic alone may not do it in French."""
    answer = page.send(open_as(Role.REVIEWER, locales=["ar"]))
    assert answer.status_code == 403
    assert "for fr" in answer.text


@pytest.mark.parametrize("page", [page for page in TABLE if page.changes], ids=lambda page: page.name)
def test_an_archived_deployment_refuses_changes(busy: Api, open_as: Open, page: Page) -> None:
    """Nothing changes an archived deployment any more."""
    browser = open_as(sorted(page.may)[-1])
    with busy.database.write() as session:
        archive_deployment(session, find_deployment(session, "iraq"), actor=OPERATOR, now=busy.clock())
    answer = page.send(browser)
    assert answer.status_code == 409
    assert "archived" in answer.text


@pytest.mark.parametrize("page", [page for page in TABLE if page.method == "POST"], ids=lambda page: page.name)
def test_a_form_without_its_token_or_from_elsewhere_does_nothing(open_as: Open, page: Page) -> None:
    """A form must carry the session's token, and come from a page of the service."""
    browser = open_as(sorted(page.may)[0])
    forged: dict[str, Any] = {"headers": SAME_ORIGIN, "data": {**page.form, "form_token": "x"}}
    assert browser.client.post(page.address(), **forged).status_code == 403
    foreign = {"headers": {**SAME_ORIGIN, "Origin": "http://elsewhere.example"}}
    right = {**page.form, "form_token": browser.form_token}
    assert browser.client.post(page.address(), data=right, **foreign).status_code == 403
