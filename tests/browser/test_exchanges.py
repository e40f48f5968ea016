"""The pages of runs and questions in a real browser: they fit, they work without a script, their parts have names."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlmodel import Session, select

from service.deployments.service import find_deployment
from service.jobs.service import claim_job, enqueue_job
from service.sync.models import QuestionReply, ReplyKind, RunKind, RunState, SyncRun
from service.web.languages import LANGUAGE_COOKIE
from tests.browser.conftest import DESKTOP, PHONE, Site, Watched, fill_with_sample
from tests.support.people import MovableClock
from tests.support.questions import add_question

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Look = Callable[..., Watched]
BASE = "/deployments/northern-lakes"
MESSAGE = "Texts: 12 new, 2 in conflict. Resources and locales: 1 failed. Transifex did not answer within 60 s."


def fill(session: Session, clock: MovableClock) -> None:
    """Add to the sample what pages of exchanges show: a push under way, runs of each kind, questions with threads."""
    fill_with_sample(session, clock)
    deployment = find_deployment(session, "northern-lakes")
    deployment.transifex_project = "o:org:p:project"
    session.add(deployment)
    number = deployment.id or 0
    name = "Registration-and-the-first-assessment-" * 3
    items: list[dict[str, Any]] = [
        {"resource": "r", "name": name, "locale": "ar", "result": "failed", "message": "Transifex did not answer."},
        {"resource": "nl_consent", "locale": "fr", "result": "pulled", "message": "", "counts": {"filled": 12}},
    ] + [{"resource": f"form_{n}", "locale": "ar", "result": "pulled", "counts": {"replaced": n}} for n in range(1, 20)]
    for at, (kind, state) in enumerate(
        [(RunKind.PUSH, RunState.DONE), (RunKind.PULL, RunState.NO_CHANGES), (RunKind.PUSH, RunState.FAILED),
         (RunKind.PULL, RunState.CANCELLED), (RunKind.PULL, RunState.PARTLY)]
    ):  # fmt: skip
        began = clock() + timedelta(minutes=at)
        session.add(
            SyncRun(
                deployment_id=number, kind=kind, state=state, started_at=began, ended_at=began + timedelta(seconds=95),
                requests=at * 17, message=MESSAGE if state is RunState.PARTLY else "No text changed.",
                outcome={"items": items} if state is RunState.PARTLY else {},
            )
        )  # fmt: skip
    enqueue_job(session, "push", deployment_id=number, arguments={}, person_id=None, now=clock())
    job = claim_job(session, "worker", kinds=["push"], now=clock() + timedelta(days=3650))
    assert job is not None
    job.done, job.total = 8, 21
    session.add(job)
    key = "form/nl_consent/name"
    asked = "ما معنى كلمة «caregiver» هنا؟\nThe parent, or anybody?"
    first = add_question(
        session, number, now=clock(), key=key, locale="ar", text=asked,
        comments=(("omar-of-the-long-name-that-goes-on", "I wonder too: https://example.org/" + "x" * 80),),
    )  # fmt: skip
    answers = (("Whoever cares for the child.", ""), ("ومن يرعى الطفل.", "Transifex answered 400: too long."))
    for text, problem in answers:
        session.add(
            QuestionReply(
                question_id=first, kind=ReplyKind.ANSWER, text=text, created_at=clock() + timedelta(hours=1),
                done_at=None if problem else clock(), problem=problem, comment_id=None if problem else "c",
            )
        )  # fmt: skip
    add_question(session, number, now=clock(), key="nl_consent.fields.stranger.display_name", locale=None)
    add_question(session, number, now=clock(), key=key, locale="fr", text="Is this formal?")


@pytest.fixture(scope="module")
def site(make_site: Callable[..., Any]) -> Iterator[Site]:
    """A service in which much goes on."""
    with make_site(fill) as made:
        made.clock.move(hours=2)
        yield made


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("page", ["runs", "runs/5", "questions"])
def test_everything_fits(
    site: Site,
    look: Look,
    page: str,
    size: dict[str, int],
    direction: str,
    tmp_path: Any,
) -> None:
    """Nothing is wider than the window, from left and from right, folded and not; every part has a name."""
    seen = look(viewport=size)
    seen.sign_in(site.url, site.user("administrator"))
    if direction == "rtl":
        seen.page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": "ar", "url": site.url}])
    answer = seen.page.goto(f"{site.url}{BASE}/{page}")
    assert answer is not None
    assert answer.status == 200
    expect(seen.page.locator("html")).to_have_attribute("dir", direction)
    assert len(answer.body()) < 50_000
    assert seen.overflow() == 0
    seen.page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true })")
    assert seen.overflow() == 0
    assert seen.page.locator("h1").count() == 1
    for role in ("button", "textbox", "link", "navigation", "region", "progressbar"):
        for index in range((found := seen.page.get_by_role(role)).count()):
            assert found.nth(index).aria_snapshot().split("\n")[0].count('"') >= 2, (role, index)
    names = seen.page.get_by_role("button").evaluate_all("nodes => nodes.map(node => node.textContent.trim())")
    assert len(set(names)) == len(names), names
    small = (
        seen.page.locator("main")
        .locator("button, a.button, summary")
        .evaluate_all("nodes => nodes.filter(node => node.getBoundingClientRect().height < 44).length")
    )
    assert small == 0
    seen.page.screenshot(path=tmp_path / f"{page.replace('/', '-')}-{direction}-{size['width']}.png", full_page=True)


def test_a_question_is_answered_without_javascript(site: Site, look: Look) -> None:
    """A typed answer and the tick settle the question; the page says so, and the focus can be seen."""
    seen = look(java_script_enabled=False)
    seen.sign_in(site.url, site.user("reviewer"))
    seen.page.get_by_role("link", name="Questions of volunteers about Northern Lakes").click()
    card = seen.page.locator("article", has_text="Is this formal?")
    card.get_by_label("Your answer").fill("Yes, it is.")
    card.get_by_label("This settles the question").check()
    card.get_by_role("button", name="Answer question").click()
    expect(seen.page.get_by_role("status")).to_contain_text("Your answer is noted")
    card = seen.page.locator("article", has_text="Is this formal?")
    expect(card.get_by_text("Yes, it is.")).to_be_visible()
    expect(card.get_by_text("Resolved here")).to_be_visible()
    with site.resources.database.read() as session:
        assert "Yes, it is." in [reply.text for reply in session.exec(select(QuestionReply))]


def test_a_pull_is_started_and_cancelled_without_javascript(site: Site, look: Look) -> None:
    """The button queues it, the page shows it and takes it back."""
    seen = look(java_script_enabled=False)
    seen.sign_in(site.url, site.user("specialist"))
    seen.page.goto(f"{site.url}{BASE}/runs")
    seen.page.get_by_role("button", name="Pull now").click()
    expect(seen.page.get_by_text("Pull waits for its turn")).to_be_visible()
    seen.page.get_by_role("button", name="Cancel Pull").click()
    expect(seen.page.get_by_role("status").first).to_contain_text("It is cancelled")
    expect(seen.page.get_by_role("button", name="Pull now")).to_be_visible()
