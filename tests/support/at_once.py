"""Several transactions that begin at one moment."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from service.db import Database
from service.deployments.service import find_deployment
from service.errors import NotFound, Refused


def at_once(database: Database, acts: Sequence[Callable[[Any, Any], object]]) -> list[object]:
    """Let all acts begin their transaction at one moment; return what each returned or raised, in order."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[Any, Any], object]) -> object:
        start.wait(timeout=10)
        try:
            with database.write() as session:
                return act(session, find_deployment(session, "iraq"))
        except (Refused, NotFound) as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(run, act) for act in acts]]
