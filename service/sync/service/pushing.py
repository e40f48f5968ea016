"""Push: the source texts in use go to Transifex, one resource for each form and one for all lookups."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from extractors.units import RecordKind, UnitKey
from service.audit.service import Actor
from service.catalog.models import Unit
from service.catalog.service.locks import lock_units
from service.db import Database
from service.deployments.client import as_service_error
from service.deployments.models import Deployment
from service.deployments.service import list_locales
from service.errors import Refused
from service.jobs.models import Job
from service.sync.models import PushedResource, RunKind
from service.sync.plan import (
    Layout,
    LocalResource,
    PushedFact,
    PushPlan,
    PushStep,
    PushUnit,
    RemoteResource,
    RemoteString,
    StepKind,
    UploadPlan,
    hash_to_remember,
    lay_out,
    plan_push,
    plan_upload,
    say_difference,
)
from service.sync.queries import list_pushed_resources
from service.sync.rules.context import write_comment
from service.sync.service.adopting import adoption_message, compare_resource, find_resources
from service.sync.service.arriving import own_usernames
from service.sync.service.describing import Described, describe_strings, find_dates, look_at, read_context, write_date
from service.sync.service.languages import Languages, add_languages, check_source_language
from service.sync.service.memory import forget_synced_sources
from service.sync.service.recall import Recall, recall_push
from service.sync.service.rescuing import Rescue, rescue_translations
from service.sync.service.runs import OpenRun, Patience, Progress, RunReport, in_words, judge, no_progress, open_run
from service.sync.service.sending import send_decided
from service.sync.service.sent import Sent
from transifex_client import TransifexClient
from transifex_client.errors import TransifexError
from transifex_client.ids import resource_id
from transifex_client.resources import NewResource, UploadOutcome

_CHUNK = 400
_SHOWN = 50
_SENT = ("created", "updated")


@dataclass(slots=True)
class _Ours:
    """What we hold: the units in use, the locales by the language wanted for them, what was pushed before."""

    units: list[PushUnit]
    names: dict[str, str]
    locales: dict[str, str]
    pushed: list[PushedFact]


def push(
    database: Database,
    client: TransifexClient,
    *,
    deployment_slug: str,
    actor: Actor,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
    own_user: str | None = None,
    allow_removals: bool = False,
    limits: bool = True,
    on_progress: Progress = no_progress,
    job: Job | None = None,
) -> RunReport:
    """Send the source texts that changed since the last push, then what was decided here; make what is missing there.

    Each resource is recorded as soon as it is sent: whatever happens to the others, and to this process, is made good
    by the next push. No transaction is open while Transifex is asked.

    Args:
        database: where the units are.
        client: reaches the deployment's Transifex.
        deployment_slug: which deployment.
        actor: who does it, for run and audit.
        clock: the time.
        new_id: makes the ids of persons whom we meet for the first time, where strings stood there before us.
        own_user: the Transifex user that this service writes as (``BRIDGE_TRANSIFEX_USER``); never an author.
        allow_removals: delete strings there even if they are more than a tenth of a resource.
        limits: set character limits where Primero's layout has room for no more.
        on_progress: told about each resource that is done.
        job: the one that this is the work of, None for none.

    Raises:
        NotFound: there is no such deployment.
        Refused: it cannot be pushed now, or Transifex refuses it as a whole.
        RemoteUnreachable: Transifex does not answer.
    """
    with open_run(
        database, client, RunKind.PUSH,
        deployment_slug=deployment_slug, actor=actor, clock=clock, on_progress=on_progress, job=job,
    ) as run:  # fmt: skip
        ours = _load(database, run.deployment)
        if not ours.units:
            raise Refused(
                f"There is nothing to push in {deployment_slug!r}: import a source first, or change its scope."
            )
        remote = [
            RemoteResource(found.slug, found.name, found.i18n_format, found.string_count, found.created_at)
            for found in client.list_resources(run.project)
        ]
        layout = _lay_out(run, ours, remote)
        plan = plan_push(layout.resources, remote, ours.pushed)
        before = recall_push(run)
        languages = _ask_about_languages(run, plan, list(ours.locales), before)
        rescue = Rescue(
            {code: ours.locales[code] for code in languages.present}, own_usernames(run.deployment, own_user), new_id
        )
        items = _push_all(run, plan, rescue, allow_removals=allow_removals)
        described = describe_strings(
            run,
            sent=[step.resource for step, item in items if item["result"] in _SENT],
            kept=[step.resource for step in plan.of(StepKind.KEEP)],
            told_before=before.told,
            made=find_dates(plan, (item for _, item in items)),
            limits=limits,
        )
        sent = send_decided(run)
        return _finish(run, plan, [item for _, item in items], languages, described, sent, layout)


def _lay_out(run: OpenRun, ours: _Ours, remote: Sequence[RemoteResource]) -> Layout:
    slugs = {fact.record: fact.slug for fact in ours.pushed}
    layout = lay_out(ours.units, run.deployment.source_locale, run.format, slugs=slugs, names=ours.names)
    found = find_resources(run, layout.resources, remote, slugs)
    if not found:
        return layout
    slugs |= found
    return lay_out(ours.units, run.deployment.source_locale, run.format, slugs=slugs, names=ours.names)


def _ask_about_languages(run: OpenRun, plan: PushPlan, wanted: Sequence[str], before: Recall) -> Languages:
    """Look at the project's languages, unless nothing is to be sent and the last push saw them all there."""
    if before.languages.issuperset(wanted) and len(plan.of(StepKind.KEEP)) == len(plan.steps):
        return Languages(list(wanted))
    check_source_language(run)
    return add_languages(run, wanted)


def _load(database: Database, deployment: Deployment) -> _Ours:
    with database.read() as session:
        names: dict[str, str] = {}
        units = []
        for row in _units_in_use(session, deployment):
            assert row.id is not None
            key = UnitKey.parse(row.key)
            if key.kind is RecordKind.FORM and key.prop == "name":
                names[key.record_key] = " ".join(row.source.split())
            if not (row.excluded or row.do_not_translate):
                comment = write_comment(key, read_context(row.context))
                units.append(PushUnit(row.id, key, row.source, row.source_hash, row.pushed_source_hash, comment))
        locales = {
            row.transifex_language: row.locale for row in list_locales(session, deployment) if row.transifex_language
        }
        assert deployment.id is not None
        pushed = [
            PushedFact(row.slug, row.record_key, row.content_hash, row.string_count)
            for row in list_pushed_resources(session, deployment.id)
        ]
    return _Ours(units, names, locales, pushed)


def _units_in_use(session: Session, deployment: Deployment) -> Sequence[Unit]:
    query = select(Unit).where(Unit.deployment_id == deployment.id, ~col(Unit.retired))
    return session.exec(query.order_by(col(Unit.position), col(Unit.id))).all()


def _push_all(
    run: OpenRun, plan: PushPlan, rescue: Rescue, *, allow_removals: bool
) -> list[tuple[PushStep, dict[str, Any]]]:
    items = [(step, _item(step, "refused", step.reason)) for step in plan.of(StepKind.REFUSE)]
    steps = plan.of(StepKind.CREATE, StepKind.UPDATE)
    run.plan(_item(step, "") for step in steps)
    patience = Patience()
    for number, step in enumerate(steps):
        run.on_progress(number, len(steps), step.resource.name)
        if patience.exhausted:
            items.append((step, _item(step, "skipped", "It was not tried, because Transifex did not answer before.")))
            continue
        try:
            items.append((step, _push_one(run, step, rescue, allow_removals=allow_removals)))
            patience.note(None)
        except TransifexError as error:
            patience.note(error)
            with run.write() as session:
                items.append((step, run.note(session, _item(step, "failed", as_service_error(error).message))))
    run.on_progress(len(steps), len(steps), "")
    return items


def _push_one(run: OpenRun, step: PushStep, rescue: Rescue, *, allow_removals: bool) -> dict[str, Any]:
    place = resource_id(run.project, step.resource.slug)
    there: list[RemoteString] = []
    if step.kind is StepKind.UPDATE:
        there = [
            RemoteString(string.key, None if string.pluralized or string.context else string.strings.get("other"))
            for string in run.client.list_strings(place)
        ]
    upload = plan_upload(step.resource, there, allow_removals=allow_removals)
    if upload.refusal:
        with run.write() as session:
            return run.note(session, _item(step, "refused", upload.refusal, removed=list(upload.removed[:_SHOWN])))
    rescued = rescue_translations(run, step.resource, there, upload, rescue)
    adopted = compare_resource(step.resource, upload, rescued) if step.first else None
    # Transifex dates translations in whole seconds: ours must not be later than one made right after the upload.
    started = run.clock().replace(microsecond=0)
    anew = _newly_pushed(step.resource, upload)
    _announce(run, step.resource, anew, started)
    if step.kind is StepKind.CREATE:
        run.client.create_resource(
            NewResource(run.project, step.resource.slug, step.resource.name, run.format.name.value)
        )
    elif step.remote is not None and step.remote.name != step.resource.name:
        run.client.update_resource(place, name=step.resource.name)
    # Primero's source is the truth: a text edited on Transifex alone would be translated and never shown.
    done = run.client.upload_source(place, upload.content, keep_translations=False, replace_edited_strings=True)
    seen = look_at(run.client, place)
    count = None if seen is None else seen.string_count
    content_hash = hash_to_remember(step, count)
    item = _sent_item(step, upload, done, count, adopted, rescued)
    item["short"] = not content_hash
    item["message"] = " ".join(filter(None, [item["message"], say_difference(step, count)]))
    if seen is not None:
        item["made"] = write_date(seen.created_at)
    _record(run, step.resource, anew, started, content_hash, item)
    return item


def _newly_pushed(resource: LocalResource, upload: UploadPlan) -> dict[str, PushUnit]:
    """Return, by key, the units whose source text Transifex is about to get anew: their translations there go."""
    anew = {unit.id for unit in (*upload.fresh, *upload.changed)}
    return {str(unit.key): unit for unit in resource.units if unit.id in anew or unit.known_hash != unit.source_hash}


def _announce(run: OpenRun, resource: LocalResource, anew: Mapping[str, PushUnit], now: datetime) -> None:
    """Write down, before it happens, that the resource's content is no longer known: we may be killed any moment."""
    with run.write() as session:
        lock_units(session, run.deployment_id, list(anew))
        forget_synced_sources(session, (unit.id for unit in anew.values()))
        _write_pushed(session, run, resource, content_hash="", strings=0, now=now)


def _record(
    run: OpenRun,
    resource: LocalResource,
    anew: Mapping[str, PushUnit],
    started: datetime,
    content_hash: str,
    item: dict[str, Any],
) -> None:
    hashes = {unit.id: unit.source_hash for unit in anew.values()}
    ids = sorted(hashes)
    strings = len(resource.units) if item["counted"] is None else item["counted"]
    with run.write() as session:
        lock_units(session, run.deployment_id, list(anew))
        for start in range(0, len(ids), _CHUNK):
            for row in session.exec(select(Unit).where(col(Unit.id).in_(ids[start : start + _CHUNK]))):
                assert row.id is not None
                row.pushed_source_hash, row.pushed_at = hashes[row.id], started
                session.add(row)
        _write_pushed(session, run, resource, content_hash=content_hash, strings=strings, now=started)
        run.note(session, item)


def _write_pushed(
    session: Session, run: OpenRun, resource: LocalResource, *, content_hash: str, strings: int, now: datetime
) -> None:
    query = select(PushedResource).where(
        PushedResource.deployment_id == run.deployment_id, PushedResource.slug == resource.slug
    )
    row = session.exec(query).first() or PushedResource(
        deployment_id=run.deployment_id,
        slug=resource.slug,
        record_key=resource.record,
        content_hash="",
        string_count=0,
        pushed_at=now,
    )
    row.record_key, row.content_hash = resource.record, content_hash
    row.string_count, row.pushed_at = strings, now
    session.add(row)
    session.flush()


def _item(step: PushStep, result: str, message: str = "", **more: object) -> dict[str, Any]:
    resource = step.resource
    return {
        "resource": resource.slug, "record": resource.record, "name": resource.name, "result": result,
        "strings": len(resource.units), "message": message, **more,
    }  # fmt: skip


def _sent_item(
    step: PushStep,
    upload: UploadPlan,
    done: UploadOutcome,
    count: int | None,
    adopted: Mapping[str, Any] | None,
    rescued: int,
) -> dict[str, Any]:
    said = [] if adopted is None else [adoption_message(step.resource, adopted)]
    if rescued:
        said.append(f"Translations that the upload of {step.resource.slug!r} drops there were kept: {rescued}.")
    return _item(
        step, "created" if step.kind is StepKind.CREATE else "updated", " ".join(said), rescued=rescued,
        created=done.created, updated=done.updated, deleted=done.deleted, counted=count,
        removed=list(upload.removed[:_SHOWN]), **({} if adopted is None else {"adopted": dict(adopted)}),
    )  # fmt: skip


def _finish(
    run: OpenRun,
    plan: PushPlan,
    items: list[dict[str, Any]],
    languages: Languages,
    described: Described,
    sent: Sent,
    layout: Layout,
) -> RunReport:
    kept = len(plan.of(StepKind.KEEP))
    counts = {name: 0 for name in ("created", "updated", "refused", "failed", "skipped")}
    for item in items:
        counts[item["result"]] += 1
    bad = counts["refused"] + counts["failed"] + counts["skipped"] + bool(languages.trouble) + sent.failed
    bad += sum(item.get("short", False) for item in items)
    good = counts["created"] + counts["updated"] + sent.done
    outcome = {
        "counts": {**counts, "unchanged": kept},
        "items": items,
        "sent": sent.outcome(),
        "project": run.project,
        "languages": [*languages.present, *languages.added],
        "told": described.told,
        "described": described.strings,
        "describing_troubles": described.troubles[:_SHOWN],
        "languages_added": languages.added,
        "languages_unknown": languages.unknown,
        "languages_trouble": languages.trouble,
        "left": list(plan.left),
        "indistinct": list(layout.indistinct[:_SHOWN]),
        "unfit": [{"key": key, "message": reason} for key, reason in list(layout.unfit.items())[:_SHOWN]],
    }
    message = in_words(
        "Resources",
        [
            (counts["created"], "created"),
            (counts["updated"], "updated"),
            (kept, "unchanged"),
            (counts["refused"], "refused"),
            (counts["failed"], "failed"),
            (counts["skipped"], "not tried"),
        ],
    )
    message = f"{message} {in_words('Strings', [(described.strings, 'told their context')])}".rstrip()
    notes = [sent.message(), *(item["message"] for item in items), languages.trouble, *described.troubles]
    if languages.added:
        notes.append(f"Languages added: {', '.join(languages.added)}.")
    if languages.unknown:
        notes.append(f"Transifex knows no language {', '.join(languages.unknown)}: map the locale to another code.")
    notes += _left_out(run, layout)
    state = judge(bad, good, changed=bool(good or languages.added or described.strings))
    return run.finish(state, " ".join(filter(None, [message, *notes])), outcome)


def _left_out(run: OpenRun, layout: Layout) -> list[str]:
    said = []
    if layout.indistinct:
        said.append(f"Texts left out, because Transifex cannot tell them from others: {len(layout.indistinct)}.")
    if layout.unfit:
        key, reason = next(iter(layout.unfit.items()))
        said.append(
            f"Texts left out, because {run.format.name.value} cannot carry them: {len(layout.unfit)}, such as {key}, "
            f"because {reason}: change the text in the configuration, or translate it outside Transifex."
        )
    return said
