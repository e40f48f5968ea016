"""Trouble on demand: wrong answers, jobs that fail or never end, dead links, lost resources, projects made anew.

Set in :class:`.exchange.Settings`, or over HTTP at ``/_sandbox/faults`` by tests and trainers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from transifex_client.sandbox.exchange import AnswerFault, Exchange, FaultKind, Settings
from transifex_client.sandbox.http import JSON_API, Fault, Request, Response
from transifex_client.sandbox.state import State, StringState

_STRICT = ConfigDict(extra="forbid")
_NOT_CARRIED_OUT = (FaultKind.THROTTLED, FaultKind.FAILED, FaultKind.GATEWAY)
_FEW = Annotated[int, Field(ge=0, le=10_000)]


@dataclass(slots=True)
class _Reason:
    __pydantic_config__: ClassVar = _STRICT

    code: str
    detail: str


@dataclass(slots=True)
class _Order:
    """What POST /_sandbox/faults may ask for. Lists are added to, numbers and switches are set."""

    __pydantic_config__: ClassVar = _STRICT

    answers: list[AnswerFault] = field(default_factory=list)
    failed_jobs: list[list[_Reason]] = field(default_factory=list)
    endless_jobs: _FEW | None = None
    expired_links: _FEW | None = None
    lost_resources: list[str] = field(default_factory=list)
    recreated_projects: list[str] = field(default_factory=list)
    default_keeps_blanks: dict[str, bool] = field(default_factory=dict)
    withheld: dict[str, Literal[0, 402, 403]] = field(default_factory=dict)
    absolute_links: bool | None = None
    latency: Annotated[float, Field(ge=0, le=60)] | None = None


_ORDERS = TypeAdapter(_Order)


def take_fault(settings: Settings, request: Request, *, storage: bool = False) -> AnswerFault | None:
    """Return what is to be wrong with the answer to this request, and count it, or None."""
    for fault in settings.answer_faults:
        if fault.method not in ("", request.method) or not request.path.startswith(fault.path):
            continue
        if storage and not fault.path:
            continue
        fault.times -= 1
        if fault.times <= 0:
            settings.answer_faults.remove(fault)
        return fault
    return None


def is_carried_out(fault: AnswerFault) -> bool:
    """Return whether what the request asks for is done, whatever the answer says."""
    return fault.kind not in _NOT_CARRIED_OUT if fault.carried_out is None else fault.carried_out


def spoil(fault: AnswerFault, good: Response | None) -> Response:
    """Return the answer with what is wrong about it; ``good`` is the right one, None when nothing was done."""
    if good is None or fault.kind in _NOT_CARRIED_OUT:
        return _refusal(fault)
    if fault.kind is FaultKind.SLOW:
        return replace(good, delay=fault.seconds or 1.0)
    if fault.kind is FaultKind.CUT:
        return replace(good, cut=True)
    return replace(good, body=good.body[: len(good.body) // 2] + b"{")


def _refusal(fault: AnswerFault) -> Response:
    if fault.kind is FaultKind.THROTTLED:
        seconds = None if fault.seconds is None else f"{fault.seconds:g}"
        words = "Request was throttled." + (f" Expected available in {seconds} seconds." if seconds else "")
        headers = {"Retry-After": seconds} if seconds and fault.header else {}
        return Fault(429, words, headers=headers).response()
    if fault.kind is FaultKind.GATEWAY:
        return Response(502, {"Content-Type": "text/html"}, b"<html><title>502 Bad Gateway</title></html>")
    return Fault(500, "Something went wrong, please try again").response()


def refuse_withheld(settings: Settings, request: Request) -> None:
    """Refuse the use of what the plan does not include: what creates or changes it, and totals that are only read.

    Raises:
        Fault: 402, or 403 with words about the plan.
    """
    feature = request.path.removeprefix("/").partition("/")[0]
    status = settings.withheld.get(feature, 0)
    used = request.method in ("POST", "PATCH") or feature == "project_localization_activity"
    if status and used:
        raise Fault(status, "Your current plan does not include this feature.")


def lose_resource(state: State, identifier: str) -> None:
    """Make a resource answer 404 until it is found again.

    Raises:
        Fault: 404, there is none.
    """
    state.lost[identifier] = state.resource(identifier)
    del state.resources[identifier]


def find_resources(state: State) -> None:
    """Bring back all lost resources, except where another one took the place."""
    state.resources = {**state.lost, **state.resources}
    state.lost = {}


def recreate_project(state: State, identifier: str, now: datetime) -> None:
    """Make a project as if somebody had deleted it, created it anew and uploaded its files.

    The texts are there; who translated them, what was reviewed, tags, instructions and comments are not.

    Raises:
        Fault: 404, there is none.
    """
    project = state.project(identifier)
    project.created_at = project.modified_at = now
    for resource in state.resources.values():
        if resource.project == project.id:
            resource.created_at = resource.modified_at = now
            resource.times, resource.activity = {}, {}
            _forget_marks(resource.strings.values(), now)
    state.comments = {key: comment for key, comment in state.comments.items() if not key.startswith(f"{project.id}:")}


def _forget_marks(strings: Iterable[StringState], now: datetime) -> None:
    for string in strings:
        string.created_at = string.strings_modified_at = string.metadata_modified_at = now
        string.instructions, string.tags, string.edited = None, [], False
        for text in string.translations.values():
            text.origin, text.translator, text.translated_at = "UPLOAD", None, now
            text.reviewed, text.reviewer, text.reviewed_at = False, None, None
            text.proofread, text.proofreader, text.proofread_at = False, None, None


def post_faults(exchange: Exchange) -> Response:
    """Answer POST /_sandbox/faults: all of the order or nothing."""
    try:
        order = _ORDERS.validate_json(exchange.request.body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        raise Fault(400, f"{place}: {first['msg']}") from None
    state, settings = exchange.state, exchange.settings
    for identifier in (*order.lost_resources, *order.default_keeps_blanks):
        state.resource(identifier)
    for identifier in order.recreated_projects:
        state.project(identifier)
    _apply(order, settings)
    for identifier, keeps in order.default_keeps_blanks.items():
        state.resource(identifier).default_keeps_blanks = keeps
    for identifier in order.recreated_projects:
        recreate_project(state, identifier, exchange.now)
    for identifier in dict.fromkeys(order.lost_resources):
        lose_resource(state, identifier)
    return get_faults(exchange)


def _apply(order: _Order, settings: Settings) -> None:
    settings.answer_faults += order.answers
    settings.next_job_errors += [[(reason.code, reason.detail) for reason in job] for job in order.failed_jobs]
    if order.endless_jobs is not None:
        settings.endless_jobs = order.endless_jobs
    if order.expired_links is not None:
        settings.expired_links = order.expired_links
    for feature, status in order.withheld.items():
        settings.withheld[feature] = status
    if order.absolute_links is not None:
        settings.absolute_links = order.absolute_links
    if order.latency is not None:
        settings.latency = order.latency


def get_faults(exchange: Exchange) -> Response:
    """Answer GET /_sandbox/faults: what is still to come, in the shape that POST takes."""
    settings = exchange.settings
    order = _Order(
        answers=settings.answer_faults,
        failed_jobs=[[_Reason(code, detail) for code, detail in job] for job in settings.next_job_errors],
        endless_jobs=settings.endless_jobs,
        expired_links=settings.expired_links,
        lost_resources=list(exchange.state.lost),
        default_keeps_blanks={key: each.default_keeps_blanks for key, each in exchange.state.resources.items()},
        withheld={name: 402 if status == 402 else 403 for name, status in settings.withheld.items() if status},
        absolute_links=settings.absolute_links,
        latency=settings.latency,
    )
    return Response(200, {"Content-Type": JSON_API}, _ORDERS.dump_json(order))


def delete_faults(exchange: Exchange) -> Response:
    """Answer DELETE /_sandbox/faults: nothing is wrong any more, and what was lost is found."""
    clear_faults(exchange.settings)
    find_resources(exchange.state)
    return Response(204)


def clear_faults(settings: Settings) -> None:
    """Forget all trouble that is still to come, and answer soon and with relative links again."""
    settings.answer_faults, settings.next_answers, settings.next_job_errors = [], [], []
    settings.endless_jobs, settings.expired_links, settings.withheld = 0, 0, {}
    settings.absolute_links, settings.latency = False, 0.0
