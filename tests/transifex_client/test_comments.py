"""Comments and issues, by the client against the sandbox."""

import json
from datetime import timedelta

import pytest

from tests.transifex_client.conftest import PROJECT, RESOURCE, Ask, Clock, Dropping, MakeClient
from transifex_client import TransifexClient
from transifex_client.errors import BadRequest, NotFound, TransifexError, UnexpectedAnswer
from transifex_client.ids import string_id
from transifex_client.resources import (
    Comment,
    CommentChange,
    CommentPriority,
    CommentStatus,
    CommentType,
    NewComment,
)
from transifex_client.sandbox.core import AnswerFault, FaultKind, Sandbox
from transifex_client.sandbox.transport import sandbox_transport
from transifex_client.wire import httpx

ORGANIZATION = "o:sandbox"
FORM, NAME = string_id(RESOURCE, "form"), string_id(RESOURCE, "case.name")
ISSUE = NewComment(FORM, "fr", "Too formal", CommentType.ISSUE, "tone", CommentPriority.HIGH)


def messages(comments: tuple[Comment, ...]) -> list[str]:
    return [comment.message for comment in comments]


def test_an_issue_is_written_read_resolved_and_reopened(client: TransifexClient, clock: Clock, filled: str) -> None:
    """An issue carries what was said, who said it and when, and then who resolved it."""
    opened = client.create_comment(ISSUE, now=clock.now)
    assert (opened.string, opened.language, opened.type, opened.message) == (FORM, "fr", "issue", "Too formal")
    assert (opened.status, opened.category, opened.priority) == ("open", "tone", "high")
    assert (opened.author, opened.resolver, opened.created_at) == ("bridge", None, clock.now)
    assert client.get_comment(opened.id) == opened
    clock.sleep(60)
    resolved = client.update_comment(opened.id, CommentChange(status=CommentStatus.RESOLVED))
    assert (resolved.status, resolved.resolver, resolved.resolved_at) == ("resolved", "bridge", clock.now)
    assert (resolved.message, resolved.priority, resolved.created_at) == ("Too formal", "high", opened.created_at)
    again = client.update_comment(opened.id, CommentChange(status=CommentStatus.OPEN))
    assert (again.status, again.resolver, again.resolved_at) == ("open", None, None)


def test_only_what_is_given_changes(client: TransifexClient, clock: Clock, filled: str) -> None:
    """A change of the message leaves the labels, and null takes a category away."""
    opened = client.create_comment(ISSUE, now=clock.now)
    changed = client.update_comment(opened.id, CommentChange(message="Far too formal"))
    assert (changed.message, changed.category, changed.priority) == ("Far too formal", "tone", "high")
    changed = client.update_comment(opened.id, CommentChange(category=None, priority=CommentPriority.LOW))
    assert (changed.message, changed.category, changed.priority) == ("Far too formal", None, "low")


def test_a_mere_comment_has_no_status(client: TransifexClient, clock: Clock, filled: str) -> None:
    """A comment is nothing to resolve."""
    written = client.create_comment(NewComment(FORM, "fr", "Hello"), now=clock.now)
    assert (written.type, written.status, written.priority) == ("comment", None, "normal")
    with pytest.raises(BadRequest, match="Only an issue"):
        client.update_comment(written.id, CommentChange(status=CommentStatus.RESOLVED))


def test_comments_are_found_by_every_filter_the_newest_first(
    client: TransifexClient, sandbox: Sandbox, clock: Clock, filled: str
) -> None:
    """Each filter keeps what it names and drops the rest; the order is that of Transifex."""
    start = clock.now
    sandbox.comment(filled, "fr", "form", "one", by="amina")
    clock.sleep(10)
    sandbox.comment(filled, "ar", "case.name", "two", by="omar", kind="issue")
    clock.sleep(10)
    three = client.create_comment(ISSUE, now=clock.now)
    client.update_comment(three.id, CommentChange(message="three", status=CommentStatus.RESOLVED))

    def found(**filters: object) -> list[str]:
        return messages(client.list_comments(ORGANIZATION, **filters))  # type: ignore[arg-type]

    assert found() == ["three", "two", "one"]
    assert found(project=PROJECT) == found(resource=RESOURCE) == found()
    assert found(project=f"{PROJECT}x") == found(resource=f"{RESOURCE}x") == []
    assert found(string=FORM) == ["three", "one"]
    assert found(author="omar") == ["two"]
    assert found(type=CommentType.ISSUE) == ["three", "two"]
    assert found(status=CommentStatus.OPEN) == ["two"]
    assert found(status=CommentStatus.RESOLVED) == found(category="tone") == ["three"]
    assert found(priority=CommentPriority.HIGH) == ["three"]
    middle = start + timedelta(seconds=10)
    assert found(created_since=middle) == ["three", "two"]
    assert found(created_before=middle) == ["one"]
    with pytest.raises(NotFound):
        client.list_comments("o:none")


def test_a_long_list_comes_in_pages(client: TransifexClient, sandbox: Sandbox, filled: str) -> None:
    """More comments than a page holds are all returned."""
    for number in range(151):
        sandbox.comment(filled, "fr", "form", str(number), by="amina")
    assert messages(client.list_comments(ORGANIZATION)) == [str(number) for number in reversed(range(151))]


@pytest.mark.parametrize("trouble", [httpx.ReadError("x"), httpx.ReadTimeout("x"), httpx.Response(502)])
@pytest.mark.parametrize("carried_out", [True, False])
def test_a_comment_whose_answer_is_lost_is_written_once(
    make_client: MakeClient, sandbox: Sandbox, clock: Clock, filled: str, trouble: object, carried_out: bool
) -> None:
    """After a lost answer the comment is looked up before it is sent again: Transifex would take a second one."""
    transport = Dropping(sandbox, carried_out=carried_out, trouble=trouble)
    written = make_client(transport).create_comment(ISSUE, now=clock.now, author="bridge")
    assert written.message == ISSUE.message
    assert transport.posts == (1 if carried_out else 2)
    assert len(sandbox.state.comments) == 1


def test_a_comment_that_arrives_late_is_written_once(
    make_client: MakeClient, sandbox: Sandbox, clock: Clock, filled: str
) -> None:
    """A request that arrives between the first look and the next attempt is found by a second look."""
    transport = Dropping(sandbox, carried_out=True, trouble=httpx.ReadTimeout("x"), late=True)
    make_client(transport).create_comment(ISSUE, now=clock.now, author="bridge")
    assert (transport.posts, len(sandbox.state.comments)) == (1, 1)


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.BROKEN])
def test_a_comment_whose_answer_cannot_be_read_is_written_once(
    client: TransifexClient, sandbox: Sandbox, clock: Clock, filled: str, kind: FaultKind
) -> None:
    """An answer that is cut off or broken is no reason to write a second one."""
    sandbox.settings.answer_faults.append(AnswerFault(kind, method="POST"))
    assert client.create_comment(ISSUE, now=clock.now).message == ISSUE.message
    assert len(sandbox.state.comments) == 1


def test_an_answer_that_cannot_be_read_and_made_nothing_is_an_error(
    make_client: MakeClient, clock: Clock, sandbox: Sandbox, filled: str
) -> None:
    """When nothing was made, the unreadable answer is what the caller hears of."""
    transport = Dropping(sandbox, carried_out=False, trouble=httpx.Response(201, content=b"{"))
    with pytest.raises(UnexpectedAnswer):
        make_client(transport).create_comment(ISSUE, now=clock.now)
    assert transport.posts == 1


@pytest.mark.parametrize(
    "other",
    [
        {"string": NAME},
        {"language": "ar"},
        {"message": "Too formal!"},
        {"type": CommentType.COMMENT},
    ],
)
def test_another_comment_is_not_taken_for_the_lost_one(
    make_client: MakeClient, sandbox: Sandbox, clock: Clock, filled: str, other: dict[str, str]
) -> None:
    """String, language, message and type must all be the same."""
    data = {"string": FORM, "language": "fr", "message": "Too formal", "type": CommentType.ISSUE} | other
    make_client(sandbox_transport(sandbox)).create_comment(NewComment(**data), now=clock.now)  # type: ignore[arg-type]
    transport = Dropping(sandbox, carried_out=False, trouble=httpx.ReadError("x"))
    make_client(transport).create_comment(ISSUE, now=clock.now, author="bridge")
    assert transport.posts == 2


def test_an_equal_comment_of_somebody_else_or_of_long_ago_is_not_ours(
    make_client: MakeClient, sandbox: Sandbox, clock: Clock, filled: str
) -> None:
    """The author, where it is known, and the time tell an earlier equal comment from the lost one."""
    sandbox.comment(filled, "fr", "form", ISSUE.message, by="amina", kind="issue")
    sandbox.comment(filled, "fr", "form", ISSUE.message, by="bridge", kind="issue", at=clock.now - timedelta(minutes=6))
    transport = Dropping(sandbox, carried_out=False, trouble=httpx.ReadError("x"))
    make_client(transport).create_comment(ISSUE, now=clock.now, author="bridge")
    assert (transport.posts, len(sandbox.state.comments)) == (2, 3)


def test_whoever_starts_again_can_look_first(client: TransifexClient, clock: Clock, filled: str) -> None:
    """A comment that an earlier run wrote is found by what it says, white space aside."""
    since = clock.now
    assert client.find_comment(ISSUE, since=since) is None
    written = client.create_comment(ISSUE, now=clock.now)
    spaced = NewComment(FORM, "fr", " Too\r\nformal ", CommentType.ISSUE)
    assert client.find_comment(spaced, since=since, author="bridge") == written
    assert client.find_comment(ISSUE, since=since, author="amina") is None
    assert client.find_comment(ISSUE, since=clock.now + timedelta(seconds=1)) is None


def test_a_deleted_key_takes_its_comments_along(
    client: TransifexClient, sandbox: Sandbox, clock: Clock, filled: str
) -> None:
    """Comments on a string that is gone, by the editor or by an upload, are gone too, and do not come back."""
    source = b"en:\n  form: Form\n  case:\n    name: Case name\n"
    client.create_comment(ISSUE, now=clock.now)
    client.create_comment(NewComment(NAME, "fr", "Whose?"), now=clock.now)
    sandbox.delete_key(filled, "form", by="amina")
    assert messages(client.list_comments(ORGANIZATION)) == ["Whose?"]
    client.upload_source(filled, b"en:\n  form: Form\n", keep_translations=True)
    client.upload_source(filled, source, keep_translations=True)
    assert client.list_comments(ORGANIZATION) == ()


@pytest.mark.parametrize(
    ("attributes", "related", "status"),
    [
        ({"type": "issue"}, {}, 400),
        ({"type": "praise", "message": "x"}, {}, 400),
        ({"type": "issue", "message": ""}, {}, 400),
        ({"type": "issue", "message": "x", "status": "open"}, {}, 400),
        ({"type": "issue", "message": "x", "priority": "urgent"}, {}, 400),
        ({"type": "issue", "message": "x"}, {"language": "l:de"}, 400),
        ({"type": "issue", "message": "x"}, {"resource_string": string_id(RESOURCE, "none")}, 404),
        ({"type": "issue", "message": "x", "priority": None, "category": None}, {}, 201),
    ],
)
def test_a_comment_must_be_what_the_schema_allows(
    ask: Ask, filled: str, attributes: dict[str, object], related: dict[str, str], status: int
) -> None:
    """Unknown, missing and wrong parts of a new comment are refused."""
    named = {"resource_string": FORM, "language": "l:fr"} | related
    kinds = {"resource_string": "resource_strings", "language": "languages"}
    data = {
        "type": "resource_string_comments",
        "attributes": attributes,
        "relationships": {name: {"data": {"type": kinds[name], "id": value}} for name, value in named.items()},
    }
    assert ask("POST", "/resource_string_comments", json.dumps({"data": data}).encode()).status == status


def test_what_is_missing_is_not_found(client: TransifexClient) -> None:
    """A comment that is not there is not found, to read and to change."""
    with pytest.raises(NotFound):
        client.get_comment(f"{FORM}:c:none")
    with pytest.raises(TransifexError):
        client.update_comment(f"{FORM}:c:none", CommentChange(message="x"))
