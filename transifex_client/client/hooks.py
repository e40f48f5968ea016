"""Calls about the webhooks of a project."""

from datetime import datetime, timedelta

from transifex_client.client.calls import Calls, filters, given, id_in_path, to_one, write_body
from transifex_client.ids import organization_id, parse_place
from transifex_client.resources import NewProjectWebhook, ProjectWebhook, ProjectWebhookChange, read_project_webhook
from transifex_client.wire import Call, Deadline

# Our clock and Transifex's may differ.
_RECENT = timedelta(minutes=5)


class WebhookCalls(Calls):
    """Webhooks: where Transifex reports what happened. A secret key shows in no error of these calls."""

    def list_project_webhooks(self, organization: str, *, project: str | None = None) -> tuple[ProjectWebhook, ...]:
        """Return the webhooks in an organization, or of one of its projects (ids)."""
        return self._list(
            "/project_webhooks", filters(organization=organization, project=project), read_project_webhook
        )

    def create_project_webhook(self, new: NewProjectWebhook, *, now: datetime) -> ProjectWebhook:
        """Create a webhook, once.

        After a lost answer a webhook of the project with the same address, event and secret, and about as old as
        ``now``, is taken for the one that was created.
        """
        attributes = given(
            active=new.active, callback_url=new.callback_url, event_type=new.event_type, secret_key=new.secret_key
        )
        related = {"project": to_one("projects", new.project)}
        body = write_body({"type": "project_webhooks", "attributes": attributes, "relationships": related})
        call = Call(
            "POST",
            "/project_webhooks",
            body=body,
            repeatable=False,
            expected=(200, 201),
            secret=new.secret_key or "",
        )

        def is_ours(found: ProjectWebhook) -> bool:
            said = (found.callback_url, found.event_type, found.secret_key or None)
            recent = found.created_at is None or found.created_at >= now - _RECENT
            return recent and said == (new.callback_url, new.event_type, new.secret_key or None)

        def find(deadline: Deadline) -> ProjectWebhook | None:
            organization = organization_id(parse_place(new.project).organization)
            query = filters(organization=organization, project=new.project)
            found = self._list_within(deadline, "/project_webhooks", query, read_project_webhook)
            return next((webhook for webhook in found if is_ours(webhook)), None)

        return self._create(call, read_project_webhook, find, guarded=False)

    def update_project_webhook(self, webhook: str, change: ProjectWebhookChange) -> ProjectWebhook:
        """Change a webhook (its id) and return it as it is now."""
        secret = change.secret_key if isinstance(change.secret_key, str) else ""
        return read_project_webhook(self._change("project_webhooks", webhook, change.attributes(), secret=secret))

    def delete_project_webhook(self, webhook: str) -> None:
        """Delete a webhook (its id)."""
        self._delete(f"/project_webhooks/{id_in_path(webhook)}")
