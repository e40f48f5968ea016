"""The controls of the sandbox, which no API of Transifex has: what volunteers do, over HTTP, and what there is."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping

from transifex_client.ids import language_id
from transifex_client.sandbox import volunteers
from transifex_client.sandbox.comments import PRIORITIES
from transifex_client.sandbox.deliveries import HookRequest
from transifex_client.sandbox.exchange import Exchange, Handler, stamp
from transifex_client.sandbox.faults import clear_faults
from transifex_client.sandbox.http import Fault, Response, answer
from transifex_client.sandbox.state import ResourceState


def post_translate(exchange: Exchange) -> Response:
    """Answer POST /_sandbox/translate: ``{project, resource, language, user, texts: {key: text}}``."""
    body = _body(exchange)
    texts = body.get("texts")
    if not isinstance(texts, dict) or not all(value is None or _is_text(value) for value in texts.values()):
        raise Fault(400, "'texts' must be an object of texts by key")
    resource, language, by = _where(exchange, body)
    changed = volunteers.translate(exchange.state, resource, language, texts, by=by, at=exchange.now)
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
    marked = volunteers.review(exchange.state, resource, language, keys, by=by, at=exchange.now, reviewed=reviewed)
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
    resource, user = _place(exchange, body)
    return resource, _filled(body, "language"), user


def _place(exchange: Exchange, body: Mapping[str, object]) -> tuple[ResourceState, str]:
    project, slug, user = (_filled(body, name) for name in ("project", "resource", "user"))
    for resource in exchange.state.resources.values():
        if (exchange.state.project_of(resource).slug, resource.slug) == (project, slug):
            return resource, user
    raise Fault(404, f"There is no resource '{slug}' in a project '{project}'")


def _filled(body: Mapping[str, object], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise Fault(400, f"'{name}' is missing")
    return value


def _chosen(body: Mapping[str, object], name: str, choices: Collection[str], otherwise: str) -> str:
    value = body.get(name, otherwise)
    if not isinstance(value, str) or value not in choices:
        raise Fault(400, f"'{name}' must be one of {', '.join(choices)}")
    return value


def post_comment(exchange: Exchange) -> Response:
    """Answer POST /_sandbox/comment: ``{project, resource, language, user, key, message, type?, priority?}``."""
    body = _body(exchange)
    kind = _chosen(body, "type", ("comment", "issue"), "comment")
    priority = _chosen(body, "priority", PRIORITIES, "normal")
    key, message = _filled(body, "key"), _filled(body, "message")
    resource, language, by = _where(exchange, body)
    written = volunteers.comment(
        exchange.state,
        resource,
        language,
        key,
        message,
        by=by,
        at=exchange.now,
        unique=exchange.new_id(),
        kind=kind,
        priority=priority,
    )
    return answer({"id": written.id})


def post_edit(exchange: Exchange) -> Response:
    """Answer POST /_sandbox/edit: ``{project, resource, user, key, text, keep_translations?: false}``."""
    body = _body(exchange)
    text, keep = body.get("text"), body.get("keep_translations", False)
    if not (isinstance(text, str | dict) and _is_text(text)) or not isinstance(keep, bool):
        raise Fault(400, "'text' must be a text or an object of texts, 'keep_translations' true or false")
    key = _filled(body, "key")
    resource, by = _place(exchange, body)
    state, now = exchange.state, exchange.now
    return answer(
        {"changed": volunteers.edit_source(state, resource, key, text, by=by, at=now, keep_translations=keep)}
    )


def post_delete(exchange: Exchange) -> Response:
    """Answer POST /_sandbox/delete: ``{project, resource, user, key}``."""
    body = _body(exchange)
    key = _filled(body, "key")
    resource, by = _place(exchange, body)
    volunteers.delete_key(exchange.state, resource, key, by=by, at=exchange.now)
    return answer({"changed": 1})


def post_user(exchange: Exchange) -> Response:
    """Answer POST /_sandbox/users: ``{user}``, who has an account from now on."""
    volunteers.sign_up(exchange.state, _filled(_body(exchange), "user"))
    return Response(204)


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


def post_reset(clear: Callable[[], None]) -> Handler:
    """Return the handler of POST /_sandbox/reset, which forgets everything but the seed, and all trouble."""

    def handler(exchange: Exchange) -> Response:
        clear()
        clear_faults(exchange.settings)
        return Response(204)

    return handler


def get_deliveries(made: Iterable[HookRequest]) -> Handler:
    """Return the handler of GET /_sandbox/deliveries: the last ones that webhooks made, the oldest first."""

    def handler(_: Exchange) -> Response:
        shown = [
            {"webhook": each.webhook, "url": each.url, "headers": dict(each.headers), "body": each.body.decode()}
            for each in made
        ]
        return answer({"deliveries": shown})

    return handler
