"""The pages of runs and questions: who sees what, what their forms do, and what they say where there is nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

from service.deployments.service import archive_deployment, find_deployment
from service.jobs.models import Job, JobState
from service.jobs.service import claim_job, enqueue_job, finish_job
from service.sync.models import QuestionReply, ReplyKind, RunKind, RunState, SyncRun
from tests.service.home.conftest import OPERATOR
from tests.support.browsing import SAME_ORIGIN
from tests.support.questions import add_question

if TYPE_CHECKING:
    from tests.service.home.conftest import Api
    from tests.support.browsing import Browser

RUNS, QUESTIONS = "/deployments/iraq/runs", "/deployments/iraq/questions"
HTML = {"Accept": "text/html"}
MakeBrowser = Callable[..., "Browser"]


@pytest.fixture
def browse(api: Api, make_browser: MakeBrowser) -> Callable[..., Browser]:
    """Sign in as somebody with a role: ``browse("reviewer", locales=["ar"])``."""

    def make(role: str | None, *, slug: str = "iraq", locales: Any = None) -> Browser:
        return make_browser(role, api.ids[slug], locales)

    return make


@pytest.fixture
def job(api: Api) -> int:
    """A pull of ``iraq`` that waits; somebody asks something in French, and a run has ended."""
    with api.database.write() as session:
        add_question(session, api.ids["iraq"], now=api.clock(), comments=(("omar", "I wonder too."),))
        add_run(session, api)
        made = enqueue_job(
            session, "pull", deployment_id=api.ids["iraq"], arguments={}, person_id=None, now=api.clock()
        )
        return made.id or 0


def add_run(session: Any, api: Api, *, state: RunState = RunState.PARTLY, items: int = 1) -> int:
    started = api.clock()
    listed = [
        {"resource": f"f{n}", "name": f"Form {n}", "result": "failed", "message": "It timed out."} for n in range(items)
    ]
    row = SyncRun(
        deployment_id=api.ids["iraq"], kind=RunKind.PUSH, state=state, started_at=started,
        ended_at=api.clock.move(seconds=75), requests=7, message="Resources: 1 failed.",
        outcome={"items": listed, "sent": {"items": [{"key": "form/x/name", "language": "fr", "result": "waiting",
                                                      "message": "Pull first."}]}},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row.id or 0


# Everybody against every route

READ = {"administrator", "specialist", "reviewer", "release-engineer", "observer"}
RUN, ANSWER = {"administrator", "specialist"}, {"administrator", "specialist", "reviewer"}
TABLE = [
    ("GET", RUNS, READ),
    ("GET", f"{RUNS}/1", READ),
    ("POST", f"{RUNS}/start/push", RUN),
    ("POST", f"{RUNS}/start/pull", RUN),
    ("POST", f"{RUNS}/cancel/JOB", RUN),
    ("GET", QUESTIONS, ANSWER),
    ("POST", f"{QUESTIONS}/1/answer", ANSWER),
    ("POST", f"{QUESTIONS}/1/resolve", ANSWER),
]
NAMES = [f"{method} {path}" for method, path, _ in TABLE]


def call(browser: Browser, method: str, path: str, job: int) -> Any:
    path = path.replace("JOB", str(job))
    if method == "GET":
        return browser.get(path)
    return browser.post(path, {"text": "Yes."})


@pytest.mark.parametrize(("method", "path", "allowed"), TABLE, ids=NAMES)
@pytest.mark.parametrize("role", sorted(READ))
def test_each_role_gets_what_the_table_says(
    browse: Callable[..., Browser], job: int, role: str, method: str, path: str, allowed: set[str]
) -> None:
    """Who may is served, or led back to the page; who may not gets 403."""
    answer = call(browse(role), method, path, job)
    assert answer.status_code == ((200 if method == "GET" else 303) if role in allowed else 403)
    if answer.status_code == 303:
        assert answer.headers["location"] in (RUNS, QUESTIONS)


@pytest.mark.parametrize(("method", "path", "allowed"), TABLE, ids=NAMES)
def test_strangers_get_nothing(
    api: Api, browse: Callable[..., Browser], job: int, method: str, path: str, allowed: set[str]
) -> None:
    """Nobody in particular is led to the login; for members of another deployment it does not exist."""
    path = path.replace("JOB", str(job))
    answer = api.client.request(method, path, headers=HTML, follow_redirects=False)
    if method == "GET":
        assert answer.headers["location"].startswith("/login?")
    else:
        assert answer.status_code in (303, 401)
    assert call(browse("specialist", slug="other"), method, path, job).status_code == 404


@pytest.mark.parametrize("path", [path for method, path, _ in TABLE if method == "POST"])
def test_a_form_needs_its_token(browse: Callable[..., Browser], api: Api, job: int, path: str) -> None:
    """Without the session's token, and from a foreign page, nothing happens."""
    browser, path = browse("administrator"), path.replace("JOB", str(job))
    assert browser.client.post(path, data={"text": "Yes."}, headers=SAME_ORIGIN).status_code == 403
    foreign = {"Origin": "http://evil.example", "Accept": "text/html"}
    data = {"text": "Yes.", "form_token": browser.form_token}
    assert browser.client.post(path, data=data, headers=foreign).status_code == 403
    with api.database.read() as session:
        assert session.exec(select(QuestionReply)).all() == []
        assert [row.state for row in session.exec(select(Job))] == [JobState.QUEUED]


def test_a_reviewer_sees_and_answers_in_own_locales_alone(browse: Callable[..., Browser], api: Api, job: int) -> None:
    """A question in French is not on the page of a reviewer of Arabic, who cannot answer it either."""
    arab = browse("reviewer", locales=["ar"])
    assert "No question waits" in arab.get(QUESTIONS).text
    assert call(arab, "POST", f"{QUESTIONS}/1/answer", job).status_code == 403


def test_an_archived_deployment_is_read_alone(browse: Callable[..., Browser], api: Api, job: int) -> None:
    """Its pages have no buttons, and what is sent all the same is refused."""
    with api.database.write() as session:
        archive_deployment(session, find_deployment(session, "iraq"), actor=OPERATOR, now=api.clock())
    browser = browse("specialist")
    for path in (RUNS, QUESTIONS):
        assert not re.search(r"<form method=\"post\" action=\"/deployments", browser.get(path).text)
    for method, path, _ in TABLE:
        if method == "POST":
            assert call(browser, method, path, job).status_code == 409


# What they say and do


def test_a_run_is_told_in_words(browse: Callable[..., Browser], api: Api, job: int) -> None:
    """When, how long, how many requests, and what became of each thing, folded."""
    page = unescape(browse("observer").get(RUNS).text)
    for said in ("Push: partly done", "1 min 15 s", "7 requests", "Form 0", "It timed out.", "Pull first."):
        assert said in page
    assert "<details>" in page
    assert "Push now" not in page


def test_a_run_with_much_in_it_has_a_page_of_its_own(browse: Callable[..., Browser], api: Api) -> None:
    """The list shows some outcomes and leads to all of them."""
    with api.database.write() as session:
        number = add_run(session, api, items=40)
    browser = browse("observer")
    assert "Form 39" not in browser.get(RUNS).text
    assert f'href="{RUNS}/{number}"' in browser.get(RUNS).text
    assert "Form 39" in browser.get(f"{RUNS}/{number}").text
    assert browser.get(f"{RUNS}/{number + 1}").status_code == 404


def test_a_push_is_started_watched_and_cancelled(browse: Callable[..., Browser], api: Api) -> None:
    """The button queues a job, whose place the page shows; whoever asks has it load itself again while it runs."""
    browser = browse("specialist")
    page = browser.get(RUNS).text
    assert "There was no run yet." in page
    assert "Nothing waits or runs." in page
    page = browser.post(f"{RUNS}/start/push", follow_redirects=True).text
    assert "it is queued" in page
    assert "Push now" not in page
    assert "Pull now" in page
    assert "http-equiv" not in page
    with api.database.write() as session:
        running = claim_job(session, "worker", kinds=["push"], now=api.clock())
        assert running is not None
        running.done, running.total, number = 3, 8, running.id
    page = browser.get(f"{RUNS}?watch=1").text
    assert '<meta http-equiv="refresh" content="5">' in page
    assert "3 of 8" in page
    assert "stops before its next step" in browser.post(f"{RUNS}/cancel/{number}", follow_redirects=True).text
    with api.database.write() as session:
        finish_job(session, number or 0, "worker", result=None, message="No token.", failed=True, now=api.clock())
    page = browser.get(f"{RUNS}?watch=1").text
    assert "http-equiv" not in page
    assert "No token." in page


def test_a_job_of_another_deployment_is_not_cancelled(browse: Callable[..., Browser], api: Api) -> None:
    """Its number under this deployment's address names nothing."""
    with api.database.write() as session:
        other = enqueue_job(
            session, "pull", deployment_id=api.ids["other"], arguments={}, person_id=None, now=api.clock()
        ).id
    assert browse("specialist").post(f"{RUNS}/cancel/{other}").status_code == 404


def test_a_question_is_answered_and_settled(browse: Callable[..., Browser], api: Api, job: int) -> None:
    """The page shows text, question and thread, warns that it may be public, and notes both at once."""
    browser = browse("reviewer", locales=["fr"])
    page = unescape(browser.get(QUESTIONS).text)
    for said in ("1 question waits", "Consent", "What does consent mean here?", "I wonder too.", "can be public"):
        assert said in page
    sent = {"text": "Agreement.", "resolve": "true"}
    page = unescape(browser.post(f"{QUESTIONS}/1/answer", sent, follow_redirects=True).text)
    for said in ("Your answer is noted", "Agreement.", "waits for the next push", "Resolved here"):
        assert said in page
    with api.database.read() as session:
        kinds = [reply.kind for reply in session.exec(select(QuestionReply))]
    assert kinds == [ReplyKind.ANSWER, ReplyKind.RESOLVE]


def test_an_answer_that_cannot_be_taken_is_kept(browse: Callable[..., Browser], job: int) -> None:
    """What was typed stays in its form, beside what is wrong with it."""
    typed = "<b>y</b>" * 600
    answer = browse("reviewer").post(f"{QUESTIONS}/1/answer", {"text": typed})
    assert answer.status_code == 422
    assert "4,000 is the most" in answer.text
    assert typed not in answer.text
    assert typed in unescape(answer.text)


def test_the_home_page_leads_there(browse: Callable[..., Browser], job: int) -> None:
    """Each deployment links its runs; questions are linked and counted for those who may answer them."""
    page = browse("reviewer").get("/").text
    assert f'href="{RUNS}"' in page
    assert f'href="{QUESTIONS}"' in page
    assert "1 waits" in page
    page = browse("observer").get("/").text
    assert f'href="{RUNS}"' in page
    assert QUESTIONS not in page
