"""The clock and the people of tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from service.auth.models import Account, ApiToken, Membership, Person, Role
from service.auth.values import hash_value
from service.db import Database

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class MovableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def move(self, **by: float) -> datetime:
        """Move the clock, ``minutes=5`` for one, and return the new time."""
        self.time += timedelta(**by)
        return self.time


class UserMaker:
    """Makes users straight in the database, each with a token: ``make_user("reviewer", deployment, ["ar"])``."""

    def __init__(self, database: Database, clock: MovableClock) -> None:
        self.database = database
        self.clock = clock
        self.numbers = count(1)

    def __call__(
        self,
        role: str | Role | None,
        deployment: int | None = None,
        locales: Sequence[str] | None = None,
        *,
        username: str | None = None,
        password_hash: str | None = None,
    ) -> tuple[str, str]:
        """Return the id of a new person and a token; ``role`` None makes one without memberships."""
        number = next(self.numbers)
        person_id, token = f"00000000-0000-4000-8000-{number:012d}", f"ptb_test-token-{number}"
        now = self.clock()
        name = username or f"{role or 'nobody'}-{number}"
        with self.database.write() as session:
            session.add(Person(id=person_id, created_at=now))
            session.flush()
            session.add(Account(person_id=person_id, username=name, password_hash=password_hash, created_at=now))
            session.add(ApiToken(person_id=person_id, token_hash=hash_value(token), created_at=now))
            if role is not None:
                wanted = None if locales is None else list(locales)
                session.add(
                    Membership(
                        person_id=person_id,
                        deployment_id=deployment,
                        role=Role(role),
                        locales=wanted,
                        created_at=now,
                    )
                )
        return person_id, token
