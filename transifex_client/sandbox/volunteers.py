"""What people do on the platform's web pages, which no API offers: translate and review in the editor."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime

from transifex_client.ids import language_id, user_id
from transifex_client.sandbox.exchange import Exchange, stamp
from transifex_client.sandbox.http import Fault, Response, answer
from transifex_client.sandbox.state import ResourceState, State, StringState
from transifex_client.sandbox.translations import forms_wanted, write_review, write_text


def translate(
    state: State,
    resource: ResourceState,
    language: str,
    texts: Mapping[str, str | Mapping[str, str] | None],
    *,
    by: str,
    at: datetime,
) -> int:
    """Write texts in the editor, by escaped key; None empties one. Return how many changed."""
    strings = [_string(state, resource, language, key) for key in texts]
    state.greet(_checked_user(by))
    changed = 0
    for string, given in zip(strings, texts.values(), strict=True):
        if given is None:
            if string.translations.pop(language, None) is not None:
                resource.touch(language, at, translation=True)
                changed += 1
            continue
        forms = {"other": given} if isinstance(given, str) else dict(given)
        if set(forms) != forms_wanted(string, language) or not all(forms.values()):
            raise Fault(400, f"'{string.key}' wants {', '.join(sorted(forms_wanted(string, language)))}")
        changed += write_text(resource, string, language, forms, origin="EDITOR", user=by, now=at)
    return changed


def review(
    state: State,
    resource: ResourceState,
    language: str,
    keys: Collection[str],
    *,
    by: str,
    at: datetime,
    reviewed: bool = True,
) -> int:
    """Mark translations as reviewed in the editor, or take the mark away. Return how many were marked."""
    strings = [_string(state, resource, language, key) for key in keys]
    if missing := [string.key for string in strings if language not in string.translations]:
        raise Fault(400, f"'{missing[0]}' is not translated")
    state.greet(_checked_user(by))
    for string in strings:
        write_review(resource, string.translations[language], language, reviewed=reviewed, user=by, now=at)
    return len(strings)


def _string(state: State, resource: ResourceState, language: str, key: str) -> StringState:
    if language not in state.project_of(resource).languages:
        raise Fault(404, f"{language} is not a language of the project")
    for string in resource.strings.values():
        if string.key == key:
            return string
    raise Fault(404, f"There is no string with the key '{key}'")


def _checked_user(name: str) -> str:
    try:
        user_id(name)
    except ValueError as error:
        raise Fault(400, str(error)) from None
    return name


def post_translate(exchange: Exchange) -> Response:
    """Answer POST /_sandbox/translate: ``{project, resource, language, user, texts: {key: text}}``."""
    body = _body(exchange)
    texts = body.get("texts")
    if not isinstance(texts, dict) or not all(value is None or _is_text(value) for value in texts.values()):
        raise Fault(400, "'texts' must be an object of texts by key")
    resource, language, by = _where(exchange, body)
    changed = translate(exchange.state, resource, language, texts, by=by, at=exchange.now)
    return answer({"changed": changed})


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (
        isinstance(value, dict) and all(isinstance(entry, str) for entry in value.values())
    )


def post_review(exchange: Exchange) -> Response:
    """Answer POST /_sandbox/review: ``{project, resource, language, user, keys: [key], reviewed?: true}``."""
    body = _body(exchange)
    keys, reviewed = body.get("keys"), body.get("reviewed", True)
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys) or not isinstance(reviewed, bool):
        raise Fault(400, "'keys' must be a list of keys, 'reviewed' true or false")
    resource, language, by = _where(exchange, body)
    marked = review(exchange.state, resource, language, keys, by=by, at=exchange.now, reviewed=reviewed)
    return answer({"changed": marked})


def _body(exchange: Exchange) -> dict[str, object]:
    try:
        body = json.loads(exchange.request.body)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Fault(400, "The body is not JSON") from None
    if not isinstance(body, dict):
        raise Fault(400, "The body is not an object")
    return body


def _where(exchange: Exchange, body: Mapping[str, object]) -> tuple[ResourceState, str, str]:
    slugs = {name: str(body.get(name, "")) for name in ("project", "resource", "language", "user")}
    if empty := [name for name, value in slugs.items() if not value]:
        raise Fault(400, f"'{empty[0]}' is missing")
    for resource in exchange.state.resources.values():
        if (exchange.state.project_of(resource).slug, resource.slug) == (slugs["project"], slugs["resource"]):
            return resource, slugs["language"], slugs["user"]
    raise Fault(404, f"There is no resource '{slugs['resource']}' in a project '{slugs['project']}'")


def get_state(exchange: Exchange) -> Response:
    """Answer GET /_sandbox/state: what is there, in short."""
    state = exchange.state
    shown = {
        "organizations": [organization.id for organization in state.organizations.values()],
        "projects": [
            {"id": project.id, "languages": [language_id(code) for code in project.languages]}
            for project in state.projects.values()
        ],
        "resources": [_show(resource) for resource in state.resources.values()],
        "users": state.users,
        "jobs": [{"id": job.id, "type": job.kind, "status": job.status} for job in state.jobs.values()],
    }
    return answer(shown)


def _show(resource: ResourceState) -> object:
    counts: dict[str, dict[str, int]] = {}
    for string in resource.strings.values():
        for language, text in string.translations.items():
            count = counts.setdefault(language, {"translated": 0, "reviewed": 0})
            count["translated"] += 1
            count["reviewed"] += text.reviewed
    return {
        "id": resource.id,
        "strings": len(resource.strings),
        "modified": stamp(resource.modified_at),
        "languages": counts,
    }


def post_reset(clear: Callable[[], None]) -> Callable[[Exchange], Response]:
    """Return the handler of POST /_sandbox/reset, which forgets everything but the seed."""

    def handler(_: Exchange) -> Response:
        clear()
        return Response(204)

    return handler
