"""Sending what was decided here: texts, marks of reviewed texts, and what was said against a text."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session, col, select

from extractors.texts import clean_text, is_blank, text_hash
from service.audit.service import Actor
from service.catalog.models import OutboxKind, OutboxRow, Unit
from service.catalog.models import Translation as OurTranslation
from service.catalog.service.locks import lock_units
from service.catalog.service.texts import record_sent_text
from service.db import Database
from service.deployments.client import as_service_error
from service.sync.models import RunKind
from service.sync.queries import find_spelling
from service.sync.rules.formats import Spelling
from service.sync.service.answering import send_replies
from service.sync.service.issues import remember_username, send_issues
from service.sync.service.outgoing import Outgoing, find_outgoing
from service.sync.service.recall import recall_push
from service.sync.service.runs import OpenRun, Patience, Progress, RunReport, judge, no_progress, open_run
from service.sync.service.sent import Sent
from service.sync.verdicts import SendStep, TheirText, Verdict, plan_sending
from transifex_client import TransifexClient
from transifex_client.errors import BadRequest, Conflict, Forbidden, NotFound, TransifexError
from transifex_client.ids import resource_id
from transifex_client.resources import Translation, TranslationChange
from transifex_client.resources.shared import UNSET

BULK = 150
"""How many translations Transifex takes in one request."""

_CHUNK = 400


def send(
    database: Database,
    client: TransifexClient,
    *,
    deployment_slug: str,
    actor: Actor,
    clock: Callable[[], datetime],
    marks: bool = False,
    on_progress: Progress = no_progress,
) -> RunReport:
    """Send what was decided here and not sent yet, without the source texts; recorded as a push.

    Args:
        database: where texts and decisions are.
        client: reaches the deployment's Transifex.
        deployment_slug: which deployment.
        actor: who does it, for run and audit.
        clock: the time.
        marks: mark every text that is approved here as reviewed there, also those that were marked once.
        on_progress: told about each resource and language that is done.

    Raises:
        NotFound: there is no such deployment.
        Refused: nothing can be sent now.
    """
    with open_run(
        database, client, RunKind.PUSH,
        deployment_slug=deployment_slug, actor=actor, clock=clock, on_progress=on_progress,
    ) as run:  # fmt: skip
        before = recall_push(run)
        sent = send_decided(run, marks=marks)
        message = sent.message() or "Transifex holds already what was decided here."
        # What the last push saw still holds: nothing of that was touched.
        seen = {"project": run.project, "languages": sorted(before.languages), "told": dict(before.told)}
        state = judge(sent.failed, sent.done, changed=bool(sent.done))
        return run.finish(state, message, {"sent": sent.outcome(), **seen})


def send_decided(run: OpenRun, *, marks: bool = False) -> Sent:
    """Send, within a run, what was decided here: a request to look and one to write for 150 texts of a language.

    Nothing that goes wrong with one text, or with one resource, stops the others; it is tried again by the next run.
    """
    sent = Sent()
    with run.database.read() as session:
        outgoing = find_outgoing(session, run.deployment, run.project, marks=marks)
        spelling = find_spelling(session, run.deployment)
    _close_pointless(run, outgoing, sent)
    patience = Patience()
    for number, (slug, language) in enumerate(outgoing.due):
        run.on_progress(number, len(outgoing.due), f"{slug} {language}")
        if patience.exhausted:
            sent.fail("Some texts were not tried, because Transifex did not answer before.")
            continue
        try:
            _Group(run, outgoing, sent, slug, language, spelling).send()
            patience.note(None)
        except TransifexError as error:
            patience.note(error)
            sent.fail(as_service_error(error).message, slug=slug, language=language)
    send_issues(run, sent, patience)
    send_replies(run, sent, patience)
    return sent


def _close_pointless(run: OpenRun, outgoing: Outgoing, sent: Sent) -> None:
    if not outgoing.pointless:
        return
    now = run.clock()
    with run.write() as session:
        for row in _rows(session, outgoing.pointless):
            row.done_at, row.problem = now, outgoing.pointless[row.id or 0]
            session.add(row)
    sent.superseded += len(outgoing.pointless)


def _rows(session: Session, identifiers: Collection[int]) -> Iterable[OutboxRow]:
    wanted = sorted(identifiers)
    for start in range(0, len(wanted), _CHUNK):
        yield from session.exec(select(OutboxRow).where(col(OutboxRow.id).in_(wanted[start : start + _CHUNK])))


@dataclass(slots=True)
class _Group:
    """The texts of one resource in one language."""

    run: OpenRun
    outgoing: Outgoing
    sent: Sent
    slug: str
    language: str
    spelling: Spelling
    answers: dict[str, Translation] = field(default_factory=dict)

    def send(self) -> None:
        place = resource_id(self.run.project, self.slug)
        rows = self.run.client.list_translations(place, self.language)
        there = {row.id: _their_text(row, self.spelling) for row in rows}
        steps = plan_sending(self.outgoing.due[self.slug, self.language], there)
        self._record([step for step in steps if step.verdict is Verdict.SETTLED], there)
        self._give_up([step for step in steps if step.verdict in (Verdict.WAIT, Verdict.DROPPED)])
        sending = [step for step in steps if step.verdict is Verdict.SEND]
        for start in range(0, len(sending), BULK):
            self._send_bulk(sending[start : start + BULK], there)

    def _send_bulk(self, steps: Sequence[SendStep], there: dict[str, TheirText]) -> None:
        if self.sent.marks_refused:
            steps = self._without_marks(steps)
        if not steps:
            return
        self._announce(steps)
        try:
            answers = self.run.client.update_translations([_change(step, self.spelling) for step in steps])
        except Forbidden as error:
            if all(step.reviewed is None for step in steps):
                raise
            # The token's user may perhaps translate, and not review.
            self.sent.refuse_marks(as_service_error(error).message)
            self._send_bulk(steps, there)
            return
        except (BadRequest, Conflict, NotFound) as error:
            self._divide(steps, there, error)
            return
        self.answers |= {answer.id: answer for answer in answers}
        self._record(steps, there)

    def _without_marks(self, steps: Sequence[SendStep]) -> list[SendStep]:
        refused = [step for step in steps if step.due.mark is not None]
        self._note(
            {row.id or 0 for step in refused for row in self._rows_of(step, marks=True)}, self.sent.marks_refused
        )
        return [replace(step, reviewed=None) for step in steps if step.strings]

    def _divide(self, steps: Sequence[SendStep], there: dict[str, TheirText], error: TransifexError) -> None:
        """Send the halves of a bulk that was refused because of one of its texts, down to the one it was."""
        if len(steps) > 1:
            half = len(steps) // 2
            self._send_bulk(steps[:half], there)
            self._send_bulk(steps[half:], there)
            return
        message = as_service_error(error).message
        self.sent.fail(message, key=steps[0].due.key, language=self.language)
        self._note({row.id or 0 for row in self._rows_of(steps[0])}, message)

    def _rows_of(self, step: SendStep, *, marks: bool | None = None) -> list[OutboxRow]:
        rows = self.outgoing.rows.get(step.due.translation_id, [])
        return [row for row in rows if marks is None or (row.kind is not OutboxKind.TEXT) == marks]

    def _note(self, identifiers: Collection[int], problem: str) -> None:
        if not identifiers:
            return
        with self.run.write() as session:
            for row in _rows(session, identifiers):
                row.problem = problem[:2000]
                session.add(row)

    def _give_up(self, steps: Iterable[SendStep]) -> None:
        """Write down why these are not sent; those that are pointless are closed, the others wait."""
        now = self.run.clock()
        reasons: dict[int, SendStep] = {}
        for step in steps:
            rows = self._rows_of(step)
            if step.verdict is Verdict.WAIT:
                self.sent.wait(step.due.key, self.language, step.reason)
            else:
                self.sent.superseded += len(rows)
            reasons |= {row.id or 0: step for row in rows if row.problem != step.reason}
        if not reasons:
            return
        with self.run.write() as session:
            for row in _rows(session, reasons):
                step = reasons[row.id or 0]
                row.problem = step.reason
                row.done_at = now if step.verdict is Verdict.DROPPED else None
                session.add(row)

    def _announce(self, steps: Sequence[SendStep]) -> None:
        """Write down, before it happens, that Transifex may get these: we may be killed before we hear of it.

        Until then ours counts as changed, so that a text which comes back from there never replaces a newer one.
        """
        identifiers = {row.id or 0 for step in steps for row in self._rows_of(step)}
        changing = [step for step in steps if step.strings]
        with self.run.write() as session:
            lock_units(session, self.run.deployment_id, [step.due.key for step in steps])
            for row in _rows(session, identifiers):
                row.attempts += 1
                session.add(row)
            for translation, _ in _translations(session, changing):
                translation.our_synced_hash = None
                session.add(translation)

    def _record(self, steps: Sequence[SendStep], there: dict[str, TheirText]) -> None:
        """Remember what Transifex holds now, close the rows, and count."""
        if not steps:
            return
        now = self.run.clock()
        by_id = {step.due.translation_id: step for step in steps}
        identifiers = {row.id or 0 for step in steps for row in self._rows_said(step)}
        with self.run.write() as session:
            lock_units(session, self.run.deployment_id, [step.due.key for step in steps])
            for translation, unit in _translations(session, steps):
                step = by_id[translation.id or 0]
                record_sent_text(
                    translation, sent_hash=step.due.text_hash, pushed_source_hash=unit.pushed_source_hash, now=now
                )
                translation.reviewed_on_transifex = self._reviewed(step, there)
                session.add(translation)
            for row in _rows(session, identifiers):
                row.done_at, row.problem = now, ""
                session.add(row)
            self._learn_username(session, steps)
        for step in steps:
            if step.verdict is Verdict.SEND:
                self.sent.count(strings=step.strings, reviewed=step.reviewed)

    def _rows_said(self, step: SendStep) -> list[OutboxRow]:
        refused = self.sent.marks_refused and step.verdict is Verdict.SEND and step.reviewed is None
        return self._rows_of(step, marks=False if refused else None)

    def _reviewed(self, step: SendStep, there: dict[str, TheirText]) -> bool:
        answer = self.answers.get(step.due.place)
        return answer.reviewed if answer is not None else there[step.due.place].reviewed

    def _learn_username(self, session: Session, steps: Sequence[SendStep]) -> None:
        """Remember as whom we write, from the first text that was credited to us; the API does not say otherwise."""
        answers = (self.answers.get(step.due.place) for step in steps if step.strings)
        for answer in answers:
            if answer is not None and answer.origin == "API" and answer.translator:
                remember_username(session, self.run, answer.translator)
                return


def _translations(session: Session, steps: Sequence[SendStep]) -> list[tuple[OurTranslation, Unit]]:
    query = (
        select(OurTranslation, Unit)
        .join(Unit, col(Unit.id) == OurTranslation.unit_id)
        .where(col(OurTranslation.id).in_([step.due.translation_id for step in steps]))
        .execution_options(populate_existing=True)
    )
    return list(session.exec(query).all())


def _their_text(row: Translation, spelling: Spelling) -> TheirText:
    strings = row.strings or {}
    text = clean_text(spelling.read(strings.get("other", "")))
    return TheirText(
        "" if is_blank(text) else text_hash(text), row.reviewed, plural=bool(strings) and set(strings) != {"other"}
    )


def _change(step: SendStep, spelling: Spelling) -> TranslationChange:
    return TranslationChange(
        step.due.place,
        strings={"other": spelling.write(step.due.text)} if step.strings else UNSET,
        reviewed=UNSET if step.reviewed is None else step.reviewed,
    )
