"""Trouble on demand: wrong, late, lost and broken answers."""

from dataclasses import dataclass, replace
from enum import StrEnum

from service.primero.sandbox.http import Refusal, Request, Response


class FaultKind(StrEnum):
    """What may be wrong with an answer: it is a refusal (the numbers), late, cut off in the middle, or no JSON.

    ``BUSY`` is Primero's answer while a configuration is being applied.
    """

    THROTTLED = "429"
    FAILED = "500"
    GATEWAY = "502"
    BUSY = "503"
    SLOW = "slow"
    CUT = "cut"
    BROKEN = "broken"


@dataclass(slots=True)
class Fault:
    """Something wrong with the next answers.

    Attributes:
        kind: what is wrong.
        times: with how many answers.
        seconds: of ``BUSY`` and ``THROTTLED``: when to come back; of ``SLOW``: how late it comes.
        carried_out: whether what was asked for is done all the same; None for what is likely for the kind.
        method: only answers to this method; "" for any.
        path: only answers to paths that begin so.
    """

    kind: FaultKind
    times: int = 1
    seconds: float = 1.0
    carried_out: bool | None = None
    method: str = ""
    path: str = ""

    @property
    def is_carried_out(self) -> bool:
        """Return whether what was asked for is done."""
        if self.carried_out is not None:
            return self.carried_out
        return self.kind in (FaultKind.SLOW, FaultKind.CUT, FaultKind.BROKEN)


def take_fault(faults: list[Fault], request: Request) -> Fault | None:
    """Return what is to be wrong with the answer to this request, and count it, or None."""
    for fault in faults:
        if fault.method in ("", request.method) and request.path.startswith(fault.path):
            fault.times -= 1
            if fault.times <= 0:
                faults.remove(fault)
            return fault
    return None


def spoil(fault: Fault, good: Response, resource: str) -> Response:
    """Return the answer with what is wrong about it."""
    match fault.kind:
        case FaultKind.SLOW:
            return replace(good, delay=fault.seconds)
        case FaultKind.CUT:
            return replace(good, cut=True)
        case FaultKind.BROKEN:
            return replace(good, body=good.body[: len(good.body) // 2] + b"{")
        case FaultKind.GATEWAY:
            return Response(502, (("Content-Type", "text/html"),), b"<html><title>502 Bad Gateway</title></html>")
        case FaultKind.FAILED:
            return Refusal(500, "Internal Server Error").response(resource)
        case FaultKind.BUSY:
            return Refusal(503, "Service Unavailable", f"Retry-After: {fault.seconds:g}").response(resource)
        case FaultKind.THROTTLED:
            return Refusal(429, "Too many requests").response(resource)
