"""The first page: every deployment you may see, its languages, true numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from service.auth.dependencies import IdentityDep
from service.auth.rules import Identity, Permission
from service.catalog.queries import LocaleCounts
from service.checks.locales import LocaleInfo, get_locale
from service.home.pages.wording import say_age
from service.home.status import DeploymentStatus, describe_deployments
from service.sync.queries import count_questions
from service.web.languages import Nn_, Words, words_of
from service.web.resources import NowDep, SessionDep
from service.web.templating import render

router = APIRouter(include_in_schema=False)

_BOTH = Nn_("%(num)s text changed on both sides: choose one", "%(num)s texts changed on both sides: choose")
_BLOCKED = Nn_("%(num)s text is blocked by a check", "%(num)s texts are blocked by a check")
_WAITING = Nn_("%(num)s text waits for a reviewer", "%(num)s texts wait for a reviewer")
_REJECTED = Nn_("%(num)s rejected text waits for a translator", "%(num)s rejected texts wait for a translator")
_OPEN = Nn_("%(num)s text is not translated yet", "%(num)s texts are not translated yet")


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

    def path(self, slug: str) -> str:
        """Return the beginning of the addresses of its pages."""
        return f"/deployments/{slug}/locales/{self.info.code}"

    def needs(self, words: Words) -> list[tuple[str, str]]:
        """Return what waits for whom, in words with the page where it is done; the first thing first."""
        counts = self.counts
        both, blocked, rejected, open_texts = counts.conflicts, counts.blocked, counts.rejected, counts.untranslated
        waiting = counts.translated + counts.stale
        say = words.ngettext
        found = [
            (both, say(*_BOTH, both), "texts?show=all&conflict=1"),
            (blocked, say(*_BLOCKED, blocked), "texts?show=all&blocked=1"),
            (waiting, say(*_WAITING, waiting), "queue"),
            (rejected, say(*_REJECTED, rejected), "texts?show=rejected"),
            (open_texts, say(*_OPEN, open_texts), "texts?show=untranslated"),
        ]
        told = [(sentence % {"num": words.number(number)}, page) for number, sentence, page in found if number]
        return told or [(words.gettext("nothing is to be translated"), "")]


@dataclass(frozen=True, slots=True)
class DeploymentCard:
    """One deployment on the page; ages are sentences, None where nothing happened yet.

    ``questions`` counts those that whoever looks may answer, None where that is none of their business.
    """

    status: DeploymentStatus
    languages: tuple[Language, ...]
    source_age: str | None
    sync_age: str | None
    questions: int | None
    may_bring: bool


@router.get("/")
def show_home(request: Request, session: SessionDep, identity: IdentityDep, now: NowDep) -> HTMLResponse:
    """Show the deployments with their languages."""
    words = words_of(request)
    found = describe_deployments(session, identity)
    waiting = count_questions(session, [status.id for status in found])
    cards = [
        _card(
            status,
            now,
            words,
            _questions(identity, status.id, waiting[status.id]),
            may_bring=identity.may(Permission.VOLUNTEERS_MANAGE, status.id),
        )
        for status in found
    ]
    context = {
        "cards": cards,
        "words": words,
        "may_add": identity.may(Permission.DEPLOYMENT_MANAGE, None),
        "may_audit": any(grant.allows(Permission.AUDIT_VIEW, None) for grant in identity.memberships),
    }
    return render(request, "home/home.html", context)


def _card(
    status: DeploymentStatus, now: datetime, words: Words, questions: int | None, *, may_bring: bool
) -> DeploymentCard:
    languages = tuple(
        Language(get_locale(locale), counts, status.languages[locale]) for locale, counts in status.locales.items()
    )
    return DeploymentCard(
        status, languages, say_age(status.snapshot_at, now, words), say_age(status.synced_at, now, words), questions,
        may_bring,
    )  # fmt: skip


def _questions(identity: Identity, deployment_id: int, waiting: Mapping[str | None, int]) -> int | None:
    if not identity.may_somewhere(Permission.QUESTION_ANSWER, deployment_id):
        return None
    return sum(
        number for locale, number in waiting.items() if identity.may(Permission.QUESTION_ANSWER, deployment_id, locale)
    )
