"""Pure plans: what a registration changes here, and how the team on Transifex differs from what is registered."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from service.volunteers.models import VolunteerRole
from service.volunteers.rules import Registration, parse_registration

Row = tuple[int, Mapping[str, str]]


class Outcome(StrEnum):
    """What becomes of one registration."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Known:
    """A person whom the service knows by address or Transifex username.

    ``languages`` is None for somebody who is no volunteer of this deployment. ``has_account``: signs in here.
    """

    person_id: str
    name: str = ""
    email: str = ""
    transifex: str = ""
    note: str = ""
    languages: Mapping[str, VolunteerRole] | None = None
    left: bool = False
    has_account: bool = False


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What becomes of one row. ``merge_into`` is the person whom ``person_id`` turns out to be on Transifex."""

    line: int
    label: str
    outcome: Outcome
    why: str = ""
    registration: Registration | None = None
    person_id: str | None = None
    merge_into: str | None = None


def plan_import(rows: Iterable[Row], known: Sequence[Known], locales: Collection[str]) -> list[PlannedRow]:
    """Return an answer for each row of a file. Applied, and planned again, every row is unchanged."""
    seen: dict[str, int] = {}
    planned = []
    for line, cells in rows:
        label = next((cells[name] for name in ("name", "transifex", "email") if cells.get(name)), "")[:80]
        try:
            registration = parse_registration(cells, locales)
            _refuse_twice(registration, line, seen)
            planned.append(_plan_row(line, registration, known))
        except ValueError as error:
            planned.append(PlannedRow(line, label, Outcome.REFUSED, str(error)))
    return planned


def _refuse_twice(registration: Registration, line: int, seen: dict[str, int]) -> None:
    for what, value in (("e-mail address", registration.email.casefold()), ("username", f"@{registration.transifex}")):
        if value in ("", "@"):
            continue
        if value in seen:
            raise ValueError(f"line {seen[value]} has the same {what}")
        seen[value] = line


def _plan_row(line: int, wanted: Registration, known: Sequence[Known]) -> PlannedRow:
    by_email = next((k for k in known if wanted.email and k.email.casefold() == wanted.email.casefold()), None)
    by_name = next((k for k in known if wanted.transifex and k.transifex == wanted.transifex), None)
    merge_into = None
    found = by_email or by_name
    if by_email is not None and by_name is not None and by_email.person_id != by_name.person_id:
        require_same(by_email, by_name)
        merge_into = by_name.person_id
    elif by_email is not None and wanted.transifex and by_email.transifex not in ("", wanted.transifex):
        raise ValueError(f"this address belongs to {by_email.transifex} on Transifex here")
    if found is None:
        return PlannedRow(line, wanted.label, Outcome.ADDED, registration=wanted)
    if found.languages is None:
        return PlannedRow(line, wanted.label, Outcome.ADDED, "", wanted, found.person_id, merge_into)
    changed = merge_into is not None or changes(found, wanted)
    outcome = Outcome.CHANGED if changed else Outcome.UNCHANGED
    return PlannedRow(line, wanted.label, outcome, "", wanted, found.person_id, merge_into)


def require_same(registered: Known, translator: Known) -> None:
    """Do nothing where somebody registered by address can be the one who is known by a Transifex username.

    Raises:
        ValueError: they must be two; the message says why, without its full stop.
    """
    if registered.transifex and registered.transifex != translator.transifex:
        raise ValueError(f"this person is {registered.transifex} on Transifex here")
    if translator.email and translator.email.casefold() != registered.email.casefold():
        raise ValueError(f"{translator.transifex} is registered here with another address")
    if registered.has_account:
        raise ValueError(
            f"this person signs in here, and {translator.transifex} is kept as another person: name the account's "
            "Transifex username with `primero-bridge user transifex` before the first pull"
        )


def changes(found: Known, wanted: Registration) -> bool:
    """Return whether the registration tells something that is not known yet; what it leaves out stays."""
    pairs = (
        (wanted.name, found.name),
        (wanted.email.casefold(), found.email.casefold()),
        (wanted.transifex, found.transifex),
        (wanted.note, found.note),
    )
    languages = found.languages or {}
    return (
        found.left
        or any(new and new != old for new, old in pairs)
        or any(languages.get(locale) is not wanted.role for locale in wanted.languages)
    )


@dataclass(frozen=True, slots=True)
class Registered:
    """A volunteer as the reconciliation sees one: ``languages`` are the locales with the role registered.

    Somebody who left the team by themselves has ``joined`` too; whom somebody here took out has not.
    """

    volunteer_id: int
    person_id: str
    transifex: str
    languages: Mapping[str, VolunteerRole]
    joined: bool = False
    left: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A membership of the team on Transifex, in one of the deployment's locales."""

    username: str
    locale: str
    role: str


@dataclass(frozen=True, slots=True)
class Addition:
    """Somebody to be put into the team for a language."""

    volunteer_id: int
    username: str
    locale: str
    language: str
    role: VolunteerRole


@dataclass(frozen=True, slots=True)
class OtherRole:
    """Somebody has another role there than here; a person decides which one is right."""

    volunteer_id: int
    username: str
    locale: str
    here: VolunteerRole
    there: str


@dataclass(frozen=True, slots=True)
class TeamPlan:
    """How the team on Transifex differs from who is registered here, and what follows.

    Attributes:
        additions: the service can do these.
        invitations: a person must do these, by e-mail: volunteers (by id) without a username, with their locales.
        other_roles: told, not changed.
        joined: volunteers who are seen for the first time, or again.
        gone: volunteers who were there and are no more.
        lingering: volunteers who left, and still are in the team.
        candidates: usernames that nobody registered, with their locales and roles.
        unmapped: volunteers (by id) with locales that no Transifex language serves.
    """

    additions: list[Addition] = field(default_factory=list)
    invitations: dict[int, list[str]] = field(default_factory=dict)
    other_roles: list[OtherRole] = field(default_factory=list)
    joined: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    lingering: list[int] = field(default_factory=list)
    candidates: dict[str, dict[str, str]] = field(default_factory=dict)
    unmapped: dict[int, list[str]] = field(default_factory=dict)


def plan_team(
    registered: Iterable[Registered],
    seen: Iterable[Seen],
    languages: Mapping[str, str],
    *,
    own_users: Collection[str],
) -> TeamPlan:
    """Return how the team differs from who is registered.

    Args:
        registered: the volunteers of a deployment.
        seen: the team's memberships in its locales.
        languages: the Transifex language of each locale that has one.
        own_users: usernames of this service, never candidates.
    """
    plan = TeamPlan()
    there: dict[str, dict[str, str]] = {}
    for member in seen:
        there.setdefault(member.username, {})[member.locale] = member.role
    usernames = set()
    for volunteer in registered:
        usernames.add(volunteer.transifex)
        _compare(plan, volunteer, there.get(volunteer.transifex, {}) if volunteer.transifex else {}, languages)
    for username in sorted(set(there) - usernames - set(own_users)):
        plan.candidates[username] = there[username]
    return plan


def _compare(plan: TeamPlan, who: Registered, there: Mapping[str, str], languages: Mapping[str, str]) -> None:
    if who.left and not (there and who.joined):
        if there:
            plan.lingering.append(who.volunteer_id)
        return
    if there and (who.left or not who.joined):
        plan.joined.append(who.volunteer_id)
    if who.joined and not there:
        # Neither asked again nor put back: whoever left had a reason.
        plan.gone.append(who.volunteer_id)
        return
    for locale, role in sorted(who.languages.items()):
        if locale not in languages:
            plan.unmapped.setdefault(who.volunteer_id, []).append(locale)
        elif not who.transifex:
            plan.invitations.setdefault(who.volunteer_id, []).append(locale)
        elif locale not in there:
            plan.additions.append(Addition(who.volunteer_id, who.transifex, locale, languages[locale], role))
        elif there[locale] != role:
            plan.other_roles.append(OtherRole(who.volunteer_id, who.transifex, locale, role, there[locale]))
