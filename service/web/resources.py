"""What a request may use: made once in ``app.py``, kept at ``app.state.resources``, handed out by dependencies."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import uuid4

import httpx
from fastapi import Depends, Request
from sqlmodel import Session

from service.db import Database
from service.settings import Settings
from service.web.secrets import SecretBox
from service.web.transactions import in_own_thread

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def random_id() -> str:
    """Return a random id for a person, a run or the like: a UUID of version 4."""
    return str(uuid4())


@dataclass(frozen=True)
class Resources:
    """Everything real that a use case may need.

    Attributes:
        clock: the only source of ``now``.
        transifex_transport: stands in for the network towards Transifex in tests and the demo; None: the network.
        primero_transport: the same towards Primero.
        new_id: the source of random ids.
    """

    settings: Settings
    database: Database
    clock: Callable[[], datetime]
    secrets: SecretBox
    transifex_transport: httpx.BaseTransport | None = None
    primero_transport: httpx.BaseTransport | None = None
    new_id: Callable[[], str] = field(default=random_id)


def get_resources(request: Request) -> Resources:
    """Dependency: the resources of this application."""
    resources: Resources = request.app.state.resources
    return resources


ResourcesDep = Annotated[Resources, Depends(get_resources)]


def get_now(resources: ResourcesDep) -> datetime:
    """Dependency: the time of the request, aware, UTC."""
    return resources.clock()


async def get_session(request: Request, resources: ResourcesDep) -> AsyncIterator[Session]:
    """Dependency: a session that reads for GET, HEAD and OPTIONS, a write transaction otherwise.

    Use it as :data:`SessionDep` only: the transaction must be committed before the answer leaves.
    """
    reads = request.method in SAFE_METHODS
    async with in_own_thread(resources.database.read() if reads else resources.database.write()) as session:
        yield session


NowDep = Annotated[datetime, Depends(get_now)]
SessionDep = Annotated[Session, Depends(get_session, scope="function")]
