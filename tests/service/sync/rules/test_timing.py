"""When a deployment is pushed by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.sync.models import RunState
from service.sync.rules.timing import CHOOSING, LOOKING, TRYING_AGAIN, LastPush, is_push_due

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
A_MOMENT = timedelta(seconds=1)


def push(ago: timedelta, state: RunState = RunState.DONE) -> LastPush:
    """Return a push that began so long ago and took no time."""
    return LastPush(NOW - ago, None if state is RunState.RUNNING else NOW - ago, state)


def due(last: LastPush | None, *, changed: timedelta | None = None, chosen: timedelta | None = None) -> bool:
    """Return whether a push is due when something was changed, and chosen, so long ago."""
    return is_push_due(
        last,
        changed_at=None if changed is None else NOW - changed,
        chosen_at=None if chosen is None else NOW - chosen,
        now=NOW,
    )


HOUR = timedelta(hours=1)


@pytest.mark.parametrize("last", [None, push(HOUR, RunState.RUNNING)])
def test_without_a_push_that_ended_there_is_none(last: LastPush | None) -> None:
    """Neither the first one nor a second beside one that runs, whatever changed."""
    assert not due(last, changed=timedelta(minutes=1))


def test_what_changed_since_the_last_push_began_goes() -> None:
    """Also what changed while it ran, which it may have passed; what changed before it does not go twice."""
    assert due(push(HOUR), changed=HOUR)
    assert due(push(HOUR), changed=timedelta(minutes=1))
    assert not due(push(HOUR), changed=HOUR + A_MOMENT)
    assert not due(push(HOUR))


def test_nothing_goes_while_somebody_chooses() -> None:
    """For a while after a source was brought or its scope changed, also of what failed or is older."""
    for last in (push(HOUR), push(2 * LOOKING), push(LOOKING, RunState.FAILED)):
        assert not due(last, changed=A_MOMENT, chosen=CHOOSING - A_MOMENT)
        assert due(last, changed=A_MOMENT, chosen=CHOOSING)


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.PARTLY])
def test_what_went_wrong_is_tried_again_after_a_while(state: RunState) -> None:
    """Not with every look, but without anybody asking."""
    assert not due(push(TRYING_AGAIN - A_MOMENT, state), changed=2 * HOUR)
    assert due(push(TRYING_AGAIN, state), changed=2 * HOUR)


@pytest.mark.parametrize("state", [RunState.DONE, RunState.NO_CHANGES, RunState.CANCELLED])
def test_once_a_day_there_is_a_look_though_nothing_changed(state: RunState) -> None:
    """It finds what somebody deleted there; one that a person cancelled is not taken up before."""
    assert not due(push(LOOKING - A_MOMENT, state))
    assert due(push(LOOKING, state))
