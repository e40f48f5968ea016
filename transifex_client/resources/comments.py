"""Comments and issues: what is said about a source string in one target language."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from transifex_client.documents import Item
from transifex_client.resources.shared import UNSET, Unset, given, language_of, username_of


class CommentType(StrEnum):
    """A remark, or something that somebody has to resolve."""

    COMMENT = "comment"
    ISSUE = "issue"


class CommentStatus(StrEnum):
    """Whether somebody still has to act."""

    OPEN = "open"
    RESOLVED = "resolved"


class CommentPriority(StrEnum):
    """How urgent an issue is."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    CRITICAL = "critical"
    BLOCKER = "blocker"


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment or issue. ``type``, ``status`` and ``priority`` hold the values of the enums, or ones not known yet.

    ``author`` and ``resolver`` are user names. Whether a mere comment has a status is not documented.
    """

    id: str
    string: str
    language: str
    type: str
    message: str
    status: str | None = None
    category: str | None = None
    priority: str | None = None
    author: str | None = None
    resolver: str | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewComment:
    """What it takes to write a comment or an issue on a source string (its id) for one language (its code)."""

    string: str
    language: str
    message: str
    type: CommentType = CommentType.COMMENT
    category: str | None = None
    priority: CommentPriority | None = None

    def is_said_by(self, comment: Comment) -> bool:
        """Return whether a comment says this: the same string, language, type and message (white space aside)."""
        said = (comment.string, comment.language, comment.type, comment.message.split())
        return said == (self.string, self.language, self.type, self.message.split())


@dataclass(frozen=True, slots=True)
class CommentChange:
    """A change of a comment; what is not given stays. Only the message, its labels and its status can change."""

    message: str | Unset = UNSET
    category: str | Unset | None = UNSET
    priority: CommentPriority | Unset = UNSET
    status: CommentStatus | Unset = UNSET

    def attributes(self) -> dict[str, object]:
        """Return the JSON attributes that are to be changed."""
        return given(message=self.message, category=self.category, priority=self.priority, status=self.status)


def read_comment(item: Item) -> Comment:
    """Return the comment in an answer."""
    return Comment(
        id=item.id,
        string=item.related("resource_string"),
        language=language_of(item),
        type=item.text("type"),
        message=item.text("message"),
        status=item.text_or_none("status"),
        category=item.text_or_none("category"),
        priority=item.text_or_none("priority"),
        author=username_of(item, "author"),
        resolver=username_of(item, "resolver"),
        created_at=item.moment("datetime_created", "date_created"),
        modified_at=item.moment("datetime_modified", "date_modified"),
        resolved_at=item.moment("datetime_resolved", "date_resolved"),
    )
