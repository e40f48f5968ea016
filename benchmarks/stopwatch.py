"""How long the service works on a request: measured around the application, so that no client's part is among it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter, process_time
from typing import NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send


class Seconds(NamedTuple):
    """What something took: by the clock, and of this process's CPU."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        """Return both in milliseconds."""
        return f"{1000 * self.wall:.0f} / {1000 * self.cpu:.0f}"


@dataclass(slots=True)
class Stopwatch:
    """An application around another one, which it times. The client waits meanwhile, and one request is sent at a time.

    ``last`` is what the last request took, up to the last byte of its answer.
    """

    app: ASGIApp
    last: Seconds = field(default_factory=lambda: Seconds(0, 0))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        start, began = perf_counter(), process_time()

        async def send_and_note(message: dict[str, object]) -> None:
            # Noted before it is sent: whoever has the last byte may look.
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self.last = Seconds(perf_counter() - start, process_time() - began)
            await send(message)  # type: ignore[arg-type]

        await self.app(scope, receive, send_and_note)  # type: ignore[arg-type]


def middle(taken: Sequence[Seconds]) -> Seconds:
    """Return the medians."""
    return Seconds(median(each.wall for each in taken), median(each.cpu for each in taken))
