"""Webhooks of projects: where they are kept. :mod:`.deliveries` makes what they send."""

from transifex_client.sandbox import bodies
from transifex_client.sandbox.bodies import Schema, read_body
from transifex_client.sandbox.exchange import Exchange, stamp
from transifex_client.sandbox.http import Response, answer, to_one
from transifex_client.sandbox.queries import answer_page, read_query
from transifex_client.sandbox.state import WebhookState

_KIND = "project_webhooks"
_EVENTS = (
    "all_events",
    "translation_completed",
    "translation_updated_completed",
    "review_completed",
    "proofread_completed",
    "fillup_completed",
    "resource_language_stats",
    "task_tag_created",
    "task_tag_completed",
)
_ATTRIBUTES = {
    "active": bodies.boolean,
    "callback_url": bodies.web_address,
    "event_type": bodies.one_of(*_EVENTS),
    "secret_key": bodies.text,
}
_NEW = Schema(
    kind=_KIND,
    attributes=_ATTRIBUTES,
    required=("active", "callback_url", "event_type"),
    related={"project": "projects"},
    required_related=("project",),
)
_CHANGED = Schema(kind=_KIND, attributes=_ATTRIBUTES)


def list_webhooks(exchange: Exchange) -> Response:
    """Answer GET /project_webhooks."""
    query = read_query(exchange.request, required=("organization",), optional=("project",))
    organization = exchange.state.organization(query.filters["organization"])
    project = query.filters.get("project")
    if project is not None:
        exchange.state.project(project)
    found = [
        webhook
        for webhook in exchange.state.webhooks.values()
        if webhook.project.startswith(f"{organization.id}:") and project in (None, webhook.project)
    ]
    return answer_page(query, found, show_webhook)


def create_webhook(exchange: Exchange) -> Response:
    """Answer POST /project_webhooks: the same webhook may be made any number of times."""
    body = read_body(exchange.request, _NEW)
    project = exchange.state.project(body.related["project"])
    given = body.attributes
    webhook = WebhookState(
        id=f"{project.id}:w:{exchange.new_id()}",
        project=project.id,
        active=bool(given["active"]),
        callback_url=str(given["callback_url"]),
        event_type=str(given["event_type"]),
        created_at=exchange.now,
        modified_at=exchange.now,
        secret_key=str(given.get("secret_key", "")),
    )
    exchange.state.webhooks[webhook.id] = webhook
    return answer({"data": show_webhook(webhook)}, status=201, headers={"Location": f"/{_KIND}/{webhook.id}"})


def get_webhook(exchange: Exchange) -> Response:
    """Answer GET /project_webhooks/ID."""
    return answer({"data": show_webhook(exchange.state.webhook(exchange.id))})


def change_webhook(exchange: Exchange) -> Response:
    """Answer PATCH /project_webhooks/ID."""
    webhook = exchange.state.webhook(exchange.id)
    for name, value in read_body(exchange.request, _CHANGED, identifier=webhook.id).attributes.items():
        setattr(webhook, name, value)
    webhook.modified_at = exchange.now
    return answer({"data": show_webhook(webhook)})


def delete_webhook(exchange: Exchange) -> Response:
    """Answer DELETE /project_webhooks/ID."""
    del exchange.state.webhooks[exchange.state.webhook(exchange.id).id]
    return Response(204)


def show_webhook(webhook: WebhookState) -> object:
    """Return a webhook as JSON, its secret in clear, as the real one does."""
    return {
        "type": _KIND,
        "id": webhook.id,
        "attributes": {
            "active": webhook.active,
            "callback_url": webhook.callback_url,
            "event_type": webhook.event_type,
            "secret_key": webhook.secret_key,
            "datetime_created": stamp(webhook.created_at),
            "datetime_modified": stamp(webhook.modified_at),
        },
        "relationships": {"project": to_one("projects", webhook.project)},
        "links": {"self": f"/{_KIND}/{webhook.id}"},
    }
