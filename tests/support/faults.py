"""Every trouble that the sandbox can make, where it strikes a sync, and the cycle that has to come through it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from service.catalog.models import RejectReason
from service.db import Database
from service.errors import ServiceError
from service.sync.service import RunReport
from tests.support.people import MovableClock
from tests.support.syncing import Intercept, World
from tools.kill_runs.dump import dump_ours, dump_theirs
from transifex_client import Configuration, TransifexClient
from transifex_client.sandbox.core import AnswerFault, FaultKind, Settings
from transifex_client.sandbox.faults import clear_faults, find_resources, lose_resource, recreate_project
from transifex_client.wire import httpx

POINTS: dict[str, tuple[str, ...]] = {
    "push": (
        r"GET /resources", r"GET /projects/[^/]+", r"POST /projects/.+/relationships/languages", r"POST /resources",
        r"POST /resource_strings_async_uploads", r"GET /resource_strings_async_uploads/.+", r"GET /resources/.+",
    ),
    "pull": (r"GET /resource_language_stats", r"GET /resource_translations"),
    "verdicts": (
        r"GET /resource_translations", r"PATCH /resource_translations", r"POST /resource_string_comments",
        r"GET /resource_string_comments", r"PATCH /resource_string_comments/.+",
    ),
    "context": (r"GET /resource_strings", r"PATCH /resource_strings"),
}  # fmt: skip
"""The requests of each part of a sync, in their order. A push has three parts: the texts, their context, verdicts."""

STRUCK = {"push": (1, 2), "pull": (1, 2), "verdicts": (2, 3), "context": (1, 2)}
"""In which pushes, or pulls, of a cycle a part is struck: those in which it has something to do."""

Strike = Callable[[World, httpx.Request], "httpx.Response | None"]


@dataclass(frozen=True)
class Fault:
    """One trouble, in the words of the table in the docs.

    Attributes:
        name: as in the table.
        parts: where it can strike.
        strike: makes it happen to one request.
        says: by part, a piece of what the person is told while it lasts; "" for nothing that would name it.
        passing: whether one such answer goes by unseen, because the request is sent again.
        whole: whether it strikes once between two runs, instead of at requests.
        costs: by part, what is lost with the thing itself, and nobody can bring back; see :data:`COSTS`.
        points: the requests that it strikes, where it cannot strike all of its part.
    """

    name: str
    parts: tuple[str, ...]
    strike: Strike
    says: dict[str, str] = field(default_factory=dict)
    passing: bool = True
    whole: bool = False
    costs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    points: tuple[str, ...] = ()

    def points_of(self, part: str) -> tuple[str, ...]:
        """Return the requests of a part that it strikes."""
        return self.points or POINTS[part]


def _answer(kind: FaultKind, **more: object) -> Strike:
    def strike(world: World, _request: httpx.Request) -> None:
        world.sandbox.settings.answer_faults = [AnswerFault(kind, **more)]  # type: ignore[arg-type]

    return strike


def _refuse(status: int, detail: str) -> Strike:
    def strike(_world: World, _request: httpx.Request) -> httpx.Response:
        body = {"errors": [{"status": str(status), "code": "x", "title": "X", "detail": detail}]}
        return httpx.Response(status, json=body)

    return strike


def _drop(*, arrives: bool) -> Strike:
    def strike(world: World, request: httpx.Request) -> None:
        if not arrives:
            raise httpx.ConnectError("No way there.", request=request)
        world.arrive(request)
        raise httpx.ReadError("The line is dead.", request=request)

    return strike


class Killed(BaseException):
    """The process dies here."""


def _kill(*, arrives: bool) -> Strike:
    def strike(world: World, request: httpx.Request) -> None:
        if arrives:
            world.arrive(request)
        raise Killed

    return strike


def _fail_job(world: World, _request: httpx.Request) -> None:
    world.sandbox.settings.next_job_errors = [[("parse_error", "It cannot read this.")]]


def _hang_job(world: World, _request: httpx.Request) -> None:
    world.sandbox.settings.endless_jobs = 1


def _expire_links(world: World, _request: httpx.Request | None = None) -> None:
    world.sandbox.settings.expired_links = 1000


def _leave_blanks_out(world: World, _request: httpx.Request | None = None) -> None:
    for resource in world.sandbox.state.resources.values():
        resource.default_keeps_blanks = not resource.default_keeps_blanks


def _lose(world: World, _request: httpx.Request) -> None:
    for place in list(world.sandbox.state.resources):
        lose_resource(world.sandbox.state, place)


def _delete(world: World, _request: httpx.Request | None = None) -> None:
    state = world.sandbox.state
    place = world.place(NAME)
    state.resources.pop(place, None)
    state.comments = {key: each for key, each in state.comments.items() if not each.string.startswith(f"{place}:")}


def _recreate(world: World, _request: httpx.Request | None = None) -> None:
    recreate_project(world.sandbox.state, world.project, world.clock())


_ALL = ("push", "pull", "verdicts", "context")
_BUSY = dict.fromkeys(_ALL, "Transifex does not answer as it should: try again later")
_WRONG = dict.fromkeys(_ALL, "Transifex answered in a way that cannot be used")

FAULTS = (
    Fault("429 with `Retry-After`", _ALL, _answer(FaultKind.THROTTLED, seconds=7.0), _BUSY),
    Fault("429 without `Retry-After`", _ALL, _answer(FaultKind.THROTTLED), _BUSY),
    Fault("500", _ALL, _answer(FaultKind.FAILED), _BUSY),
    Fault("500 after it was done", _ALL, _answer(FaultKind.FAILED, carried_out=True), _BUSY),
    Fault("502", _ALL, _answer(FaultKind.GATEWAY), _BUSY),
    Fault("slow answer", _ALL, _answer(FaultKind.SLOW, seconds=60.0), _BUSY),
    Fault("cut body", _ALL, _answer(FaultKind.CUT), _BUSY),
    Fault("broken JSON", _ALL, _answer(FaultKind.BROKEN), _WRONG, passing=False),
    Fault("no connection", _ALL, _drop(arrives=False), _BUSY),
    Fault("connection dropped after it was done", _ALL, _drop(arrives=True), _BUSY),
    Fault("killed before a request", _ALL, _kill(arrives=False), passing=False),
    Fault("killed after a request", _ALL, _kill(arrives=True), passing=False),
    Fault("failed job", ("push",), _fail_job, {"push": "Transifex took the file and could not use it"}, passing=False),
    Fault("never-ending job", ("push",), _hang_job, _BUSY, passing=False),
    Fault("expired download link", ("pull",), _expire_links, whole=True),
    Fault("YAML downloads without blanks", ("pull",), _leave_blanks_out, whole=True),
    Fault("401", _ALL, _refuse(401, "Bad token."), dict.fromkeys(_ALL, "does not take the token"), passing=False),
    Fault("402", _ALL, _refuse(402, "Not included."), dict.fromkeys(_ALL, "plan does not include this"), passing=False),
    Fault("403", _ALL, _refuse(403, "No."), dict.fromkeys(_ALL, "may not do this on Transifex"), passing=False),
    Fault(
        "lost resource", ("push",), _lose, {"push": "Transifex does not have this"}, passing=False,
        points=(r"POST /resource_strings_async_uploads", r"GET /resource_strings_async_uploads/.+"),
    ),
    Fault("lost resource", _ALL[1:], _lose, dict.fromkeys(_ALL, "Transifex does not have this"), passing=False),
    Fault("deleted resource", ("push",), _delete, whole=True, costs={"push": ("credit", "comments", "emptied")}),
    Fault(
        "project re-created", _ALL, _recreate, whole=True,
        costs={part: ("credit", "comments", "emptied", *(["authors"] if part == "pull" else [])) for part in _ALL},
    ),
)  # fmt: skip
"""The one list: the table of the docs has a row for each fault and part, and each is run through a whole cycle."""

CASES = [(fault, part) for fault in FAULTS for part in fault.parts]

NAME = "form/consent/name"
AGE = "form/consent/age/display_name"
HELP = "form/consent/age/help_text"
NOTE = "form/visit/name"
PLACE = "form/visit/place/display_name"
SEX = "lookup/lookup-sex/lookup_values/f"
OTHER = "lookup/lookup-sex/lookup_values/other"
SOURCES = {
    NAME: "Consent", AGE: "Age", HELP: "In years", NOTE: "Visits", PLACE: "Where did we meet?", SEX: "Female",
    OTHER: "Other",
}  # fmt: skip
FRENCH = {
    NAME: "Consentement", AGE: "Âge", HELP: "En années", NOTE: "Visites", PLACE: "Où était-ce ?", SEX: "Femme",
    OTHER: "Autre",
}  # fmt: skip


class Cycle:
    """Push, volunteers, pull, review, and again; with a fault in one part of it, or with none."""

    def __init__(
        self,
        database: Database,
        clock: MovableClock,
        fault: Fault | None = None,
        part: str = "",
        *,
        empties: bool = True,
    ) -> None:
        self.fault, self.part, self.empties = fault, part, empties
        self.world = World(database, clock, locales={"fr": "fr", "ar": "ar"}, settings=Settings(pending_polls=1))
        self.said: list[str] = []
        self.struck: set[str] = set()
        self.runs: Counter[str] = Counter()
        world = self.world

        def wait(seconds: float) -> None:
            clock.move(seconds=seconds)

        def carry(request: httpx.Request) -> httpx.Response:
            world.requests.append(request)
            return world.intercept(request) or world.arrive(request)

        # Its waits pass on the one clock, so that deadlines come.
        world.client = TransifexClient(
            Configuration(token="bot-token", deadline=30.0, long_deadline=60.0),
            transport=httpx.MockTransport(carry), sleep=wait, clock=lambda: clock().timestamp(), chance=lambda: 0.0,
        )  # fmt: skip

    def play(self) -> list[str]:
        """Play it to its end and return what both sides hold then."""
        world = self.world
        world.bring(SOURCES)
        self.push()
        world.translate(FRENCH)
        world.translate({NAME: "موافقة", AGE: "العمر"}, language="ar", by="karim")
        self.pull()
        world.approve(NAME)
        world.approve(AGE, locale="ar")
        world.correct(AGE, "Quel âge ?")
        world.approve(AGE, by="other")
        world.correct(OTHER, "Un autre")
        note = world.reject(NOTE, reason=RejectReason.TERM, comment="We say «rencontres».")
        world.reject(SEX, reason=RejectReason.TONE)
        world.bring_texts({PLACE: "أين التقينا؟"}, locale="ar")
        world.bring({**SOURCES, HELP: "In full years", "form/visit/end/display_name": "How did it end?"})
        self.push()
        world.translate({NAME: "Accord", SEX: "Féminin", HELP: "En années révolues"})
        if self.empties:
            world.translate({PLACE: None})
        self.pull()
        world.reopen(NOTE, note)
        world.approve(SEX, by="other")
        world.approve(HELP)
        world.correct(NAME, "Votre accord")
        world.approve(OTHER, by="other")
        self.push()
        self.pull()
        return self.end()

    def end(self) -> list[str]:
        """Have the fault end, and one more ordinary cycle; return what both sides hold."""
        world = self.world
        clear_faults(world.sandbox.settings)
        if self.fault is not None and self.fault.whole:
            world.send(marks=True)
        for _ in range(2):
            world.push()
            world.pull()
        return [*dump_ours(world.database), *dump_theirs(world.sandbox.state)]

    def push(self) -> None:
        """Push, in spite of the fault where it strikes a push."""
        self._run(lambda: self.world.push(allow_removals=True), "push", "verdicts", "context")

    def pull(self) -> None:
        """Pull, in spite of the fault where it strikes a pull."""
        self._run(lambda: self.world.pull(workers=1), "pull")

    def _run(self, run: Callable[[], RunReport], *parts: str) -> None:
        self.runs[parts[0]] += 1
        if self.fault is not None and self.part in parts and self.runs[parts[0]] in STRUCK[self.part]:
            if self.fault.whole:
                self.fault.strike(self.world, httpx.Request("GET", "https://example.org"))
            else:
                self._run_troubled(run, self.fault)
        run()

    def _run_troubled(self, run: Callable[[], RunReport], fault: Fault) -> None:
        points = fault.points_of(self.part)
        for number in range(len(points)):
            # It fails a point further on each time: a run that gets through would leave nothing for the next.
            with self._striking(fault, dict.fromkeys(points[number:], 10_000)):
                self._try(run)
        if fault.passing:
            # One wrong answer at each point: nobody sees anything of it.
            with self._striking(fault, dict.fromkeys(points, 1)):
                run()

    def _try(self, run: Callable[[], RunReport]) -> None:
        try:
            self.said.append(run().message)
        except ServiceError as error:
            self.said.append(error.message)
        except Killed:
            self.said.append("")

    @contextmanager
    def _striking(self, fault: Fault, points: dict[str, int]) -> Iterator[None]:
        self.world.intercept = self._intercept(fault, points)
        yield
        self.world.intercept = lambda _request: None
        clear_faults(self.world.sandbox.settings)
        find_resources(self.world.sandbox.state)

    def _intercept(self, fault: Fault, points: dict[str, int]) -> Intercept:
        def intercept(request: httpx.Request) -> httpx.Response | None:
            for point, left in points.items():
                if left and re.fullmatch(point, f"{request.method} {request.url.path}"):
                    points[point] -= 1
                    self.struck.add(point)
                    return fault.strike(self.world, request)
            return None

        return intercept


COSTS = {
    "credit": ("theirs", r'"(origin|by)": [^,}]+|theirs words .*'),
    "comments": ("", r'theirs comment .*|"issue": [^,}]+'),
    "authors": ("ours", r'ours person .*|"author": [^,}]+'),
    "emptied": ("", "^$"),
}
"""What may go with a thing: in which lines of a dump it stands, and how. A text that a volunteer emptied is kept by us
where its string was made anew: nobody can tell whether a person or that emptied it."""


def without(lines: list[str], costs: tuple[str, ...]) -> list[str]:
    """Return the lines less what a fault takes away with the thing that it destroys."""
    for cost in costs:
        side, pattern = COSTS[cost]
        lines = [re.sub(pattern, "", line) if line.startswith(side) else line for line in lines]
    return sorted(filter(None, lines))
