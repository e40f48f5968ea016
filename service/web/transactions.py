"""A request's transaction, opened and closed off the event loop and off the pool of threads that serve requests."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager

from sqlmodel import Session


@contextlib.asynccontextmanager
async def in_own_thread(transaction: AbstractContextManager[Session]) -> AsyncIterator[Session]:
    """Enter and leave ``transaction`` in one thread of its own; yield its session, connected.

    Why not simply a ``yield`` dependency in the shared pool: each step of a request runs in any thread of that pool.
    While one request holds SQLite's write queue (or the last connection), the others that wait for it would fill the
    pool, and the one they wait for would find no thread to go on in. Waiting here costs a thread that nobody needs.
    The queue knows its holder by the thread, so the thread must serve nobody else meanwhile.
    """
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="transaction")
    try:
        entering = executor.submit(_enter, transaction)
        try:
            session = await asyncio.shield(asyncio.wrap_future(entering))
        except asyncio.CancelledError as cancelled:
            executor.submit(_leave_after, transaction, entering, cancelled)
            raise
        try:
            yield session
        except BaseException as error:
            await _leave(executor, transaction, error)
            raise
        else:
            await _leave(executor, transaction, None)
    finally:
        executor.shutdown(wait=False)


def _enter(transaction: AbstractContextManager[Session]) -> Session:
    session = transaction.__enter__()
    try:
        # Connect now: a wait for a free connection belongs into this thread as well.
        session.connection()
    except BaseException as error:
        transaction.__exit__(type(error), error, error.__traceback__)
        raise
    return session


async def _leave(
    executor: ThreadPoolExecutor, transaction: AbstractContextManager[Session], error: BaseException | None
) -> None:
    kind, traceback = (type(error), error.__traceback__) if error else (None, None)
    await asyncio.shield(asyncio.wrap_future(executor.submit(transaction.__exit__, kind, error, traceback)))


def _leave_after(transaction: AbstractContextManager[Session], entering: Future[Session], error: BaseException) -> None:
    # The request was given up while it waited: what it got meanwhile must be given back.
    if entering.exception() is None:
        transaction.__exit__(type(error), error, error.__traceback__)
