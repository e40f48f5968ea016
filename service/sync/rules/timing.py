"""When what changed here goes to Transifex without anybody asking. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from service.sync.models import RunState

CHOOSING = timedelta(minutes=30)
"""Whoever brings a newer source goes on to choose what of it is translated: until then nothing is sent."""

TRYING_AGAIN = timedelta(hours=1)
"""Between two tries to send what could not be sent."""

LOOKING = timedelta(days=1)
"""After so long a push looks whether everything stands there as we left it, though nothing changed here."""


@dataclass(frozen=True, slots=True)
class LastPush:
    """How the push before ended; ``ended_at`` is None while it runs."""

    started_at: datetime
    ended_at: datetime | None
    state: RunState


def is_push_due(
    last: LastPush | None, *, changed_at: datetime | None, chosen_at: datetime | None, now: datetime
) -> bool:
    """Return whether a deployment is to be pushed by itself.

    Args:
        last: the push before; None for none: the first push is a person's.
        changed_at: when something was last done here that Transifex may have to hear of, None for never.
        chosen_at: when a source was last brought, or somebody chose what of it is translated, None for never.
        now: the time.
    """
    if last is None or last.ended_at is None or last.state is RunState.RUNNING:
        return False
    if chosen_at is not None and now - chosen_at < CHOOSING:
        return False
    if changed_at is not None and changed_at >= last.started_at:
        return True
    if last.state in (RunState.FAILED, RunState.PARTLY):
        return now - last.ended_at >= TRYING_AGAIN
    return now - last.started_at >= LOOKING
