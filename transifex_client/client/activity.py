"""Calls about who did how much."""

from datetime import date

from transifex_client.client.calls import Calls, filters, given, to_one
from transifex_client.documents import parse_items
from transifex_client.ids import language_id, user_id
from transifex_client.jobs import run_download
from transifex_client.resources import (
    ActivityRow,
    LocalizationActivity,
    add_localization_activity,
    parse_activity_report,
)
from transifex_client.wire import Call


class ActivityCalls(Calls):
    """Totals of a project at once, or a report of each person and language, which not every plan includes."""

    def get_localization_activity(
        self, project: str, *, first_day: date, last_day: date, language: str | None = None
    ) -> LocalizationActivity:
        """Return how many words were translated, reviewed and proofread in a project (its id) between two days, UTC."""
        query = filters(project=project, language=None if language is None else language_id(language))
        query |= {"filter[date][from]": first_day.isoformat(), "filter[date][to]": last_day.isoformat()}
        answer = self._wire.exchange(Call("GET", "/project_localization_activity", query=query), self._short())
        return add_localization_activity(parse_items(answer))

    def download_activity_report(
        self,
        project: str,
        *,
        first_day: date,
        last_day: date | None = None,
        language: str | None = None,
        username: str | None = None,
        first_time_edits: bool = False,
    ) -> tuple[ActivityRow, ...]:
        """Have the activity report of a project (its id) made and return its rows, one for each person and language.

        Transifex makes the numbers once a day. :class:`PlanRequired` when the organization's plan has no reports: then
        only :meth:`get_localization_activity` and the translations themselves tell.
        """
        attributes = given(
            date_from=first_day.isoformat(),
            date_to=None if last_day is None else last_day.isoformat(),
            first_time_edits=first_time_edits or None,
        )
        related = {"project": to_one("projects", project)}
        if language is not None:
            related["language"] = to_one("languages", language_id(language))
        if username is not None:
            related["user"] = to_one("users", user_id(username))
        return parse_activity_report(
            run_download(self._wire, "project_activity_reports_async_downloads", attributes, related)
        )
