"""A deployment, a Transifex of its own, and the people at both ends, for tests of push and pull."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count

from sqlmodel import col, select

from extractors.texts import text_hash
from extractors.units import Catalog, UnitContext, UnitKey
from extractors.units import Unit as SourceUnit
from service.audit.service import Actor
from service.auth.models import Person
from service.catalog.models import (
    Conflict,
    ConflictResolution,
    Decision,
    OutboxRow,
    RejectReason,
    State,
    Translation,
    Unit,
)
from service.catalog.service.snapshots import import_snapshot
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.rules import ResourceFormat
from service.deployments.service import create_deployment
from service.home.questions import QuestionView, view_questions
from service.review.service.deciding import approve, correct, find_pair, reject, reopen, resolve_conflict
from service.review.service.policies import import_translations
from service.sync.keys import resource_slug
from service.sync.models import Question, SyncRun
from service.sync.queries import list_questions, list_runs
from service.sync.rules.formats import FORMATS
from service.sync.service import RunReport, pull, push, send
from service.sync.service.answering import answer_question, resolve_question
from service.sync.service.memory import forget_project
from tests.support.people import MovableClock
from tests.support.wording import without_pack
from transifex_client import Configuration, TransifexClient
from transifex_client.ids import resource_id, string_hash
from transifex_client.sandbox.core import Sandbox, Settings
from transifex_client.sandbox.state import CommentState, StringState, TranslationState
from transifex_client.sandbox.transport import sandbox_transport
from transifex_client.wire import httpx

BOT = "bridge-bot"
SYNC = Actor("sync")

Intercept = Callable[[httpx.Request], "httpx.Response | None"]


class World:
    """One deployment, its project in a sandbox, volunteers there and reviewers here.

    ``intercept`` sees every request first: what it returns is the answer, what it raises is the end of the run, None
    lets the request through.
    """

    def __init__(
        self,
        database: Database,
        clock: MovableClock,
        *,
        slug: str = "test",
        locales: Mapping[str, str | None] | None = None,
        settings: Settings | None = None,
        text_format: ResourceFormat = ResourceFormat.YML,
    ) -> None:
        self.format = FORMATS[text_format]
        self.database, self.clock, self.slug = database, clock, slug
        self.locales = dict(locales) if locales is not None else {"fr": "fr"}
        self.sandbox = Sandbox(tokens={"bot-token": BOT}, clock=clock, settings=settings)
        self.project = self.sandbox.add_project("project", languages=[])
        self.intercept: Intercept = lambda _request: None
        self.requests: list[httpx.Request] = []
        inner = sandbox_transport(self.sandbox)
        self.arrive: Callable[[httpx.Request], httpx.Response] = inner.handler  # type: ignore[assignment]

        def carry(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return self.intercept(request) or inner.handler(request)  # type: ignore[return-value]

        self.client = TransifexClient(
            Configuration(token="bot-token"),
            transport=httpx.MockTransport(carry),
            sleep=lambda _seconds: None,
            chance=lambda: 0.0,
        )
        self._ids = count(1)
        with database.write() as session:
            made = create_deployment(
                session, slug=slug, name=slug, locales=self.locales, known_locales={"en", *self.locales},
                transifex_project=self.project, transifex_format=text_format, source_locale="en",
                actor=SYNC, now=clock(),
            )  # fmt: skip
            without_pack(session, made.id or 0, clock())

    # Here

    def new_id(self) -> str:
        """Return an id that no person has yet."""
        return f"{self.slug}-{next(self._ids)}"

    def deployment(self) -> Deployment:
        """Return the deployment as it stands."""
        with self.database.read() as session:
            return session.exec(select(Deployment).where(Deployment.slug == self.slug)).one()

    def bring(self, sources: Mapping[str, str], contexts: Mapping[str, UnitContext] | None = None) -> None:
        """Import a source with exactly these texts by canonical key, some of them in a context."""
        units = tuple(
            SourceUnit(UnitKey.parse(key), text, context=(contexts or {}).get(key, UnitContext()))
            for key, text in sources.items()
        )
        with self.database.write() as session:
            import_snapshot(
                session, self.deployment_in(session), Catalog("test", "en", units),
                origin="test", allow_removals=True, actor=SYNC, now=self.clock(),
            )  # fmt: skip

    def forget(self) -> None:
        """Forget everything of earlier syncs: what stands there, others left."""
        with self.database.write() as session:
            forget_project(session, self.deployment_in(session).id or 0)

    def deployment_in(self, session: object) -> Deployment:
        """Return the deployment's row in this session."""
        found: Deployment = session.exec(select(Deployment).where(Deployment.slug == self.slug)).one()  # type: ignore[attr-defined]
        return found

    def push(self, **options: object) -> RunReport:
        """Push, a minute later."""
        self.clock.move(minutes=1)
        options.setdefault("own_user", BOT)
        return push(
            self.database, self.client, deployment_slug=self.slug, actor=SYNC, clock=self.clock, new_id=self.new_id,
            **options,
        )  # type: ignore[arg-type] # fmt: skip

    def pull(self, **options: object) -> RunReport:
        """Pull, five minutes later: what was written is no longer too fresh to be sure of."""
        self.clock.move(minutes=5)
        options.setdefault("own_user", BOT)
        return pull(
            self.database, self.client, deployment_slug=self.slug, actor=SYNC, clock=self.clock, new_id=self.new_id,
            **options,
        )  # type: ignore[arg-type] # fmt: skip

    def reviewer(self, name: str = "reviewer") -> Actor:
        """Return a person of ours."""
        person = f"{self.slug}-{name}"
        with self.database.write() as session:
            if session.get(Person, person) is None:
                session.add(Person(id=person, name=name, created_at=self.clock()))
        return Actor(name, person)

    def approve(self, key: str, *, locale: str = "fr", by: str = "reviewer") -> None:
        """Approve the text of a unit as it stands."""
        self._decide(approve, key, locale, by, comment="", with_warnings=True)

    def correct(self, key: str, text: str, *, locale: str = "fr", by: str = "reviewer") -> None:
        """Correct the text of a unit."""
        self._decide(correct, key, locale, by, text=text)

    def reject(self, key: str, *, reason: RejectReason = RejectReason.TERM, comment: str = "", **who: str) -> int:
        """Reject the text of a unit as it stands; return the decision's id."""
        done = self._decide(
            reject, key, who.get("locale", "fr"), who.get("by", "reviewer"), reason=reason, comment=comment
        )
        assert isinstance(done, Decision)
        return done.id or 0

    def reopen(self, key: str, decision: int, *, locale: str = "fr", by: str = "reviewer") -> None:
        """Take a decision back."""
        self._decide(reopen, key, locale, by, decision_id=decision, may_reopen_others=True, comment="")

    def keep(self, key: str, side: ConflictResolution, *, locale: str = "fr", by: str = "reviewer") -> None:
        """Choose our text or theirs in a conflict."""
        (conflict,) = self.conflicts()
        self._decide(resolve_conflict, key, locale, by, keep=side, their_hash=text_hash(conflict.their_text))

    def bring_texts(self, texts: Mapping[str, str], *, locale: str = "fr", replace_approved: bool = False) -> None:
        """Import a file of translations."""
        self.clock.move(minutes=1)
        with self.database.write() as session:
            import_translations(
                session, self.deployment_in(session), locale, texts,
                replace_approved=replace_approved, actor=SYNC, now=self.clock(),
            )  # fmt: skip

    def send(self, **options: object) -> RunReport:
        """Send what was decided, a minute later."""
        self.clock.move(minutes=1)
        return send(self.database, self.client, deployment_slug=self.slug, actor=SYNC, clock=self.clock, **options)  # type: ignore[arg-type]

    def outbox(self, *, done: bool = False) -> list[OutboxRow]:
        """Return the rows that still have to be sent, or those that are done."""
        with self.database.read() as session:
            query = select(OutboxRow).join(Unit, col(Unit.id) == OutboxRow.unit_id)
            query = query.where(Unit.deployment_id == self.deployment().id).order_by(col(OutboxRow.id))
            return [row for row in session.exec(query) if (row.done_at is not None) == done]

    def issues(self, key: str) -> list[CommentState]:
        """Return the issues on the unit's string, oldest first."""
        place = f"{self.place(key)}:s:{string_hash(self.format.string_key(UnitKey.parse(key)))}"
        return [comment for comment in self.sandbox.state.comments.values() if comment.string == place]

    def _decide(self, act: Callable[..., object], key: str, locale: str, by: str, **more: object) -> object:
        self.clock.move(minutes=1)
        actor = self.reviewer(by)
        with self.database.write() as session:
            deployment = self.deployment_in(session)
            pair = find_pair(session, deployment, locale, key)
            return act(session, deployment, pair, actor=actor, now=self.clock(), **more)

    def decisions(self, key: str) -> list[Decision]:
        """Return every decision on the unit, oldest first."""
        with self.database.read() as session:
            query = select(Decision).where(Decision.unit_id == self.unit(key).id)
            return list(session.exec(query.order_by(col(Decision.id))))

    def unit(self, key: str) -> Unit:
        """Return the unit."""
        with self.database.read() as session:
            return session.exec(select(Unit).where(Unit.deployment_id == self.deployment().id, Unit.key == key)).one()

    def ours(self, key: str, locale: str = "fr") -> Translation | None:
        """Return our translation of the unit, None where there never was one."""
        with self.database.read() as session:
            query = select(Translation).join(Unit, col(Unit.id) == Translation.unit_id)
            return session.exec(
                query.where(Unit.deployment_id == self.deployment().id, Unit.key == key, Translation.locale == locale)
            ).first()

    def text(self, key: str, locale: str = "fr") -> str | None:
        """Return our text of the unit."""
        found = self.ours(key, locale)
        return None if found is None else found.text

    def state(self, key: str, locale: str = "fr") -> State:
        """Return the state of the unit's translation."""
        found = self.ours(key, locale)
        return State.UNTRANSLATED if found is None else found.state

    def author(self, key: str, locale: str = "fr") -> str | None:
        """Return the Transifex user name of our text's author, None where nobody knows one."""
        found = self.ours(key, locale)
        with self.database.read() as session:
            person = session.get(Person, found.author_id) if found is not None and found.author_id else None
            return None if person is None else person.transifex_username

    def conflicts(self) -> list[Conflict]:
        """Return the open conflicts."""
        with self.database.read() as session:
            query = select(Conflict).join(Unit, col(Unit.id) == Conflict.unit_id)
            return list(
                session.exec(
                    query.where(Unit.deployment_id == self.deployment().id, col(Conflict.resolved_at).is_(None))
                )
            )

    def runs(self) -> list[SyncRun]:
        """Return the runs, newest first."""
        with self.database.read() as session:
            return list(list_runs(session, self.deployment().id or 0))

    # There

    def place(self, key: str) -> str:
        """Return the id of the resource that the unit's text lies in."""
        return resource_id(self.project, resource_slug(UnitKey.parse(key)))

    def ask(
        self, key: str, message: str, *, language: str = "fr", by: str = "amina", kind: str = "issue"
    ) -> CommentState:
        """Open an issue on Transifex (``kind``: or write a comment) beside a unit's text, a minute later."""
        self.clock.move(minutes=1)
        name = self.format.string_key(UnitKey.parse(key))
        made = self.sandbox.comment(self.place(key), language, name, message, by=by, kind=kind)
        return self.sandbox.state.comments[made]

    def questions(self) -> list[QuestionView]:
        """Return every question as people see it here, the open ones first."""
        with self.database.read() as session:
            return view_questions(session, list_questions(session, self.deployment().id or 0))

    def answer(self, question: int, text: str, *, by: str = "reviewer") -> None:
        """Answer a question here, a minute later."""
        self._reply(answer_question, question, by, text)

    def resolve(self, question: int, *, by: str = "reviewer") -> None:
        """Resolve a question here, a minute later."""
        self._reply(resolve_question, question, by)

    def _reply(self, act: Callable[..., object], question: int, by: str, *more: str) -> None:
        self.clock.move(minutes=1)
        actor = self.reviewer(by)
        with self.database.write() as session:
            act(session, session.get_one(Question, question), *more, actor=actor, now=self.clock())

    def translate(self, texts: Mapping[str, str | None], *, language: str = "fr", by: str = "amina") -> None:
        """Translate on Transifex, a minute later: texts by canonical key, None to empty one."""
        self.clock.move(minutes=1)
        for key, text in texts.items():
            self.sandbox.translate(self.place(key), language, {self.format.string_key(UnitKey.parse(key)): text}, by=by)

    def theirs(self, key: str, language: str = "fr") -> TranslationState | None:
        """Return what Transifex holds for the unit."""
        resource = self.sandbox.resource(self.place(key))
        wanted = self.format.string_key(UnitKey.parse(key))
        return next(
            (string.translations.get(language) for string in resource.strings.values() if string.key == wanted), None
        )

    def string_there(self, key: str) -> StringState | None:
        """Return the unit's source string as Transifex holds it."""
        try:
            resource = self.sandbox.resource(self.place(key))
        except LookupError:
            return None
        wanted = self.format.string_key(UnitKey.parse(key))
        return next((string for string in resource.strings.values() if string.key == wanted), None)

    def source_there(self, key: str) -> str | None:
        """Return the source text that Transifex holds for the unit."""
        string = self.string_there(key)
        return None if string is None else string.strings["other"]
