"""What the keeper of the configuration should know: source texts that make trouble, whoever translates them.

Made anew each time it is asked for: it is read seldom, and nothing in it holds anything up.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from extractors.texts import normalise_text
from extractors.units import UnitKey
from service.catalog.models import Translation, Unit
from service.catalog.queries import in_scope
from service.checks.engine import CHECKS, GroupCheck, Severity
from service.checks.models import StoredFinding
from service.checks.source_lint import SourceText, lint_source
from service.deployments.models import Deployment
from service.deployments.service import list_locales
from service.web.telling import Said, code, in_english, say_many

MANY = 2
"""In so many languages one check must find something in the translations of one source text."""
LONG = timedelta(days=90)
"""A text without a translation for so long, while others of the language move, has a reason."""

MANY_LOCALES_FAIL = "many_locales_fail"
LONG_UNTRANSLATED = "long_untranslated"

# What these say is of a list or a language, not of one source text.
_NOT_OF_THE_SOURCE = frozenset({"option_set_incomplete", "option_parity", "wrong_language", "inconsistent"})
_TOLD = frozenset(
    check.id for check in CHECKS if not isinstance(check, GroupCheck) or check.id not in _NOT_OF_THE_SOURCE
)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One thing about one source text, wherever it stands.

    Attributes:
        check: id of the source check, ``many_locales_fail`` or ``long_untranslated``.
        severity: ``B`` where Primero itself refuses the text, else ``I``.
        source: the text.
        keys: the units that have it, in the order of the source.
        said: what is to be said of it.
        start, end: where in the text; the whole of it where no single place is to blame.
        locales: the languages concerned; () where it does not depend on them.
    """

    check: str
    severity: Severity
    source: str
    keys: tuple[str, ...]
    said: Said
    start: int
    end: int
    locales: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """Return in English what is to be said of it."""
        return in_english(self.said)


@dataclass(slots=True)
class _Source:
    """One source text in use, with the units that have it."""

    text: str
    ids: list[int]
    keys: list[str]


def report_source(session: Session, deployment: Deployment, *, now: datetime) -> list[SourceRow]:
    """Return what is to be said of the source texts in scope: what Primero refuses first, else in their order."""
    sources = _find_sources(session, deployment)
    failing = _find_failing(session, deployment)
    waiting = _find_waiting(session, deployment, now)
    rows = [
        row
        for source in sources.values()
        for row in (*_lint(source, deployment), *_fails(source, failing), *_waits(source, waiting))
    ]
    return sorted(rows, key=lambda row: row.severity is not Severity.BLOCKS)


def _find_sources(session: Session, deployment: Deployment) -> dict[str, _Source]:
    query = (
        select(Unit.id, Unit.key, Unit.source, Unit.source_hash)
        .where(in_scope(deployment.id or 0))
        .order_by(col(Unit.position), col(Unit.id))
    )
    sources: dict[str, _Source] = {}
    for number, key, text, digest in session.exec(query):
        source = sources.setdefault(digest, _Source(normalise_text(text), [], []))
        source.ids.append(number or 0)
        source.keys.append(key)
    return sources


def _lint(source: _Source, deployment: Deployment) -> Iterator[SourceRow]:
    told: dict[tuple[str, int, int], tuple[Severity, Said, list[str]]] = {}
    by_property: dict[str, list[str]] = defaultdict(list)
    for key in source.keys:
        by_property[UnitKey.parse(key).prop].append(key)
    for prop, keys in by_property.items():
        for found in lint_source(SourceText(source.text, prop, deployment.source_locale)):
            place = (found.check_id, found.start, found.end)
            told.setdefault(place, (found.severity, found.said or [], []))[2].extend(keys)
    for (check, start, end), (severity, said, keys) in told.items():
        yield SourceRow(check, severity, source.text, tuple(keys), said, start, end)


def _find_failing(session: Session, deployment: Deployment) -> Mapping[int, list[tuple[str, str]]]:
    """Return, by unit, the (check, locale) of errors and warnings that nobody dismissed."""
    query = (
        select(Translation.unit_id, StoredFinding.check_id, Translation.locale)
        .join(Translation, col(Translation.id) == StoredFinding.translation_id)
        .join(Unit, col(Unit.id) == Translation.unit_id)
        .where(
            in_scope(deployment.id or 0),
            col(StoredFinding.severity).in_([Severity.BLOCKS.value, Severity.WARNS.value]),
            col(StoredFinding.dismissed_at).is_(None),
        )
        .distinct()
    )
    failing: defaultdict[int, list[tuple[str, str]]] = defaultdict(list)
    for unit, check, locale in session.exec(query):
        if check in _TOLD:
            failing[unit].append((check, locale))
    return failing


def _fails(source: _Source, failing: Mapping[int, list[tuple[str, str]]]) -> Iterator[SourceRow]:
    by_check: defaultdict[str, set[str]] = defaultdict(set)
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for number, key in zip(source.ids, source.keys, strict=True):
        for check, locale in failing.get(number, ()):
            by_check[check].add(locale)
            if key not in keys[check]:
                keys[check].append(key)
    for check, locales in sorted(by_check.items()):
        if len(locales) >= MANY:
            said = say_many(
                "%(check)s finds something in one language: the cause may be this text. "
                "Look whether it can be said more plainly, or need not be translated.",
                "%(check)s finds something in %(num)s languages: the cause may be this text. "
                "Look whether it can be said more plainly, or need not be translated.",
                len(locales),
                check=code(check),
            )
            yield _whole(MANY_LOCALES_FAIL, source, keys[check], said, locales)


def _find_waiting(session: Session, deployment: Deployment, now: datetime) -> Mapping[int, list[str]]:
    """Return, by unit, the locales in which it has no text since long, while others of the locale get theirs."""
    waiting: defaultdict[int, list[str]] = defaultdict(list)
    for locale in [row.locale for row in list_locales(session, deployment)]:
        in_locale = (col(Translation.unit_id) == Unit.id) & (col(Translation.locale) == locale)
        latest = session.exec(
            select(func.max(Translation.changed_at))
            .join(Unit, in_locale)
            .where(in_scope(deployment.id or 0), col(Translation.text).is_not(None))
        ).one()
        if latest is None or latest < now - LONG:
            continue
        query = (
            select(Unit.id)
            .outerjoin(Translation, in_locale)
            .where(in_scope(deployment.id or 0), col(Translation.text).is_(None), col(Unit.changed_at) < now - LONG)
        )
        for number in session.exec(query):
            waiting[number or 0].append(locale)
    return waiting


def _waits(source: _Source, waiting: Mapping[int, list[str]]) -> Iterator[SourceRow]:
    keys = [key for number, key in zip(source.ids, source.keys, strict=True) if number in waiting]
    locales = {locale for number in source.ids for locale in waiting.get(number, ())}
    if keys:
        said = say_many(
            "Nobody has translated this text into one language for %(days)s days, while others of the language are "
            "done. Ask on Transifex what is hard about it.",
            "Nobody has translated this text into %(num)s languages for %(days)s days, while others of these languages "
            "are done. Ask on Transifex what is hard about it.",
            len(locales),
            days=LONG.days,
        )
        yield _whole(LONG_UNTRANSLATED, source, keys, said, locales)


def _whole(check: str, source: _Source, keys: Iterable[str], said: Said, locales: Iterable[str]) -> SourceRow:
    return SourceRow(
        check, Severity.INFORMS, source.text, tuple(keys), said, 0, len(source.text), tuple(sorted(locales))
    )
