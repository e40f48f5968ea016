"""What webhooks send: found by comparing how far the languages were before a request and after it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from transifex_client.sandbox.state import ResourceState, State, WebhookState
from transifex_client.webhooks import DATE_HEADER, SIGNATURE_HEADER, URL_HEADER, sign


@dataclass(frozen=True, slots=True)
class HookRequest:
    """One POST that a webhook sends."""

    webhook: str
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a language of a resource is; ``texts`` stands for all its texts."""

    total: int
    translated: int
    reviewed: int
    proofread: int
    texts: int

    def complete(self, said: str) -> bool:
        """Return whether every string is translated, reviewed or proofread."""
        counts = {"translated": self.translated, "reviewed": self.reviewed, "proofread": self.proofread}
        return 0 < self.total == counts[said]


_COMPLETIONS = {
    "translation_completed": "translated",
    "review_completed": "reviewed",
    "proofread_completed": "proofread",
}

Observation = Mapping[tuple[str, str], Progress]


def observe(state: State) -> Observation:
    """Return how far every resource and language is that a webhook tells about."""
    watched = {webhook.project for webhook in state.webhooks.values() if webhook.active}
    return {
        (resource.id, language): _progress(resource, language)
        for resource in state.resources.values()
        if resource.project in watched
        for language in state.project_of(resource).languages
    }


def _progress(resource: ResourceState, language: str) -> Progress:
    texts = {
        key: string.translations[language]
        for key, string in resource.strings.items()
        if language in string.translations
    }
    return Progress(
        total=len(resource.strings),
        translated=len(texts),
        reviewed=sum(text.reviewed for text in texts.values()),
        proofread=sum(text.proofread for text in texts.values()),
        texts=hash(frozenset((key, tuple(sorted(text.strings.items()))) for key, text in texts.items())),
    )


def deliver(state: State, before: Observation, now: datetime) -> Iterator[HookRequest]:
    """Yield what the webhooks of a state send, given how far everything was before."""
    for (place, language), progress in observe(state).items():
        # What was not watched before, or not there, cannot be complete by this request.
        earlier = before.get((place, language))
        resource = state.resources[place]
        for event, said in _events(earlier, progress) if earlier is not None else ():
            for webhook in state.webhooks.values():
                asked_for = webhook.event_type in (event, "all_events")
                if webhook.active and asked_for and webhook.project == resource.project:
                    yield _request(webhook, _payload(state, resource, language, event, said), now)


def _events(before: Progress, after: Progress) -> Iterator[tuple[str, str]]:
    """Yield each event, by the name that a webhook asks for, and what it is about."""
    for event, said in _COMPLETIONS.items():
        if after.complete(said) and not before.complete(said):
            yield event, said
    if before.complete("translated") and after.complete("translated") and before.texts != after.texts:
        yield "translation_updated_completed", "translated"


def _payload(state: State, resource: ResourceState, language: str, event: str, said: str) -> dict[str, object]:
    payload: dict[str, object] = {
        "project": state.project_of(resource).slug,
        said: 100,
        "resource": resource.slug,
        # Spelt the other way round than a webhook asks for it, as the real one does.
        "event": {"translation_updated_completed": "translation_completed_updated"}.get(event, event),
        "language": language,
    }
    return payload | ({} if said == "translated" else {"is_final": True})


def _request(webhook: WebhookState, payload: Mapping[str, object], now: datetime) -> HookRequest:
    body = json.dumps(payload).encode()
    date = format_datetime(now, usegmt=True)
    headers = {
        "Content-Type": "application/json",
        "Content-MD5": hashlib.md5(body, usedforsecurity=False).hexdigest(),
        URL_HEADER: webhook.callback_url,
        DATE_HEADER: date,
    }
    if webhook.secret_key:
        headers[SIGNATURE_HEADER] = sign(webhook.secret_key, webhook.callback_url, date, body)
    return HookRequest(webhook.id, webhook.callback_url, headers, body)
