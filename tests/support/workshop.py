"""A deployment with people who act on it, so that tests read as sentences.

Each act is one write transaction, a minute after the one before. Keys may be given short: ``agree`` is the label of the
field ``agree`` of the form ``consent``.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlmodel import Session, col, select

from extractors.texts import text_hash
from extractors.units import Catalog
from service.audit.models import AuditEntry
from service.audit.service import Actor
from service.auth.models import Person
from service.catalog.models import (
    Conflict,
    ConflictResolution,
    Decision,
    RejectReason,
    ScopeAction,
    State,
    Translation,
    Unit,
)
from service.catalog.plan import SourcePlan
from service.catalog.rules.overwrite import PulledText
from service.catalog.service.scope import ScopeChange, add_rule
from service.catalog.service.snapshots import ImportedSource, activate_snapshot, import_snapshot, plan_import
from service.catalog.service.states import refresh_states, translation_ids_of
from service.db import Database
from service.deployments.models import Deployment
from service.deployments.service import create_deployment, find_deployment
from service.review.service import deciding, policies
from service.review.service.entering import EntryReport, IncomingText
from tests.support.catalogs import make_catalog
from tests.support.wording import without_pack

SLUG = "iraq"
LOCALE = "fr"
PEOPLE = ("volunteer", "reem", "omar", "specialist")
OPERATOR = Actor("operator@host")
_T = TypeVar("_T")


def key_of(name: str) -> str:
    """Return the canonical key that a short name stands for."""
    return name if "/" in name else f"form/consent/{name}/display_name"


class Workshop:
    """See the module. ``people`` are ids equal to their names; their real names must never be seen elsewhere.

    ``pack``: whether words make texts sensitive; else only tags do.
    """

    def __init__(self, database: Database, *, pack: bool = False) -> None:
        self.database = database
        self.now = datetime(2026, 3, 2, 9, tzinfo=UTC)
        with database.write() as session:
            for name in PEOPLE:
                session.add(Person(id=name, name=f"Real Name Of {name}", created_at=self.now))
            session.flush()
            deployment = create_deployment(
                session,
                slug=SLUG,
                name="Iraq",
                locales={LOCALE: "fr", "ar": "ar"},
                known_locales={"en", "fr", "ar"},
                transifex_project=None,
                source_locale="en",
                actor=OPERATOR,
                now=self.now,
            )
            if not pack:
                without_pack(session, deployment.id or 0, self.now)

    def act(self, what: Callable[[Session, Deployment, datetime], _T]) -> _T:
        """Do one thing in one transaction and return what it returned."""
        self.now += timedelta(minutes=1)
        with self.database.write() as session:
            return what(session, find_deployment(session, SLUG), self.now)

    def look(self, what: Callable[[Session], _T]) -> _T:
        """Read in a session that cannot write."""
        with self.database.read() as session:
            return what(session)

    def configure(self, **values: Any) -> None:
        """Set attributes of the deployment."""

        def change(_session: Session, deployment: Deployment, _now: datetime) -> None:
            for name, value in values.items():
                setattr(deployment, name, value)

        self.act(change)

    # --- the source ---
    def import_source(
        self, sources: Mapping[str, str], *, allow_removals: bool = False, **values: Any
    ) -> ImportedSource:
        """Import ``{short key: source text}`` as a snapshot, and let in the texts of other locales it holds."""
        catalog = self.catalog(sources, **values)

        def do(session: Session, deployment: Deployment, now: datetime) -> ImportedSource:
            imported = import_snapshot(
                session, deployment, catalog, origin="configuration.json", allow_removals=allow_removals,
                actor=OPERATOR, now=now,
            )  # fmt: skip
            for locale in values.get("texts", ()):
                policies.enter_source_texts(session, deployment, catalog, locale, now=now)
            return imported

        return self.act(do)

    @staticmethod
    def catalog(sources: Mapping[str, str], **values: Any) -> Catalog:
        """Return the catalog of ``{short key: source text}``."""
        texts = {
            locale: {key_of(name): text for name, text in found.items()}
            for locale, found in values.pop("texts", {}).items()
        }
        return make_catalog({key_of(name): text for name, text in sources.items()}, texts=texts, **values)

    def plan(self, sources: Mapping[str, str]) -> SourcePlan:
        """Return what an import would do, by a session that cannot write."""
        with self.database.read() as session:
            return plan_import(session, find_deployment(session, SLUG), self.catalog(sources))

    def activate(self, number: int) -> SourcePlan:
        """Make an older snapshot current again."""
        return self.act(lambda s, d, now: activate_snapshot(s, d, number, actor=OPERATOR, now=now))

    def push_source(self) -> None:
        """Record that Transifex took every current source text."""

        def do(session: Session, deployment: Deployment, now: datetime) -> None:
            for unit in session.exec(select(Unit).where(Unit.deployment_id == deployment.id)):
                if unit.pushed_source_hash != unit.source_hash:
                    unit.pushed_source_hash, unit.pushed_at = unit.source_hash, now

        self.act(do)

    def tag(self, pattern: str, tag: str = "sensitive", action: ScopeAction = ScopeAction.TAG) -> ScopeChange:
        """Add a rule of scope."""
        return self.act(
            lambda s, d, now: add_rule(
                s, d, action=action, pattern=pattern, tag=tag, reason="said so", actor=Actor("", "specialist"), now=now
            )
        )

    # --- texts ---
    def import_texts(
        self, texts: Mapping[str, str], *, locale: str = LOCALE, replace_approved: bool = False
    ) -> EntryReport:
        """Import ``{short key: text}`` as a file of translations."""
        by_key = {key_of(name): text for name, text in texts.items()}
        return self.act(
            lambda s, d, now: policies.import_translations(
                s, d, locale, by_key, replace_approved=replace_approved, actor=Actor("", "specialist"), now=now
            )
        )

    def pull(
        self,
        texts: Mapping[str, str],
        *,
        author: str | None = "volunteer",
        locale: str = LOCALE,
        reviewed: bool = False,
        **pulled: Any,
    ) -> EntryReport:
        """Pull ``{short key: text}``, written a second ago by the volunteer unless said otherwise."""
        written = self.now + timedelta(seconds=59)
        facts = {"translated_at": written, "origin": "EDITOR"} | pulled
        incoming = [
            IncomingText(key_of(name), text, author, facts["translated_at"], PulledText("", **facts), reviewed)
            for name, text in texts.items()
        ]
        return self.act(lambda s, d, now: policies.enter_pulled_texts(s, d, locale, incoming, now=now))

    # --- decisions ---
    def approve(self, person: str, name: str, **values: Any) -> Decision:
        """Approve as the person."""
        return self._decide(deciding.approve, person, name, comment=values.pop("comment", ""), **values)

    def reject(self, person: str, name: str, *, reason: RejectReason = RejectReason.MEANING) -> Decision:
        """Reject as the person."""
        return self._decide(deciding.reject, person, name, reason=reason, comment="")

    def accept_baseline(self, person: str, name: str, *, reason: str = "live for two years") -> Decision:
        """Accept as baseline."""
        return self._decide(deciding.accept_baseline, person, name, reason=reason)

    def reopen(self, person: str, name: str, decision: int | None, *, may_reopen_others: bool = False) -> Decision:
        """Reopen a decision."""
        return self._decide(
            deciding.reopen, person, name,
            decision_id=decision, may_reopen_others=may_reopen_others, comment="",
        )  # fmt: skip

    def correct(self, person: str, name: str, text: str) -> EntryReport:
        """Write another text."""
        return self._decide(deciding.correct, person, name, text=text)

    def resolve(self, person: str, name: str, keep: ConflictResolution, *, seen: str | None = None) -> None:
        """Choose a text in a conflict."""
        if seen is None:
            seen = next((row.their_text for row in self.conflicts() if row.resolved_at is None), "")
        self._decide(deciding.resolve_conflict, person, name, keep=keep, their_hash=text_hash(seen))

    def _decide(self, use_case: Callable[..., _T], person: str, name: str, **values: Any) -> _T:
        locale = values.pop("locale", LOCALE)

        def do(session: Session, deployment: Deployment, now: datetime) -> _T:
            pair = deciding.find_pair(session, deployment, locale, key_of(name))
            return use_case(session, deployment, pair, actor=Actor(f"Real Name Of {person}", person), now=now, **values)

        return self.act(do)

    # --- looking ---
    def unit(self, name: str) -> Unit:
        """Return the stored unit."""
        return self.look(lambda s: s.exec(select(Unit).where(Unit.key == key_of(name))).one())

    def translation(self, name: str, *, locale: str = LOCALE) -> Translation:
        """Return the stored translation."""
        query = select(Translation).join(Unit).where(Unit.key == key_of(name), Translation.locale == locale)
        return self.look(lambda s: s.exec(query).one())

    def text(self, name: str) -> str | None:
        """Return the current text."""
        return self.translation(name).text

    def state(self, name: str) -> State:
        """Return the stored state, after making sure that it is what would be derived now."""
        stored = self.translation(name).state

        def derived_again(session: Session, _deployment: Deployment, _now: datetime) -> int:
            unit_id = self.unit(name).id
            assert unit_id is not None
            return refresh_states(session, translation_ids_of(session, [unit_id]))

        assert self.act(derived_again) == 0, f"the stored state of {name} ({stored}) is not the derived one"
        return stored

    def decisions(self, name: str) -> Sequence[Decision]:
        """Return every decision on the unit, oldest first."""
        query = select(Decision).join(Unit).where(Unit.key == key_of(name)).order_by(col(Decision.id))
        return self.look(lambda s: s.exec(query).all())

    def conflicts(self) -> Sequence[Conflict]:
        """Return every conflict, oldest first."""
        return self.look(lambda s: s.exec(select(Conflict).order_by(col(Conflict.id))).all())

    def audit(self) -> Sequence[AuditEntry]:
        """Return every audit entry, oldest first."""
        return self.look(lambda s: s.exec(select(AuditEntry).order_by(col(AuditEntry.id))).all())


def hashes(source: str, text: str) -> dict[str, str]:
    """Return what names a pair of texts in a decision."""
    return {"source_hash": text_hash(source), "target_hash": text_hash(text)}
