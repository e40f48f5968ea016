"""Pure decisions about volunteers: how one stands, and what a registration must hold."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service.mail.rules import is_address
from service.volunteers.models import VolunteerRole
from service.web.languages import N_

QUIET_AFTER = timedelta(days=30)
"""Without a text for so long, somebody who joined counts as quiet."""
ROLES = {
    VolunteerRole.TRANSLATOR: N_("translator"),
    VolunteerRole.REVIEWER: N_("reviewer"),
    VolunteerRole.COORDINATOR: N_("coordinator"),
}
"""What the roles are called."""
COLUMNS = ("name", "email", "transifex", "languages", "role", "note")
"""The columns of a file of volunteers."""
SHOWN = ("number", "state", "last text")
"""What else stands in the list that the service hands out; the import passes it over."""
NEEDED = ("languages",)

TRANSIFEX = "https://app.transifex.com"
"""Where people work; the API lies elsewhere."""
_USERNAME = re.compile(r"[A-Za-z0-9._-]{1,150}")
_BETWEEN = re.compile(r"[\s,;|]+")


class VolunteerState(StrEnum):
    """How a volunteer stands."""

    REGISTERED = "registered"
    INSTRUCTED = "instructed"
    JOINED = "joined"
    ACTIVE = "active"
    QUIET = "quiet"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Facts:
    """When what happened; None: never. ``wrote_at`` is when the person's last text in the deployment was written."""

    instructed_at: datetime | None = None
    joined_at: datetime | None = None
    left_at: datetime | None = None
    wrote_at: datetime | None = None


def state_of(facts: Facts, now: datetime) -> VolunteerState:
    """Return how somebody stands: what was done last counts, and whoever writes is there, whatever a list says."""
    wrote, joined, left = facts.wrote_at, facts.joined_at, facts.left_at
    if left is not None and (wrote is None or wrote <= left):
        return VolunteerState.LEFT
    if wrote is not None:
        return VolunteerState.ACTIVE if now - wrote <= QUIET_AFTER else VolunteerState.QUIET
    if joined is not None:
        return VolunteerState.JOINED if now - joined <= QUIET_AFTER else VolunteerState.QUIET
    return VolunteerState.REGISTERED if facts.instructed_at is None else VolunteerState.INSTRUCTED


@dataclass(frozen=True, slots=True)
class Registration:
    """What is known of a volunteer; "" for what is not. ``languages`` are Primero's codes, each once."""

    name: str
    email: str
    transifex: str
    languages: tuple[str, ...]
    role: VolunteerRole
    note: str = ""

    @property
    def label(self) -> str:
        """Return what to call the person in an answer."""
        return self.name or self.transifex or self.email


def parse_registration(cells: Mapping[str, str], known: Collection[str]) -> Registration:
    """Return the registration that these cells hold.

    Args:
        cells: by the names in :data:`COLUMNS`; missing ones are empty.
        known: the deployment's locales.

    Raises:
        ValueError: it cannot be used; the message says why, without its full stop.
    """
    name, note = _line(cells, "name", 200), _line(cells, "note", 1000)
    email, transifex = cells.get("email", "").strip(), cells.get("transifex", "").strip()
    if not email and not transifex:
        raise ValueError("an e-mail address or a Transifex username is needed")
    if email and not is_address(email):
        raise ValueError(f"{email[:60]!r} is no e-mail address")
    if transifex and not _USERNAME.fullmatch(transifex):
        raise ValueError(f"{transifex[:60]!r} is no Transifex username: no address, no link, the name alone")
    return Registration(name, email, transifex, _languages(cells, known), _role(cells), note)


def _line(cells: Mapping[str, str], column: str, longest: int) -> str:
    text = " ".join(cells.get(column, "").split())
    if len(text) > longest:
        raise ValueError(f"the {column} is longer than {longest:,} characters")
    if not text.isprintable():
        raise ValueError(f"the {column} holds a character that cannot be shown")
    return text


def _languages(cells: Mapping[str, str], known: Collection[str]) -> tuple[str, ...]:
    by_name = {code.casefold().replace("_", "-"): code for code in known}
    wanted = [part for part in _BETWEEN.split(cells.get("languages", "").strip()) if part]
    if not wanted:
        raise ValueError("a language is needed, such as ar")
    found = []
    for part in wanted:
        code = by_name.get(part.casefold().replace("_", "-"))
        if code is None:
            raise ValueError(
                f"{part[:20]!r} is no language of this deployment, which has {', '.join(sorted(known)) or 'none yet'}"
            )
        found.append(code)
    return tuple(dict.fromkeys(found))


def _role(cells: Mapping[str, str]) -> VolunteerRole:
    text = cells.get("role", "").strip().casefold()
    try:
        return VolunteerRole(text) if text else VolunteerRole.TRANSLATOR
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no role: use {', '.join(VolunteerRole)}") from None


def project_address(project: str | None) -> str | None:
    """Return where people find a project (``o:ORG:p:PROJECT``) on Transifex, None where there is none."""
    organization, _, slug = (project or "").removeprefix("o:").partition(":p:")
    return f"{TRANSIFEX}/{organization}/{slug}/" if slug else None
