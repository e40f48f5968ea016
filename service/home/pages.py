"""The first page: every deployment you may see, its languages, true numbers."""

from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.catalog.queries import LocaleCounts
from service.checks.locales import LocaleInfo, get_locale
from service.home.status import DeploymentStatus, describe_deployments
from service.web.resources import NowDep, SessionDep
from service.web.templating import render

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Language:
    """One row of a deployment's table."""

    info: LocaleInfo
    counts: LocaleCounts
    transifex: str | None

    @property
    def is_done(self) -> bool:
        """Return whether every text is approved."""
        return 0 < self.counts.total == self.counts.approved

    def needs(self) -> list[str]:
        """Return what waits for whom, in words; the first thing first."""
        counts = self.counts
        waiting = counts.translated + counts.stale
        found = [
            _number(counts.conflicts, "text changed on both sides: choose one", "texts changed on both sides: choose"),
            _number(counts.blocked, "text is blocked by a check", "texts are blocked by a check"),
            _number(waiting, "text waits for a reviewer", "texts wait for a reviewer"),
            _number(counts.rejected, "rejected text waits for a translator", "rejected texts wait for a translator"),
            _number(counts.untranslated, "text is not translated yet", "texts are not translated yet"),
        ]
        return [sentence for sentence in found if sentence] or ["nothing is to be translated"]


def _number(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}" if number else ""


@dataclass(frozen=True, slots=True)
class DeploymentCard:
    """One deployment on the page; ages are sentences, None where nothing happened yet."""

    status: DeploymentStatus
    languages: tuple[Language, ...]
    source_age: str | None
    sync_age: str | None


@router.get("/")
def show_home(request: Request, session: SessionDep, identity: IdentityDep, now: NowDep) -> HTMLResponse:
    """Show the deployments with their languages."""
    cards = [_card(status, now) for status in describe_deployments(session, identity)]
    context = {"cards": cards, "may_add": identity.may(Permission.DEPLOYMENT_MANAGE, None)}
    return render(request, "home/home.html", context)


def _card(status: DeploymentStatus, now: datetime) -> DeploymentCard:
    languages = tuple(
        Language(get_locale(locale), counts, status.languages[locale]) for locale, counts in status.locales.items()
    )
    return DeploymentCard(status, languages, _age(status.snapshot_at, now), _age(status.synced_at, now))


def _age(moment: datetime | None, now: datetime) -> str | None:
    """Return how long ago something was, in the largest unit that fits."""
    if moment is None:
        return None
    seconds = max(0, int((now - moment).total_seconds()))
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        number = seconds // size
        if number:
            return f"{number} {name}{'s' if number > 1 else ''} ago"
    return "just now"
