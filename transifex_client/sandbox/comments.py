"""Comments and issues on source strings."""

from datetime import datetime

from transifex_client.ids import language_id, user_id
from transifex_client.sandbox import bodies
from transifex_client.sandbox.bodies import Schema, read_body
from transifex_client.sandbox.exchange import Exchange, stamp
from transifex_client.sandbox.http import Fault, Response, answer, to_one
from transifex_client.sandbox.queries import Query, answer_page, code_in, read_query
from transifex_client.sandbox.state import CommentState, State

_KIND = "resource_string_comments"
PRIORITIES = ("low", "normal", "high", "critical", "blocker")
_CHANGEABLE = {
    "message": bodies.filled,
    "category": bodies.text_or_null,
    "priority": lambda value: value is None or value in PRIORITIES,
}
_NEW = Schema(
    kind=_KIND,
    attributes=_CHANGEABLE | {"type": bodies.one_of("comment", "issue")},
    required=("message", "type"),
    related={"resource_string": "resource_strings", "language": "languages"},
    required_related=("resource_string", "language"),
)
_CHANGED = Schema(kind=_KIND, attributes=_CHANGEABLE | {"status": bodies.one_of("open", "resolved")})
_DATES = ("datetime_created][gte", "datetime_created][lt")
_EQUAL = ("category", "priority", "status", "type")


def list_comments(exchange: Exchange) -> Response:
    """Answer GET /resource_string_comments, the newest first."""
    query = read_query(
        exchange.request,
        required=("organization",),
        optional=("project", "resource", "resource_string", "author", *_EQUAL, *_DATES),
    )
    exchange.state.organization(query.filters["organization"])
    # The sort is stable: of two in the same second the later one comes first too.
    newest_first = sorted(
        reversed(exchange.state.comments.values()), key=lambda comment: comment.created_at, reverse=True
    )
    return answer_page(query, [comment for comment in newest_first if _passes(comment, query)], show_comment)


def _passes(comment: CommentState, query: Query) -> bool:
    author = query.known("author", "u:")
    wanted, place = query.filters, f"{comment.string}:"
    parents = [wanted.get(name) for name in ("organization", "project", "resource", "resource_string")]
    return (
        all(parent is None or place.startswith(f"{parent}:") for parent in parents)
        and author in (None, user_id(comment.author))
        and all(wanted.get(name) in (None, getattr(comment, name)) for name in _EQUAL)
        and query.within(comment.created_at, "datetime_created")
    )


def create_comment(exchange: Exchange) -> Response:
    """Answer POST /resource_string_comments: the same comment may be made any number of times."""
    body = read_body(exchange.request, _NEW)
    given = body.attributes
    category, priority = given.get("category"), given.get("priority", "normal")
    comment = write_comment(
        exchange.state,
        body.related["resource_string"],
        code_in(body.related["language"], "language"),
        str(given["message"]),
        kind=str(given["type"]),
        category=None if category is None else str(category),
        priority=None if priority is None else str(priority),
        by=exchange.user,
        at=exchange.now,
        unique=exchange.new_id(),
    )
    return answer({"data": show_comment(comment)}, status=201, headers={"Location": f"/{_KIND}/{comment.id}"})


def write_comment(
    state: State,
    string: str,
    language: str,
    message: str,
    *,
    kind: str,
    category: str | None,
    priority: str | None,
    by: str,
    at: datetime,
    unique: str,
) -> CommentState:
    """Keep a new comment on a source string (its id) and return it; ``unique`` is the last part of its id."""
    resource, _ = state.string(string)
    project = state.project_of(resource)
    if language not in (project.source_language, *project.languages):
        raise Fault(400, f"{language} is not a language of the project", pointer="/data/relationships/language")
    comment = CommentState(
        id=f"{string}:c:{unique}",
        string=string,
        language=language,
        type=kind,
        message=message,
        author=by,
        created_at=at,
        modified_at=at,
        category=category,
        priority=priority,
        status="open" if kind == "issue" else None,
    )
    state.comments[comment.id] = comment
    return comment


def get_comment(exchange: Exchange) -> Response:
    """Answer GET /resource_string_comments/ID."""
    return answer({"data": show_comment(exchange.state.comment(exchange.id))})


def change_comment(exchange: Exchange) -> Response:
    """Answer PATCH /resource_string_comments/ID. Only an issue can be resolved."""
    comment = exchange.state.comment(exchange.id)
    given = read_body(exchange.request, _CHANGED, identifier=comment.id).attributes
    if "status" in given and comment.type != "issue":
        raise Fault(400, "Only an issue has a status", pointer="/data/attributes/status")
    for name in ("message", "category", "priority"):
        if name in given:
            setattr(comment, name, given[name])
    if "status" in given and given["status"] != comment.status:
        resolved = given["status"] == "resolved"
        comment.status = str(given["status"])
        comment.resolver = exchange.user if resolved else None
        comment.resolved_at = exchange.now if resolved else None
    comment.modified_at = exchange.now
    return answer({"data": show_comment(comment)})


def show_comment(comment: CommentState) -> object:
    """Return a comment as JSON."""
    return {
        "type": _KIND,
        "id": comment.id,
        "attributes": {
            "type": comment.type,
            "message": comment.message,
            "status": comment.status,
            "category": comment.category,
            "priority": comment.priority,
            "datetime_created": stamp(comment.created_at),
            "datetime_modified": stamp(comment.modified_at),
            "datetime_resolved": stamp(comment.resolved_at),
        },
        "relationships": {
            "resource": to_one("resources", comment.string.rpartition(":s:")[0]),
            "resource_string": to_one("resource_strings", comment.string),
            "language": to_one("languages", language_id(comment.language)),
            "author": to_one("users", user_id(comment.author)),
            "resolver": to_one("users", None if comment.resolver is None else user_id(comment.resolver)),
        },
        "links": {"self": f"/{_KIND}/{comment.id}"},
    }
