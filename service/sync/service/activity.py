"""Who did how much on Transifex, as its activity report tells: for the thanks and the planning of a team."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from service.deployments.client import find_project, translate_errors
from service.deployments.models import Deployment
from service.errors import Refused
from transifex_client import TransifexClient
from transifex_client.errors import PlanRequired
from transifex_client.resources import ActivityRow


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one user of Transifex did in one language, in words of the source.

    ``locale`` is None where the language is none of the deployment's; ``ours`` marks what this service wrote itself.
    """

    locale: str | None
    language: str
    username: str
    translated: int
    edited: int
    reviewed: int
    proofread: int
    ours: bool


def fetch_activity(
    client: TransifexClient,
    deployment: Deployment,
    *,
    locales: Mapping[str, str],
    own_users: Collection[str],
    days: int,
    today: date,
) -> list[Contribution]:
    """Return who did something in the last days, by language, those who did most first. Costs a few requests.

    Args:
        client: reaches the deployment's Transifex.
        deployment: whose project it is about.
        locales: the deployment's locales by Transifex language.
        own_users: the Transifex users that this service writes as.
        days: how many days, today the last of them; Transifex makes the numbers once a day.
        today: the day, UTC.

    Raises:
        Refused: the organization's plan has no such reports, the token may not see them, or there is no project.
        RemoteUnreachable: Transifex does not answer.
    """
    project = find_project(deployment)
    with translate_errors():
        try:
            rows = client.download_activity_report(project, first_day=today - timedelta(days=days - 1), last_day=today)
        except PlanRequired as error:
            raise Refused(
                "The Transifex organization's plan has no activity reports, so Transifex does not tell who did how "
                f"much: `primero-bridge status {deployment.slug}` shows how far each language is."
            ) from error
    found = [_contribution(row, locales, own_users) for row in rows]
    return sorted(
        (one for one in found if one.translated or one.edited or one.reviewed or one.proofread),
        key=lambda one: (one.language, -(one.translated + one.edited + one.reviewed + one.proofread), one.username),
    )


def _contribution(row: ActivityRow, locales: Mapping[str, str], own_users: Collection[str]) -> Contribution:
    language = row.language.removeprefix("l:")
    return Contribution(
        locales.get(language), language, row.username, row.new_words, row.edited_words, row.reviewed_words,
        row.proofread_words, ours=row.username in own_users,
    )  # fmt: skip
