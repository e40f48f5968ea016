"""Calls about comments and issues on source strings."""

from datetime import datetime, timedelta

from transifex_client.client.calls import Calls, filters, given, id_in_path, to_one, write_body, write_moment
from transifex_client.ids import language_id, organization_id, parse_place, user_id
from transifex_client.resources import (
    Comment,
    CommentChange,
    CommentPriority,
    CommentStatus,
    CommentType,
    NewComment,
    read_comment,
)
from transifex_client.wire import Call, Deadline

# Our clock and Transifex's may differ.
_RECENT = timedelta(minutes=5)


class CommentCalls(Calls):
    """Comments and issues: what translators read beside the text."""

    def list_comments(
        self,
        organization: str,
        *,
        project: str | None = None,
        resource: str | None = None,
        string: str | None = None,
        author: str | None = None,
        type: CommentType | None = None,
        status: CommentStatus | None = None,
        category: str | None = None,
        priority: CommentPriority | None = None,
        created_since: datetime | None = None,
        created_before: datetime | None = None,
    ) -> tuple[Comment, ...]:
        """Return the comments in an organization that pass every filter given, the newest first.

        Organization, project, resource and source string are ids, the author is a user name; ``created_since`` is
        inclusive and ``created_before`` exclusive, as Transifex's ``gte`` and ``lt`` are. A language is no filter.
        """
        query = filters(
            organization=organization,
            project=project,
            resource=resource,
            resource_string=string,
            author=None if author is None else user_id(author),
            type=type,
            status=status,
            category=category,
            priority=priority,
        )
        return self._list("/resource_string_comments", query | _created(created_since, created_before), read_comment)

    def get_comment(self, comment: str) -> Comment:
        """Return a comment by its id; :class:`NotFound` when there is none."""
        return read_comment(self._get(f"/resource_string_comments/{id_in_path(comment)}", self._short()))

    def create_comment(self, new: NewComment, *, now: datetime, author: str | None = None) -> Comment:
        """Write a comment or an issue, once.

        Transifex would take a second one. So after a lost answer it is looked up (:meth:`find_comment`, from a little
        before ``now``) before it is sent again.

        Args:
            new: what to say.
            now: the time.
            author: the user name of the token's user, where it is known; else anybody's equal comment counts as ours.
        """
        attributes = given(message=new.message, type=new.type, category=new.category, priority=new.priority)
        related = {
            "resource_string": to_one("resource_strings", new.string),
            "language": to_one("languages", language_id(new.language)),
        }
        body = write_body({"type": "resource_string_comments", "attributes": attributes, "relationships": related})
        call = Call("POST", "/resource_string_comments", body=body, repeatable=False, expected=(200, 201))

        def find(deadline: Deadline) -> Comment | None:
            return self._find_comment(deadline, new, now - _RECENT, author)

        return self._create(call, read_comment, find, guarded=False)

    def find_comment(self, new: NewComment, *, since: datetime, author: str | None = None) -> Comment | None:
        """Return the newest comment since a time that says the same on the same string and language, or None.

        For whoever is to write a comment and does not know whether an earlier attempt arrived.
        """
        return self._find_comment(self._long(), new, since, author)

    def _find_comment(self, deadline: Deadline, new: NewComment, since: datetime, author: str | None) -> Comment | None:
        place = parse_place(new.string)
        query = filters(
            organization=organization_id(place.organization),
            resource_string=new.string,
            type=new.type,
            author=None if author is None else user_id(author),
        )
        found = self._list_within(deadline, "/resource_string_comments", query | _created(since, None), read_comment)
        return next((comment for comment in found if new.is_said_by(comment)), None)

    def update_comment(self, comment: str, change: CommentChange) -> Comment:
        """Change a comment (its id): its message and labels, or resolve or reopen an issue. Return it as it is now."""
        return read_comment(self._change("resource_string_comments", comment, change.attributes()))


def _created(since: datetime | None, before: datetime | None) -> dict[str, str]:
    bounds = {"gte": since, "lt": before}
    return {f"filter[datetime_created][{name}]": write_moment(at) for name, at in bounds.items() if at is not None}
