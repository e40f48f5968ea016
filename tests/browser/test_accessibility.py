"""axe-core finds nothing wrong with any page, on a desktop and on a phone, in English and in Arabic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import iter_route_contexts
from playwright.sync_api import Page
from sqlmodel import Session

from service.app import create_app
from service.audit.service import Actor
from service.auth.rules import operator
from service.auth.service import create_password_link
from service.bundles.service import BuildOptions
from service.bundles.service.releasing import Reconciled, ReleaseOrder, create_release
from service.bundles.service.signing_off import Statement, sign_off
from service.deployments.service import find_deployment
from service.mail.sending import stop_address
from service.primero.client import SignIn
from service.primero.models import (
    InstanceLook,
    InstanceRun,
    InstanceRunKind,
    InstanceRunState,
    LookKind,
    PrimeroInstance,
)
from service.primero.rules.diffing import Change, TextDiff
from service.primero.service.looks import diff_data, pack_content
from service.sync.models import RunKind, RunState, SyncRun
from service.volunteers.service import add_volunteer
from service.web.resources import Resources
from tests.browser.conftest import DESKTOP, PASSWORD, PHONE, Site, Watched, fill_with_sample
from tests.support.people import MovableClock
from tests.support.questions import add_question

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
BASE = "/deployments/northern-lakes"
ARABIC, FRENCH = f"{BASE}/locales/ar", f"{BASE}/locales/fr"
D, L = "/deployments/{slug}", "/deployments/{slug}/locales/{locale}"
MODES = ("read", "correct", "reject", "confirm")
#: Each page by its route, with the addresses at which it is looked at.
PAGES: dict[str, tuple[str, ...]] = {
    "/": ("/",),
    "/account": ("/account",),
    "/audit": ("/audit?deployment=northern-lakes", "/audit?deployment=long-name"),
    D: (BASE, "/deployments/long-name"),
    f"{D}/runs": (f"{BASE}/runs",),
    f"{D}/runs/{{run_id}}": (f"{BASE}/runs/1",),
    f"{D}/findings": (f"{BASE}/findings",),
    f"{D}/source-report": (f"{BASE}/source-report",),
    f"{D}/questions": (f"{BASE}/questions",),
    f"{D}/webhooks": (f"{BASE}/webhooks",),
    f"{D}/people": (f"{BASE}/people", "/deployments/long-name/people"),
    f"{D}/people/{{volunteer_id}}": (f"{BASE}/people/1",),
    f"{D}/letters": (f"{BASE}/letters",),
    f"{D}/numbers": (f"{BASE}/numbers",),
    f"{D}/status": (f"{BASE}/status",),
    f"{D}/instances": (f"{BASE}/instances", "/deployments/long-name/instances"),
    f"{D}/instances/{{name}}": (f"{BASE}/instances/live",),
    f"{D}/instances/{{name}}/change": (f"{BASE}/instances/live/change",),
    f"{D}/instances/{{name}}/runs/{{run}}": (f"{BASE}/instances/live/runs/1",),
    f"{D}/releases": (f"{BASE}/releases", "/deployments/long-name/releases"),
    f"{L}/releases/{{number}}": (f"{FRENCH}/releases/1",),
    f"{L}/releases/{{number}}/diff": (f"{FRENCH}/releases/1/diff?against=1",),
    f"{D}/looks/{{look_id}}": (f"{BASE}/looks/1",),
    f"{D}/wording": (f"{BASE}/wording", f"{BASE}/wording?term=survivor", f"{BASE}/wording?term=abuse&off=true"),
    f"{L}/glossary": (f"{ARABIC}/glossary", f"{FRENCH}/glossary?term=consent", f"{FRENCH}/glossary?search=nothing"),
    f"{L}/progress": (f"{ARABIC}/progress",),
    f"{L}/sign-off": (f"{FRENCH}/sign-off",),
    f"{L}/sign-offs/{{number}}/certificate": (f"{FRENCH}/sign-offs/1/certificate",),
    f"{L}/queue": (f"{ARABIC}/queue",),
    f"{L}/texts": (f"{ARABIC}/texts",),
    f"{L}/card": (
        *(f"{ARABIC}/card?mode={mode}" for mode in MODES),
        f"{ARABIC}/card?search=nothing-has-these-words",
        f"{ARABIC}/card?show=untranslated",
    ),
    f"{L}/form": (f"{ARABIC}/form?record=form/nl_consent", f"{ARABIC}/form?record=form/nl_consent&show=both"),
}
OTHERS = ("/nowhere",)
#: Looked at before the sign-in. Where mail is unsubscribed has its secret from the site.
PUBLIC = {
    "/login": "/login",
    "/forgotten-password": "/forgotten-password",
    "/set-password/{secret}": "/set-password/{secret}",
}
#: Files and answers to programs.
NO_PAGES = {
    "/healthz", "/metrics",
    "/static/{version}/{name:path}", "/audit/file", f"{D}/source-report.csv", f"{D}/people/file",
    f"{D}/people/{{volunteer_id}}/data", f"{D}/numbers/file", f"{D}/progress/file", f"{L}/progress/file",
    f"{L}/sign-offs/{{number}}/certificate.pdf",
    f"{L}/glossary/file",
}  # fmt: skip


def test_every_page_is_looked_at(resources: Resources) -> None:
    """Each address of the service that a browser opens is in the list above; a new page cannot be forgotten."""
    routed = {
        context.path
        for context in iter_route_contexts(create_app(resources).routes)
        if context.path and "GET" in (context.methods or ()) and not context.path.startswith("/api/")
    }
    assert {*PAGES, *PUBLIC, "/unsubscribe/{person}/{signature}"} == routed - NO_PAGES


@pytest.fixture(scope="module")
def site(make_site: Callable[..., Any]) -> Iterator[Site]:
    """The sample with a run, a question, a volunteer, a sign-off and a release."""

    def fill(session: Session, clock: MovableClock) -> None:
        fill_with_sample(session, clock)
        deployment, now, actor = find_deployment(session, "northern-lakes"), clock(), Actor("reviewer", "reviewer-1")
        assert deployment.id is not None
        session.add(
            SyncRun(
                deployment_id=deployment.id, kind=RunKind.PULL, state=RunState.DONE, started_at=now, ended_at=now,
                requests=1, message="Texts: 3 new", outcome={},
            )
        )  # fmt: skip
        session.add(
            PrimeroInstance(
                id=1, deployment_id=deployment.id, name="live", url="https://primero.example", sign_in=SignIn.BASIC,
                username="bridge", secret="x", created_at=now,
            )
        )  # fmt: skip
        session.flush()
        session.add(
            InstanceRun(
                instance_id=1, kind=InstanceRunKind.APPLY, state=InstanceRunState.GIVEN_UP, locale="fr",
                bundle="fr-r1.zip", sha256="7" * 64, person_id="reviewer-1", started_at=now, ended_at=now,
            )
        )  # fmt: skip
        changes = [TextDiff("form/nl_consent/name", Change.CHANGED, "Accord", "Consentement")]
        counts = {Change.CHANGED: 1, Change.SAME: 3}
        session.add(
            InstanceLook(
                deployment_id=deployment.id, instance_id=1, kind=LookKind.DIFF, locale="fr", release=1,
                against="live", created_at=now, counts={change.value: number for change, number in counts.items()},
                content=pack_content(diff_data("fr", changes, counts)),
            )
        )  # fmt: skip
        add_question(session, deployment.id, now=now, key="form/nl_consent/name", locale="ar")
        add_volunteer(
            session, deployment, {"name": "Amina", "email": "amina@example.org", "languages": "ar"},
            actor=actor, now=now, new_id=lambda: "volunteer-1",
        )  # fmt: skip
        sign_off(
            session, deployment, "fr", Statement("Mariam", "Reviewer", "Lakes", "Fit for go-live."),
            actor=actor, now=now,
        )  # fmt: skip

    with make_site(fill) as made:
        nothing = Reconciled(mapped=False, at=None)
        create_release(
            made.resources.database, made.resources.secrets,
            ReleaseOrder("northern-lakes", "fr", BuildOptions(), Actor("reviewer", "reviewer-1"), None),
            reconcile=lambda: nothing, last_reconciled=lambda: nothing, clock=made.clock, version="1.2.3",
        )  # fmt: skip
        yield made


def violations(page: Page) -> list[Any]:
    """Return what axe-core says against the page: rule, and where."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run().then(result => result.violations)")
    return [(fault["id"], node["target"], node["html"][:160]) for fault in found for node in fault["nodes"]]


def small_targets(page: Page, *, touched: bool) -> list[str]:
    """Return what is pressed and lower than 44 pixels: of links all but those amid a sentence.

    The texts of a drawn form stand as close as in Primero where a mouse points at them.
    """
    found: list[str] = page.locator(
        "button, summary, textarea, select, label.inline, input:not([type=hidden], [type=checkbox], [type=radio]), "
        "a.button, nav a, .crumbs a, .facts a, td a, th a, .trail a, .texts li > a"
        + (", .drawn > a" if touched else "")
    ).evaluate_all(
        "nodes => nodes.filter(n => n.checkVisibility() && n.getBoundingClientRect().height < 43.9)"
        ".map(n => `${n.getBoundingClientRect().height} ${n.outerHTML.slice(0, 120)}`)"
    )
    return found


@pytest.mark.parametrize("language", ["en", "ar"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_is_wrong_with_any_page(
    site: Site, look: Callable[..., Watched], size: dict[str, int], language: str
) -> None:
    """Names, contrasts, landmarks, headings, tables: no rule is broken, and what is pressed is 44 pixels high."""
    seen = look(viewport=size, locale=language)
    faults = {}

    def look_at(path: str) -> None:
        seen.page.goto(site.url + path)
        assert seen.page.locator("html").get_attribute("lang") == language
        faults[path] = [*violations(seen.page), *small_targets(seen.page, touched=size == PHONE)]
        faults[path] += [f"{seen.overflow()} pixels too wide"] * (seen.overflow() > 0)

    name = site.user("administrator")
    with site.resources.database.write() as session:
        link = create_password_link(session, operator("test"), name, site.clock()).link_secret
    for path in (*PUBLIC.values(), "/set-password/no-such-link", stop_path(site)):
        look_at(path.replace("{secret}", link))
    for user, paths in ((name, PAGES), (site.user("reviewer"), [path for path in PAGES if path.startswith(L)])):
        seen.page.context.clear_cookies()
        seen.page.goto(f"{site.url}/login")
        seen.page.locator("#username").fill(user)
        seen.page.locator("#password").fill(PASSWORD)
        with seen.page.expect_navigation():
            seen.page.locator("main").get_by_role("button").click()
        for path in [address for route in paths for address in PAGES[route]] + list(OTHERS):
            look_at(path)
    expected = ("404", "403", "410")
    seen.complaints[:] = [text for text in seen.complaints if not any(status in text for status in expected)]
    assert {path: found for path, found in faults.items() if found} == {}


def stop_path(site: Site) -> str:
    """Return the page on which a volunteer asks for no more mail."""
    return stop_address(site.resources.settings, site.resources.secrets, "volunteer-1").removeprefix(
        site.resources.settings.public_url
    )
