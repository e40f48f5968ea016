"""Pull: what volunteers wrote comes in, for each resource and locale that moved since the last pull."""

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError
from sqlmodel import Session, col, select

from extractors.units import UnitKey
from service.audit.service import Actor
from service.catalog.models import Unit
from service.catalog.rules.overwrite import Outcome
from service.catalog.service.locks import lock_units
from service.db import Database
from service.deployments.client import as_service_error
from service.deployments.models import Deployment
from service.deployments.service import list_locales
from service.errors import NotFound, Refused
from service.jobs.models import Job
from service.review.service.entering import EntryReport
from service.review.service.policies import enter_pulled_texts
from service.sync.keys import resource_record
from service.sync.models import PulledPair, RunKind
from service.sync.plan import Listed, Statistics, date_to_remember, disagree, plan_pull
from service.sync.queries import find_spelling, list_pushed_resources
from service.sync.rules.formats import FORMATS, Spelling, unit_hash
from service.sync.service.arriving import find_people, incoming_text, own_usernames
from service.sync.service.memory import forget_recreated_strings
from service.sync.service.questions import Fetched, fetch_questions
from service.sync.service.runs import OpenRun, Patience, Progress, RunReport, in_words, judge, no_progress, open_run
from transifex_client import TransifexClient
from transifex_client.errors import TransifexError
from transifex_client.ids import parse_place, resource_id, string_hash
from transifex_client.resources import LanguageStatistics, Translation

WORKERS = 4
"""How many listings are fetched at once; more fail more often."""

_SHOWN = 50
_CHANGES = (
    Outcome.FILLED, Outcome.REPLACED, Outcome.REWRITTEN, Outcome.EMPTIED, Outcome.CONFLICT, Outcome.POLICY_OURS,
    Outcome.POLICY_THEIRS,
)  # fmt: skip


@dataclass(slots=True)
class _Ours:
    """What we hold: resources by slug, locales by language, units by the hashes of their strings, own user names.

    ``fillers``: the hashes of strings that may stand there beside the units'.
    """

    records: dict[str, str]
    locales: dict[str, str]
    seen: list[Statistics]
    own_users: frozenset[str]
    spelling: Spelling
    keys: dict[str, dict[str, str]] = field(default_factory=dict)
    fillers: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Reading:
    """What one listing holds: rows by unit key; hashes of strings that no unit has; keys of texts in plural forms.

    ``listed`` counts all of them.
    """

    rows: dict[str, Translation] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)
    plural: list[str] = field(default_factory=list)
    listed: Listed = field(default=Listed(0, 0, 0))


def pull(
    database: Database,
    client: TransifexClient,
    *,
    deployment_slug: str,
    actor: Actor,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    own_user: str | None = None,
    everything: bool = False,
    locale: str | None = None,
    questions: bool = False,
    workers: int = WORKERS,
    on_progress: Progress = no_progress,
    job: Job | None = None,
) -> RunReport:
    """Let in what Transifex holds for every (resource, locale) that moved since the last pull.

    Each pair enters in a transaction of its own; one that fails is pulled again by the next pull. No transaction is
    open while Transifex is asked.

    Args:
        database: where the units are.
        client: reaches the deployment's Transifex.
        deployment_slug: which deployment.
        actor: who does it, for run and audit.
        clock: the time.
        new_id: makes the ids of persons whom we meet for the first time.
        own_user: the Transifex user that this service writes as (``BRIDGE_TRANSIFEX_USER``); never an author.
        everything: pull every pair, whether it moved or not.
        locale: pull this locale alone, and every pair of it, as before its release.
        questions: look for questions also where no pair moved and not everything is pulled.
        workers: how many listings are fetched at once.
        on_progress: told about each pair that is done.
        job: the one that this is the work of, None for none.

    Raises:
        NotFound: there is no such deployment, or no such locale in it.
        Refused: it cannot be pulled now, or Transifex refuses it as a whole.
        RemoteUnreachable: Transifex does not answer.
    """
    with open_run(
        database, client, RunKind.PULL,
        deployment_slug=deployment_slug, actor=actor, clock=clock, on_progress=on_progress, job=job, locale=locale,
    ) as run:  # fmt: skip
        ours = _load(database, run.deployment, own_user)
        _check(ours, deployment_slug)
        language = None if locale is None else _language_of(ours, locale, deployment_slug)
        listed = [_statistics(row) for row in client.list_statistics(run.project, language=language)]
        plan = plan_pull(
            listed,
            ours.seen,
            slugs=ours.records.keys(),
            languages=ours.locales.keys(),
            everything=everything or language is not None,
        )
        _load_keys(database, run.deployment, ours, {ours.records[pair.slug] for pair in plan.pairs})
        items = _pull_all(run, ours, plan.pairs, new_id, workers)
        wanted = set(ours.locales) if language is None else {language}
        absent = sorted(wanted - {fact.language for fact in listed})
        fetched = Fetched()
        if (questions or everything or plan.pairs) and all(item["result"] != "skipped" for item in items):
            fetched = fetch_questions(run, ours.own_users, new_id, whole=everything)
        return _finish(run, items, plan.unmoved, absent, fetched)


def _load(database: Database, deployment: Deployment, own_user: str | None) -> _Ours:
    assert deployment.id is not None
    with database.read() as session:
        records = {row.slug: row.record_key for row in list_pushed_resources(session, deployment.id)}
        locales = {
            row.transifex_language: row.locale for row in list_locales(session, deployment) if row.transifex_language
        }
        pairs = session.exec(select(PulledPair).where(PulledPair.deployment_id == deployment.id))
        seen = [_as_statistics(row) for row in pairs]
        spelling = find_spelling(session, deployment)
    return _Ours(records, locales, seen, own_usernames(deployment, own_user), spelling)


def _as_statistics(row: PulledPair) -> Statistics:
    return Statistics(row.slug, row.language, row.total, row.translated, row.reviewed, row.last_update)


def _check(ours: _Ours, slug: str) -> None:
    if not ours.records:
        raise Refused(f"Nothing of {slug!r} lies on Transifex yet: push first.")
    if not ours.locales:
        raise Refused(
            f"No locale of {slug!r} has a Transifex language: map one with `primero-bridge deployment locales`."
        )


def _language_of(ours: _Ours, locale: str, slug: str) -> str:
    language = next((code for code, name in ours.locales.items() if name == locale), None)
    if language is None:
        raise NotFound(f"The deployment {slug!r} has no locale {locale!r} that is translated on Transifex.")
    return language


def _load_keys(database: Database, deployment: Deployment, ours: _Ours, records: set[str]) -> None:
    """Find the units, retired ones too, that stand in these resources."""
    fillers = set()
    text_format = FORMATS[deployment.transifex_format]
    with database.read() as session:
        for text in session.exec(select(Unit.key).where(Unit.deployment_id == deployment.id)):
            key = UnitKey.parse(text)
            record = resource_record(key)
            if record in records:
                ours.keys.setdefault(record, {})[unit_hash(text_format, key)] = text
                if (filler := text_format.filler_beside(key)) is not None:
                    fillers.add(string_hash(filler))
    ours.fillers = frozenset(fillers)


def _statistics(row: LanguageStatistics) -> Statistics:
    slug = parse_place(row.resource).resource or ""
    return Statistics(
        slug, row.language, row.total_strings, row.translated_strings, row.reviewed_strings, row.updated_at
    )


def _pull_all(
    run: OpenRun, ours: _Ours, pairs: Sequence[Statistics], new_id: Callable[[], str], workers: int
) -> list[dict[str, Any]]:
    items = []
    run.plan(_item(pair, ours.locales[pair.language], "") for pair in pairs)
    patience = Patience()
    names: dict[str, dict[str, str]] = {}
    for number, (pair, fetched) in enumerate(_fetch_ahead(run, pairs, patience, workers)):
        locale = ours.locales[pair.language]
        run.on_progress(number, len(pairs), f"{pair.slug} {locale}")
        if fetched is None:
            items.append(_item(pair, locale, "skipped", "It was not tried, because Transifex did not answer before."))
            continue
        try:
            rows = fetched.result()
            reading = _read(rows, ours.keys.get(ours.records[pair.slug], {}), ours.fillers)
            unknown = _name_strangers(run, pair, reading.strangers, names)
            items.append(_apply(run, ours, pair, reading, unknown, new_id))
            patience.note(None)
        except TransifexError as error:
            patience.note(error)
            items.append(_note_failure(run, pair, locale, as_service_error(error).message))
        except (DataError, IntegrityError) as error:
            message = f"The database refused the texts ({type(error.orig).__name__})."
            items.append(_note_failure(run, pair, locale, message))
    run.on_progress(len(pairs), len(pairs), "")
    return items


def _note_failure(run: OpenRun, pair: Statistics, locale: str, message: str) -> dict[str, Any]:
    with run.write() as session:
        return run.note(session, _item(pair, locale, "failed", message))


def _fetch_ahead(
    run: OpenRun, pairs: Sequence[Statistics], patience: Patience, workers: int
) -> Iterator[tuple[Statistics, Future[tuple[Translation, ...]] | None]]:
    """Yield each pair with its listing, fetched a few ahead of the one that is dealt with; None once given up."""
    waiting = deque(pairs)
    fetching: deque[tuple[Statistics, Future[tuple[Translation, ...]]]] = deque()
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="pull") as pool:
        while waiting or fetching:
            while waiting and len(fetching) < workers and not patience.exhausted:
                pair = waiting.popleft()
                place = resource_id(run.project, pair.slug)
                fetching.append((pair, pool.submit(run.client.list_translations, place, pair.language)))
            if fetching:
                yield fetching.popleft()
            else:
                yield waiting.popleft(), None


def _read(rows: Sequence[Translation], keys: Mapping[str, str], fillers: frozenset[str]) -> _Reading:
    reading = _Reading(
        listed=Listed(len(rows), sum(bool(row.strings) for row in rows), sum(row.reviewed for row in rows))
    )
    for row in rows:
        hashed = row.string.rpartition(":s:")[2]
        key = keys.get(hashed)
        if key is None:
            if hashed not in fillers:
                reading.strangers.append(hashed)
        elif row.strings is not None and set(row.strings) != {"other"}:
            reading.plural.append(key)
        else:
            reading.rows[key] = row
    return reading


def _name_strangers(
    run: OpenRun, pair: Statistics, strangers: Sequence[str], names: dict[str, dict[str, str]]
) -> list[str]:
    """Return the string keys of strings that no unit has; asked for once for each resource."""
    if not strangers:
        return []
    if pair.slug not in names:
        strings = run.client.list_strings(resource_id(run.project, pair.slug))
        names[pair.slug] = {string.id.rpartition(":s:")[2]: string.key for string in strings}
    found = (names[pair.slug].get(hashed, hashed) for hashed in strangers)
    return [name for name in found if not run.format.is_filler(name)]


def _apply(
    run: OpenRun,
    ours: _Ours,
    pair: Statistics,
    reading: _Reading,
    strangers: Sequence[str],
    new_id: Callable[[], str],
) -> dict[str, Any]:
    now, locale = run.clock(), ours.locales[pair.language]
    created = {
        key: row.created_at for key, row in reading.rows.items() if not row.strings and row.created_at is not None
    }
    with run.write() as session:
        people = find_people(session, reading.rows.values(), ours.own_users, now, new_id)
        lock_units(session, run.deployment_id, list(reading.rows))
        forget_recreated_strings(session, run.deployment_id, locale, created)
        texts = [incoming_text(key, row, ours.own_users, people, ours.spelling) for key, row in reading.rows.items()]
        report = enter_pulled_texts(session, run.deployment, locale, texts, now=now)
        _remember(session, run, pair, reading.listed, now)
        return run.note(session, _pulled_item(pair, locale, reading, report, strangers))


def _remember(session: Session, run: OpenRun, pair: Statistics, listed: Listed, now: datetime) -> None:
    query = select(PulledPair).where(
        PulledPair.deployment_id == run.deployment_id,
        col(PulledPair.slug) == pair.slug,
        col(PulledPair.language) == pair.language,
    )
    row = session.exec(query).first()
    before = None if row is None else _as_statistics(row)
    row = row or PulledPair(
        deployment_id=run.deployment_id,
        slug=pair.slug,
        language=pair.language,
        total=0,
        translated=0,
        reviewed=0,
        pulled_at=now,
    )
    row.total, row.translated, row.reviewed = pair.total, pair.translated, pair.reviewed
    row.last_update, row.pulled_at = date_to_remember(pair, listed, before, now), now
    session.add(row)


def _item(pair: Statistics, locale: str, result: str, message: str = "", **more: object) -> dict[str, Any]:
    return {"resource": pair.slug, "locale": locale, "result": result, "message": message, **more}


def _pulled_item(
    pair: Statistics, locale: str, reading: _Reading, report: EntryReport, strangers: Sequence[str]
) -> dict[str, Any]:
    unknown = [*strangers, *report.unknown]
    listed = [{"key": entered.key, "outcome": entered.outcome.value} for entered in report.listed[:_SHOWN]]
    message = ""
    if reading.plural:
        message = f"Texts left out, because Transifex reads them as plural forms: {len(reading.plural)}."
    return _item(
        pair, locale, "pulled", message,
        counts={outcome.value: number for outcome, number in sorted(report.outcomes.items())},
        counts_differ=disagree(pair, reading.listed),
        unknown=len(unknown), unknown_keys=unknown[:_SHOWN], plural=reading.plural[:_SHOWN], listed=listed,
    )  # fmt: skip


def _finish(
    run: OpenRun, items: list[dict[str, Any]], unmoved: int, absent: Sequence[str], questions: Fetched
) -> RunReport:
    results = Counter(item["result"] for item in items)
    texts: Counter[str] = Counter()
    for item in items:
        texts.update(item.get("counts", {}))
        texts["unknown"] += item.get("unknown", 0)
    bad = results["failed"] + results["skipped"] + questions.failed
    changed = questions.changed or any(texts[outcome.value] for outcome in _CHANGES)
    said = [
        in_words(
            "Texts",
            [
                (texts[Outcome.FILLED], "new"),
                (texts[Outcome.REPLACED], "replaced"),
                (texts[Outcome.REWRITTEN], "written anew"),
                (texts[Outcome.EMPTIED], "emptied"),
                (texts[Outcome.CONFLICT], "in conflict"),
                (texts[Outcome.POLICY_OURS], "changed on both sides and kept by policy"),
                (texts[Outcome.POLICY_THEIRS], "changed on both sides and replaced by policy"),
            ],
        )
        or "No text changed.",
        in_words("Resources and locales", [(results["failed"], "failed"), (results["skipped"], "not tried")]),
        in_words("Strings that no unit has", [(texts["unknown"], "found")]),
        questions.message(),
    ]
    notes = [item["message"] for item in items if item["message"]]
    if absent:
        notes.append(f"The Transifex project has no language {', '.join(absent)}: push to add it.")
    outcome = {
        "counts": {"pulled": results["pulled"], "failed": results["failed"], "skipped": results["skipped"],
                   "unmoved": unmoved},
        "texts": dict(texts),
        "items": items,
        "languages_absent": list(absent),
        "questions": questions.outcome(),
    }  # fmt: skip
    state = judge(bad, results["pulled"], changed=changed)
    return run.finish(state, " ".join(filter(None, [*said, *notes])), outcome)
