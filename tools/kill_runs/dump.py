"""Both sides as plain lines that are the same whenever the same holds, whatever the ids and the times."""

import json
from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, select

from service.audit.models import AuditEntry
from service.auth.models import Person
from service.catalog.models import Conflict, Decision, OutboxKind, OutboxRow, StoredText, Translation, Unit
from service.checks.models import StoredFinding
from service.db import Database
from service.deployments.models import Deployment
from service.sync.models import PulledPair, PushedResource, RunState, SyncRun
from transifex_client.sandbox.state import ResourceState, State

ISSUES = (OutboxKind.ISSUE, OutboxKind.RESOLVE_ISSUE)

Fact = tuple[str, dict[str, Any]]


def dump_ours(database: Database) -> list[str]:
    """Return what we hold, a line a fact.

    Of an outbox row: that it is done, and whether an issue is known; not why it was closed nor how often it was tried.
    Of what is remembered of syncs: hashes and counts, not when. Of the audit: what people did.
    """
    with database.read() as session:
        return sorted(f"ours {_line(fact)}" for fact in _our_facts(session))


def dump_theirs(state: State) -> list[str]:
    """Return what the sandbox holds, a line a fact; who did how much there says whether anything was done twice."""
    return sorted(f"theirs {_line(fact)}" for fact in _their_facts(state))


def _line(fact: Fact) -> str:
    kind, facts = fact
    return f"{kind} {json.dumps(facts, ensure_ascii=False, sort_keys=True, default=str)}"


def _our_facts(session: Session) -> Iterator[Fact]:
    people = {row.id: row.transifex_username or row.id for row in session.exec(select(Person))}
    units = {row.id or 0: row for row in session.exec(select(Unit))}
    keys = {identifier: row.key for identifier, row in units.items()}
    yield from (("person", {"who": who}) for who in people.values())
    yield from (("unit", _unit(row)) for row in units.values())
    yield from (("text", {"hash": row.hash}) for row in session.exec(select(StoredText)))
    yield from _texts(session, keys, people)
    yield from _decisions(session, keys, people)
    for row in session.exec(select(Conflict)):
        yield "conflict", {
            "key": keys[row.unit_id], "locale": row.locale, "ours": row.our_text, "theirs": row.their_text,
            "by": people.get(row.their_author_id or ""), "resolution": row.resolution,
        }  # fmt: skip
    yield from _outbox(session, keys)
    yield from _memory(session)
    for entry in session.exec(select(AuditEntry)):
        if not entry.action.startswith("sync."):
            yield "audit", {"action": entry.action, "subject": entry.subject, "person": entry.person_id}


def _unit(row: Unit) -> dict[str, Any]:
    return {
        "key": row.key, "source": row.source_hash, "pushed": row.pushed_source_hash, "retired": row.retired,
        "sensitive": row.sensitive, "dated": row.pushed_at is not None,
    }  # fmt: skip


def _texts(session: Session, keys: dict[int, str], people: dict[str, str]) -> Iterator[Fact]:
    places = {}
    for row in session.exec(select(Translation)):
        places[row.id] = {"key": keys[row.unit_id], "locale": row.locale}
        yield "translation", places[row.id] | {
            "text": row.text, "author": people.get(row.author_id or ""), "origin": row.origin, "state": row.state,
            "written_on": row.written_on, "approvals": [row.approvals, row.approvals_needed],
            "findings": [row.blocked, row.warnings], "reviewed_there": row.reviewed_on_transifex,
            "synced": [row.our_synced_hash, row.their_synced_hash, row.synced_source_hash],
        }  # fmt: skip
    for finding in session.exec(select(StoredFinding)):
        about = {"check": finding.check_id, "source": finding.source_hash, "text": finding.text_hash}
        yield "finding", places[finding.translation_id] | about


def _decisions(session: Session, keys: dict[int, str], people: dict[str, str]) -> Iterator[Fact]:
    for number, row in enumerate(session.exec(select(Decision).order_by(col(Decision.id)))):
        yield "decision", {
            "number": number, "key": keys[row.unit_id], "locale": row.locale, "kind": row.kind,
            "pair": [row.source_hash, row.text_hash], "by": people[row.person_id], "reason": row.reason,
            "reopens": row.reopens_id is not None, "exception": row.exception,
        }  # fmt: skip


def _outbox(session: Session, keys: dict[int, str]) -> Iterator[Fact]:
    for row in session.exec(select(OutboxRow)):
        yield "outbox", {
            "key": keys[row.unit_id], "locale": row.locale, "kind": row.kind, "pair": [row.source_hash, row.text_hash],
            "done": row.done_at is not None, "issue": row.kind in ISSUES and row.comment_id is not None,
        }  # fmt: skip


def _memory(session: Session) -> Iterator[Fact]:
    for deployment in session.exec(select(Deployment)):
        yield "deployment", {"slug": deployment.slug, "writes_as": deployment.service_username}
    for resource in session.exec(select(PushedResource)):
        yield "pushed", {"slug": resource.slug, "content": resource.content_hash, "strings": resource.string_count}
    for pair in session.exec(select(PulledPair)):
        counts = [pair.total, pair.translated, pair.reviewed]
        yield "pulled", {"slug": pair.slug, "language": pair.language, "counts": counts}
    for run in session.exec(select(SyncRun).where(SyncRun.state == RunState.RUNNING)):
        yield "run that never ended", {"kind": run.kind}


def _their_facts(state: State) -> Iterator[Fact]:
    for project in state.projects.values():
        yield "project", {"id": project.id, "languages": sorted(project.languages)}
    for user in state.users:
        yield "user", {"name": user}
    for resource in (*state.resources.values(), *state.lost.values()):
        yield "resource", {"id": resource.id, "name": resource.name, "file": resource.template}
        yield from _strings(resource)
        for done in resource.activity.values():
            amounts = [done.new, done.edited, done.reviewed]
            yield "words", {"in": resource.id, "language": done.language, "by": done.user, "amounts": amounts}
    for comment in state.comments.values():
        yield "comment", {
            "string": comment.string, "language": comment.language, "type": comment.type, "message": comment.message,
            "by": comment.author, "status": comment.status, "resolver": comment.resolver,
        }  # fmt: skip


def _strings(resource: ResourceState) -> Iterator[Fact]:
    for string in resource.strings.values():
        where = {"in": resource.id, "key": string.key}
        yield "string", where | {
            "text": string.strings, "order": string.order, "instructions": string.instructions,
            "tags": sorted(string.tags), "limit": string.character_limit,
        }  # fmt: skip
        for language, text in string.translations.items():
            yield "text", where | {
                "language": language, "text": text.strings, "origin": text.origin, "by": text.translator,
                "reviewed": [text.reviewed, text.reviewer],
            }  # fmt: skip
