"""Webhooks of a project: where Transifex reports what happened, and how it signs the report."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from transifex_client.documents import Item
from transifex_client.resources.shared import UNSET, Unset, given


class EventType(StrEnum):
    """What a webhook can ask to be told. A delivery names ``TRANSLATION_UPDATED_COMPLETED`` the other way round."""

    ALL_EVENTS = "all_events"
    TRANSLATION_COMPLETED = "translation_completed"
    TRANSLATION_UPDATED_COMPLETED = "translation_updated_completed"
    REVIEW_COMPLETED = "review_completed"
    PROOFREAD_COMPLETED = "proofread_completed"
    FILLUP_COMPLETED = "fillup_completed"
    RESOURCE_LANGUAGE_STATS = "resource_language_stats"
    TASK_TAG_CREATED = "task_tag_created"
    TASK_TAG_COMPLETED = "task_tag_completed"


@dataclass(frozen=True, slots=True)
class ProjectWebhook:
    """A webhook. ``secret_key`` signs its deliveries (Transifex tells it to whoever may read the webhook)."""

    id: str
    project: str
    callback_url: str
    event_type: str
    active: bool = True
    secret_key: str | None = field(default=None, repr=False)
    created_at: datetime | None = None
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewProjectWebhook:
    """What it takes to create a webhook. Without a ``secret_key`` nothing is signed, and nothing can be believed."""

    project: str
    callback_url: str
    event_type: EventType = EventType.ALL_EVENTS
    active: bool = True
    secret_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ProjectWebhookChange:
    """A change of a webhook; what is not given stays."""

    callback_url: str | Unset = UNSET
    event_type: EventType | Unset = UNSET
    active: bool | Unset = UNSET
    secret_key: str | Unset = field(default=UNSET, repr=False)

    def attributes(self) -> dict[str, object]:
        """Return the JSON attributes that are to be changed."""
        return given(
            callback_url=self.callback_url, event_type=self.event_type, active=self.active, secret_key=self.secret_key
        )


def read_project_webhook(item: Item) -> ProjectWebhook:
    """Return the webhook in an answer."""
    return ProjectWebhook(
        id=item.id,
        project=item.related("project"),
        callback_url=item.text("callback_url"),
        event_type=item.text("event_type"),
        active=item.flag("active", default=True),
        secret_key=item.text_or_none("secret_key") or None,
        created_at=item.moment("datetime_created", "date_created"),
        modified_at=item.moment("datetime_modified", "date_modified"),
    )
