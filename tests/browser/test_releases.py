"""The pages of releases and Primero servers in a browser, and every rule of accessibility on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import select

from service.auth.rules import operator
from service.bundles.service import BuildOptions
from service.bundles.service.giving import get_release
from service.deployments.service import find_deployment
from service.home.instance_jobs import queue_apply, queue_check
from service.home.releasing import queue_release
from service.jobs.models import Job, JobState
from service.primero.sandbox.transport import sandbox_transport
from service.primero.service.applying import ApplyOptions
from service.primero.service.instances import find_instance
from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, Site
from tests.browser.test_accessibility import small_targets, violations
from tests.support.primero import make_sandbox
from tests.support.released import SLUG, D, L, make_released

if TYPE_CHECKING:
    from tests.browser.conftest import Watched

MAIN = f"{D}/instances/main"
ANYBODY = operator("test")


def wait_for_jobs(site: Site) -> None:
    """Wait until the service's own worker has done everything, and all of it well."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with site.resources.database.read() as session:
            states = {job.state for job in session.exec(select(Job))}
        if states == {JobState.DONE}:
            return
        assert JobState.FAILED not in states
        time.sleep(0.1)
    raise AssertionError("the jobs do not end")


@pytest.fixture(scope="module")
def released(make_site: Callable[..., Any]) -> Iterator[Site]:
    """A running service with a release that was given to a Primero, and a dry run of the same."""
    sandbox = make_sandbox()
    with make_site(primero=sandbox_transport(sandbox)) as site:
        make_released(None, site.resources, sandbox, site.people)  # type: ignore[arg-type]

        def queue(what: Callable[..., object]) -> None:
            with site.resources.database.write() as session:
                what(session, find_deployment(session, SLUG))
            wait_for_jobs(site)

        queue(lambda session, one: queue_release(session, ANYBODY, one, "fr", BuildOptions(), site.clock()))
        for dry_run in (True, False):
            queue(
                lambda session, one, dry_run=dry_run: queue_apply(
                    session, ANYBODY, one, get_release(session, one, "fr", 1), find_instance(session, one, "main"),
                    ApplyOptions(partial_options=True), dry_run=dry_run, now=site.clock(),
                )
            )  # fmt: skip
        queue(
            lambda session, one: queue_check(session, ANYBODY, one, find_instance(session, one, "main"), site.clock())
        )
        yield site


@pytest.mark.parametrize(("size", "language"), [(DESKTOP, "en"), (PHONE, "ar")], ids=["desktop", "phone"])
def test_a_release_engineer_finds_nothing_wrong(
    released: Site, look: Callable[..., Watched], size: dict[str, int], language: str
) -> None:
    """Names, contrasts, targets, nothing too wide; a form leads where the job is shown."""
    site = released
    seen = look(viewport=size, locale=language)
    page = seen.page
    page.goto(f"{site.url}/login")
    page.locator("#username").fill(site.user("release-engineer"))
    page.locator("#password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    faults = {}
    paths = (
        f"{D}/releases",
        f"{L}/releases/1",
        f"{D}/instances",
        MAIN,
        f"{MAIN}/change",
        f"{MAIN}/runs/1",
        f"{D}/looks/1?body=1",
    )
    for path in paths:
        page.goto(site.url + path)
        faults[path] = [*violations(page), *small_targets(page, touched=size == PHONE)]
        faults[path] += [f"{seen.overflow()} pixels too wide"] * (seen.overflow() > 0)
    assert {path: found for path, found in faults.items() if found} == {}
    page.goto(f"{site.url}{L}/releases/1")
    with page.expect_navigation():
        page.locator(f"form[action='{L}/releases/1/diff'] button").click()
    assert page.url == f"{site.url}{MAIN}?watch=1"
    wait_for_jobs(site)
    page.goto(site.url + MAIN)
    with page.expect_navigation():
        page.locator("a[href*='/looks/']").first.click()
    # What the API cannot carry, the help texts of forms, is left to the files.
    assert page.locator(".differences .words").count() == 7
    assert [*violations(page), *small_targets(page, touched=size == PHONE)] == []
