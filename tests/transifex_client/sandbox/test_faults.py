"""Trouble on demand, set as a setting or over HTTP, and what the client makes of it."""

import json
import time

import pytest

from tests.transifex_client.conftest import PROJECT, RESOURCE, SOURCE, Ask, Clock, MakeClient
from transifex_client import Configuration, TransifexClient
from transifex_client.errors import (
    DeadlineExceeded,
    JobFailed,
    NotFound,
    PlanRequired,
    ServerError,
    TimedOut,
    UnexpectedAnswer,
    Unreachable,
)
from transifex_client.ids import string_id
from transifex_client.resources import DownloadMode, NewComment, NewProject, StringChange
from transifex_client.sandbox.core import AnswerFault, FaultKind, Sandbox
from transifex_client.sandbox.http import Response
from transifex_client.sandbox.server import serve
from transifex_client.sandbox.transport import sandbox_transport


def order(ask: Ask, **faults: object) -> Response:
    return ask("POST", "/_sandbox/faults", json.dumps(faults).encode())


def pending(ask: Ask) -> dict[str, object]:
    shown = ask("GET", "/_sandbox/faults").json()
    assert isinstance(shown, dict)
    return shown


@pytest.mark.parametrize(
    ("fault", "sleeps"),
    [
        ({"kind": "429", "seconds": 3}, [3]),
        ({"kind": "429", "seconds": 7, "header": False}, [7]),
        ({"kind": "429"}, [1]),
        ({"kind": "500"}, [0.5]),
        ({"kind": "502"}, [2]),
        ({"kind": "cut"}, [0.5]),
        ({"kind": "429", "seconds": 2, "times": 3}, [2, 2, 2]),
    ],
)
def test_a_passing_trouble_is_survived(
    ask: Ask, client: TransifexClient, clock: Clock, fault: dict[str, object], sleeps: list[float]
) -> None:
    """The client comes back as late as it was told to, or as it thinks right, and the caller notices nothing."""
    assert order(ask, answers=[fault]).status == 200
    assert client.get_user("bridge").username == "bridge"
    assert clock.sleeps == sleeps
    assert pending(ask)["answers"] == []


def test_throttling_says_when_to_come_back_as_it_was_set(ask: Ask) -> None:
    """With the header, with words alone, or with neither."""
    order(ask, answers=[{"kind": "429", "seconds": 3}, {"kind": "429", "seconds": 4, "header": False}, {"kind": "429"}])
    said = [ask("GET", "/organizations") for _ in range(3)]
    assert [each.status for each in said] == [429] * 3
    assert [each.headers.get("Retry-After") for each in said] == ["3", None, None]
    assert [f"in {number} seconds" in each.body.decode() for number, each in zip((3, 4, 1), said, strict=True)] == [
        True,
        True,
        False,
    ]
    assert ask("GET", "/organizations").status == 200


def test_a_gateway_speaks_no_json(ask: Ask, client: TransifexClient) -> None:
    """502 comes from something in front of Transifex, which answers with a page."""
    order(ask, answers=[{"kind": "502", "times": 5}])
    with pytest.raises(ServerError) as caught:
        client.get_user("bridge")
    assert (caught.value.status, caught.value.about.detail) == (502, None)


def test_a_broken_answer_is_unexpected(ask: Ask, client: TransifexClient) -> None:
    """JSON that is none is one clear error, and not asked for again."""
    order(ask, answers=[{"kind": "broken", "times": 2}])
    with pytest.raises(UnexpectedAnswer, match="not JSON"):
        client.get_user("bridge")
    assert pending(ask)["answers"] != []


def test_a_slow_answer_is_waited_for_as_long_as_it_may_take(
    ask: Ask, make_client: MakeClient, sandbox: Sandbox
) -> None:
    """An answer within the time for one request is an answer; a later one is a timeout."""
    client = make_client(sandbox_transport(sandbox), request_timeout=10)
    order(ask, answers=[{"kind": "slow", "seconds": 9}])
    assert client.get_user("bridge").username == "bridge"
    order(ask, answers=[{"kind": "slow", "seconds": 11, "times": 5}])
    with pytest.raises(TimedOut):
        client.get_user("bridge")


@pytest.mark.parametrize(
    ("fault", "carried_out"),
    [
        ({"kind": "500"}, False),
        ({"kind": "500", "carried_out": True}, True),
        ({"kind": "502", "carried_out": True}, True),
        ({"kind": "429"}, False),
        ({"kind": "cut"}, True),
        ({"kind": "cut", "carried_out": False}, False),
        ({"kind": "broken"}, True),
        ({"kind": "slow", "seconds": 0}, True),
    ],
)
def test_what_was_asked_for_is_done_or_not_as_it_was_set(
    ask: Ask, sandbox: Sandbox, fault: dict[str, object], carried_out: bool
) -> None:
    """A refusal means that nothing was done, a spoilt answer that it was, unless the order says otherwise."""
    order(ask, answers=[fault])
    data = {
        "type": "teams",
        "attributes": {"name": "A"},
        "relationships": {"organization": {"data": {"type": "organizations", "id": "o:sandbox"}}},
    }
    ask("POST", "/teams", json.dumps({"data": data}).encode())
    assert bool(sandbox.state.teams) is carried_out


def test_trouble_may_wait_for_one_kind_of_request(ask: Ask) -> None:
    """A fault with a method or a path lets other requests pass; the first that fits is taken."""
    order(ask, answers=[{"kind": "500", "method": "PATCH"}, {"kind": "502", "path": "/users/"}])
    assert ask("GET", "/organizations").status == 200
    assert ask("GET", "/users/u:bridge").status == 502
    assert ask("PATCH", "/resource_strings").status == 500
    assert ask("PATCH", "/resource_strings").status == 400


def test_a_refused_request_may_be_spoilt_too(ask: Ask) -> None:
    """What would have been refused is refused late, or in half a sentence."""
    order(ask, answers=[{"kind": "broken"}])
    answered = ask("GET", "/users/u:nobody")
    assert answered.status == 404
    with pytest.raises(json.JSONDecodeError):
        answered.json()


def test_a_file_may_break_off_in_the_storage(ask: Ask, client: TransifexClient, filled: str) -> None:
    """Only a fault that names the storage reaches it; the client fetches the file again."""
    order(ask, answers=[{"kind": "cut", "path": "/_storage/", "times": 2}])
    assert client.download_source(filled) == SOURCE
    assert pending(ask)["answers"] == []


def test_trouble_of_the_api_spares_the_storage(ask: Ask) -> None:
    """A fault that names no path is the API's: the storage, which is another machine, answers as ever."""
    order(ask, answers=[{"kind": "500"}])
    assert ask("GET", "/_storage/files/none-file?auth=none", authorization="").status == 403
    assert ask("GET", "/organizations").status == 500


def test_jobs_fail_and_never_end_on_demand(ask: Ask, client: TransifexClient, filled: str) -> None:
    """The next jobs fail with the reasons given, or with none, or are never finished; then all is well."""
    order(ask, failed_jobs=[[{"code": "parse_error", "detail": "No"}], []], endless_jobs=0)
    with pytest.raises(JobFailed, match="No"):
        client.upload_source(filled, SOURCE, keep_translations=True)
    with pytest.raises(JobFailed, match="no reason"):
        client.download_source(filled)
    order(ask, endless_jobs=2)
    with pytest.raises(DeadlineExceeded):
        client.upload_source(filled, SOURCE, keep_translations=True)
    with pytest.raises(DeadlineExceeded):
        client.download_source(filled)
    assert client.download_source(filled) == SOURCE


def test_links_expire_on_demand(ask: Ask, client: TransifexClient, filled: str) -> None:
    """A dead link is replaced by a fresh one; when all are dead, that is an error."""
    order(ask, expired_links=2)
    assert client.download_source(filled) == SOURCE
    order(ask, expired_links=3)
    with pytest.raises(UnexpectedAnswer, match="cannot be fetched"):
        client.download_source(filled)


def test_a_lost_resource_is_not_found_until_it_is_found_again(
    ask: Ask, client: TransifexClient, sandbox: Sandbox, filled: str
) -> None:
    """One resource answers 404 everywhere, others stay; when the trouble is over it is there as it was."""
    sandbox.translate(filled, "fr", {"form": "Formulaire"}, by="amina")
    assert order(ask, lost_resources=[filled]).status == 200
    assert pending(ask)["lost_resources"] == [filled]
    for call in (
        lambda: client.get_resource(filled),
        lambda: client.list_strings(filled),
        lambda: client.upload_source(filled, SOURCE, keep_translations=True),
        lambda: client.list_statistics(PROJECT, resource=filled),
        lambda: client.update_strings([StringChange(string_id(filled, "form"), tags=())]),
    ):
        with pytest.raises(NotFound):
            call()
    assert client.list_resources(PROJECT) == ()
    assert ask("DELETE", "/_sandbox/faults").status == 204
    assert client.list_translations(filled, "fr", key="form")[0].translator == "amina"


def test_a_recreated_project_has_its_texts_and_no_marks(
    ask: Ask, client: TransifexClient, sandbox: Sandbox, clock: Clock, filled: str
) -> None:
    """After a project was made anew the texts are there, and who wrote and reviewed them is not."""
    sandbox.translate(filled, "fr", {"form": "Formulaire"}, by="amina")
    sandbox.review(filled, "fr", ["form"], by="omar")
    client.update_strings([StringChange(string_id(filled, "form"), instructions="Noun", tags=("a",))])
    client.create_comment(NewComment(string_id(filled, "form"), "fr", "Hello"), now=clock.now)
    other = client.create_project(NewProject("o:sandbox", "other", "Other"))
    clock.sleep(3600)
    assert order(ask, recreated_projects=[PROJECT]).status == 200
    row = client.list_translations(filled, "fr", key="form")[0]
    assert (row.strings, row.origin, row.translator) == ({"other": "Formulaire"}, "UPLOAD", None)
    assert (row.reviewed, row.reviewer, row.reviewed_at) == (False, None, None)
    assert (row.translated_at, row.created_at) == (clock.now, clock.now)
    string = client.list_strings(filled, key="form")[0]
    assert (string.instructions, string.tags) == (None, ())
    assert client.list_comments("o:sandbox") == ()
    assert client.get_project(PROJECT).created_at == clock.now
    assert client.get_project(other.id) == other


@pytest.mark.parametrize("keeps", [True, False])
def test_both_kinds_of_default_downloads_can_be_had(
    ask: Ask, client: TransifexClient, filled: str, keeps: bool
) -> None:
    """What mode default does with untranslated YAML keys is set for each resource: blanks, or nothing at all."""
    order(ask, default_keeps_blanks={filled: keeps})
    content = client.download_translations(filled, "fr", mode=DownloadMode.DEFAULT)
    assert (b"form" in content) is keeps


@pytest.mark.parametrize(("status", "code"), [(402, "payment_required"), (403, "forbidden")])
def test_features_can_be_withheld(ask: Ask, client: TransifexClient, status: int, code: str) -> None:
    """What the plan does not include is refused with 402, or 403 and a word about the plan, until it is included."""
    order(ask, withheld={"projects": status, "teams": status})
    new = NewProject("o:sandbox", "new", "New")
    with pytest.raises(PlanRequired) as caught:
        client.create_project(new)
    assert caught.value.status == status
    assert code.encode() in ask("POST", "/teams", b"{}").body
    assert client.list_projects("o:sandbox") != ()
    order(ask, withheld={"projects": 0})
    assert client.create_project(new).slug == "new"
    assert pending(ask)["withheld"] == {"teams": status}


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        ({"answers": [{"kind": "418"}]}, 400),
        ({"answers": [{"kind": "500", "times": 0}]}, 400),
        ({"answers": [{"kind": "slow", "seconds": 1e9}]}, 400),
        ({"answers": [{"kind": "500", "colour": "red"}]}, 400),
        ({"endless_jobs": -1}, 400),
        ({"withheld": {"teams": 500}}, 400),
        ({"colour": "red"}, 400),
        ({"endless_jobs": 1, "lost_resources": [f"{RESOURCE}x"]}, 404),
        ({"endless_jobs": 1, "recreated_projects": [f"{PROJECT}x"]}, 404),
        ({"endless_jobs": 1, "default_keeps_blanks": {f"{RESOURCE}x": True}}, 404),
    ],
)
def test_a_wrong_order_is_refused_as_a_whole(
    ask: Ask, client: TransifexClient, filled: str, faults: dict[str, object], status: int
) -> None:
    """An order with something wrong in it sets nothing."""
    assert order(ask, **faults).status == status
    assert pending(ask)["endless_jobs"] == 0
    assert client.download_source(filled) == SOURCE


@pytest.mark.parametrize(("method", "target"), [("DELETE", "/_sandbox/faults"), ("POST", "/_sandbox/reset")])
def test_all_trouble_can_be_ended(ask: Ask, sandbox: Sandbox, method: str, target: str) -> None:
    """Clearing the faults, or all of the sandbox, leaves nothing still to come; controls are never in trouble."""
    sandbox.settings.next_answers.append(Response(500))
    order(
        ask,
        answers=[{"kind": "500", "times": 9}],
        failed_jobs=[[]],
        endless_jobs=1,
        expired_links=1,
        withheld={"teams": 402},
        absolute_links=True,
        latency=0.5,
    )
    assert ask(method, target).status == 204
    assert pending(ask) | {"default_keeps_blanks": {}} == {
        "answers": [],
        "failed_jobs": [],
        "endless_jobs": 0,
        "expired_links": 0,
        "lost_resources": [],
        "recreated_projects": [],
        "default_keeps_blanks": {},
        "withheld": {},
        "absolute_links": False,
        "latency": 0.0,
    }
    assert ask("GET", "/organizations").status == 200


def test_trouble_is_the_same_behind_a_port() -> None:
    """Over a socket an answer comes late, or breaks off in the middle, and the next one is whole."""
    with serve(0, token="tok") as server:
        faults = server.sandbox.settings.answer_faults
        with TransifexClient(Configuration("tok", base_url=server.url)) as client:
            faults.append(AnswerFault(FaultKind.CUT))
            assert client.get_user("bridge").username == "bridge"
            faults.append(AnswerFault(FaultKind.SLOW, seconds=0.2))
            started = time.monotonic()
            client.get_user("bridge")
            assert time.monotonic() - started >= 0.2
        with TransifexClient(Configuration("tok", base_url=server.url, deadline=0.3)) as hasty:
            faults.append(AnswerFault(FaultKind.CUT, times=9))
            with pytest.raises(Unreachable):
                hasty.get_user("bridge")


def test_every_answer_can_be_made_late(ask: Ask) -> None:
    """A distant Transifex: each answer comes later, a wrong one too, and one that is slow by itself later still."""
    order(ask, latency=0.05, answers=[{"kind": "500"}, {"kind": "slow", "seconds": 2}])
    assert [ask("GET", "/organizations").delay for _ in range(3)] == [0.05, 2.05, 0.05]
    assert ask("GET", "/_sandbox/state").delay == 0
    assert order(ask, latency=-1).status == 400


def test_a_lost_resource_goes_with_its_project(ask: Ask, sandbox: Sandbox, filled: str) -> None:
    """What is deleted does not come back when trouble ends."""
    order(ask, lost_resources=[filled])
    assert ask("DELETE", f"/projects/{PROJECT}").status == 204
    assert ask("DELETE", "/_sandbox/faults").status == 204
    assert (sandbox.state.resources, sandbox.state.projects) == ({}, {})
