"""How far languages are, how fast, and when they may be done; deadlines."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from service.auth.dependencies import IdentityDep
from service.auth.rules import Permission
from service.catalog.access import open_deployment
from service.catalog.queries import count_records
from service.home.deadlines import change_deadline
from service.home.progress import (
    DAY_COLUMNS,
    FORM_COLUMNS,
    YEAR,
    LanguageProgress,
    day_row,
    describe_languages,
    form_row,
    list_needs,
    need_data,
)
from service.home.schemas import Shape
from service.progress.rules.needs import NeedKind
from service.web.resources import NowDep, ResourcesDep, SessionDep

router = APIRouter(prefix="/deployments/{slug}", tags=["progress"])


class LanguageAnswer(BaseModel):
    """One language; words are source words, rates words a day over the last whole weeks.

    ``forecast`` is ``range`` where ``earliest`` and ``latest`` hold the end four times out of five (no ``latest``: it
    cannot be told), ``done``, or why there is none: ``not-enough-data``, ``nothing-moves``, ``nothing-to-translate``.
    """

    locale: str
    texts: int
    words: int
    approved: int
    approved_words: int
    approved_percent: float
    waiting: int
    waiting_words: int
    translated: int
    translated_words: int
    stale: int
    stale_words: int
    rejected: int
    rejected_words: int
    untranslated: int
    untranslated_words: int
    with_findings: int
    blocked: int
    conflicts: int
    translated_words_a_day: float | None
    approved_words_a_day: float | None
    forecast: str
    earliest: date | None
    latest: date | None
    limited_by: str | None
    deadline: date | None


class NeedAnswer(BaseModel):
    """One thing that needs someone; ``number`` of texts, questions, people or days."""

    kind: NeedKind
    locale: str | None
    number: int
    day: date | None


class ProgressAnswer(BaseModel):
    """The languages of a deployment, and what needs someone, the most pressing first."""

    languages: list[LanguageAnswer]
    needs: list[NeedAnswer]


class FormAnswer(BaseModel):
    """How one form or lookup stands in a language."""

    form: str
    texts: int
    words: int
    approved: int
    approved_words: int
    waiting: int
    waiting_words: int
    translated: int
    stale: int
    rejected: int
    untranslated: int
    untranslated_words: int
    with_findings: int
    blocked: int
    conflicts: int


class DayAnswer(BaseModel):
    """How a language stood at the end of a day, UTC."""

    day: date
    texts: int
    words: int
    words_with_text: int
    approved: int
    approved_words: int


class LanguageProgressAnswer(LanguageAnswer):
    """One language with its forms and its days, the oldest first."""

    forms: list[FormAnswer]
    days: list[DayAnswer]


class DeadlineBody(Shape):
    """The day by which a language is to be approved whole, and why that day."""

    day: date
    note: str = Field(default="", max_length=500)


class DeadlineAnswer(BaseModel):
    """The deadline of a language."""

    locale: str
    day: date
    note: str


def _answer(language: LanguageProgress) -> LanguageAnswer:
    return LanguageAnswer(**language.as_json())


@router.get("/progress", summary="How far each language is, and what needs someone")
def show_progress(session: SessionDep, identity: IdentityDep, now: NowDep, slug: str) -> ProgressAnswer:
    """Return every language of the deployment."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, changing=False)
    languages = describe_languages(session, deployment, now=now)
    needs = list_needs(session, deployment, languages, today=now.date())
    return ProgressAnswer(
        languages=[_answer(language) for language in languages],
        needs=[NeedAnswer(**need_data(need)) for need in needs],
    )


@router.get("/locales/{locale}/progress", summary="How far one language is, form by form and day by day")
def show_language(
    session: SessionDep,
    identity: IdentityDep,
    now: NowDep,
    slug: str,
    locale: str,
    days: Annotated[int, Query(ge=1, le=YEAR, description="How many days back.")] = 56,
) -> LanguageProgressAnswer:
    """Return one language with its forms and its days."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_VIEW, locale, changing=False)
    assert deployment.id is not None
    (language,) = describe_languages(session, deployment, now=now, locales=[locale], days=max(days, 56))
    return LanguageProgressAnswer(
        **language.as_json(),
        forms=[
            FormAnswer(**_named(FORM_COLUMNS, form_row(record, counts)))
            for record, counts in count_records(session, deployment.id, locale).items()
        ],
        days=[DayAnswer(**_named(DAY_COLUMNS, day_row(day))) for day in language.days[-days - 1 :]],
    )


def _named(columns: Sequence[str], row: Sequence[object]) -> dict[str, object]:
    return dict(zip(columns, row, strict=True))


@router.put("/locales/{locale}/deadline", summary="Say by when a language is to be done")
def put_deadline(
    session: SessionDep,
    identity: IdentityDep,
    resources: ResourcesDep,
    now: NowDep,
    slug: str,
    locale: str,
    body: DeadlineBody,
) -> DeadlineAnswer:
    """Set the deadline of a language in place of an earlier one."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE, locale)
    change_deadline(
        session, deployment, locale, body.day, note=body.note, actor=identity.actor, now=now,
        public_url=resources.settings.public_url,
    )  # fmt: skip
    return DeadlineAnswer(locale=locale, day=body.day, note=body.note.strip())


@router.delete("/locales/{locale}/deadline", status_code=204, summary="Take a deadline away")
def delete_deadline(
    session: SessionDep, identity: IdentityDep, resources: ResourcesDep, now: NowDep, slug: str, locale: str
) -> None:
    """Take the deadline of a language away."""
    deployment = open_deployment(session, identity, slug, Permission.DEPLOYMENT_MANAGE, locale)
    change_deadline(
        session, deployment, locale, None, actor=identity.actor, now=now, public_url=resources.settings.public_url
    )
