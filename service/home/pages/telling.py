"""Forecasts and what needs someone, in words."""

from dataclasses import dataclass

from service.checks.locales import LocaleInfo, get_locale
from service.progress.rules.forecast import Forecast, Limit, Unknown
from service.progress.rules.needs import Need, NeedKind
from service.web.languages import N_, Nn_, Words

_WHY = {
    Unknown.NOTHING: N_("nothing is to be translated"),
    Unknown.SHORT: N_("not enough data"),
    Unknown.STANDS: N_("nothing moves"),
}
_LIMIT = {Limit.TRANSLATION: N_("limited by translation"), Limit.REVIEW: N_("limited by review")}
_NEEDS = {
    NeedKind.OVERDUE: Nn_(
        "The deadline passed %(num)s day ago, on %(day)s", "The deadline passed %(num)s days ago, on %(day)s"
    ),
    NeedKind.AT_RISK: Nn_(
        "The deadline is at risk: %(num)s day left, %(day)s", "The deadline is at risk: %(num)s days left, %(day)s"
    ),
    NeedKind.FAILED_RUN: Nn_("The last exchange with Transifex failed", "The last exchange with Transifex failed"),
    NeedKind.FAILED_LOOK: Nn_(
        "The last look at the team on Transifex failed", "The last look at the team on Transifex failed"
    ),
    NeedKind.CONFLICTS: Nn_("%(num)s text changed on both sides", "%(num)s texts changed on both sides"),
    NeedKind.BLOCKED: Nn_("%(num)s text is blocked by a check", "%(num)s texts are blocked by a check"),
    NeedKind.NO_REVIEWER: Nn_(
        "No reviewer yet; %(num)s text is not approved", "No reviewer yet; %(num)s texts are not approved"
    ),
    NeedKind.QUESTIONS: Nn_("%(num)s question of a volunteer waits", "%(num)s questions of volunteers wait"),
    NeedKind.INVITATIONS: Nn_("%(num)s person waits for an invitation", "%(num)s people wait for an invitation"),
    NeedKind.STALE: Nn_("%(num)s text is older than its source", "%(num)s texts are older than their source"),
    NeedKind.QUIET: Nn_("Nothing moved for %(num)s day", "Nothing moved for %(num)s days"),
}
_ACTIONS = {
    NeedKind.OVERDUE: N_("Set another day"),
    NeedKind.AT_RISK: N_("See why"),
    NeedKind.FAILED_RUN: N_("See what happened"),
    NeedKind.FAILED_LOOK: N_("See what happened"),
    NeedKind.CONFLICTS: N_("Choose"),
    NeedKind.BLOCKED: N_("Correct them"),
    NeedKind.NO_REVIEWER: None,
    NeedKind.QUESTIONS: N_("Answer"),
    NeedKind.INVITATIONS: N_("Invite"),
    NeedKind.STALE: N_("Look at them"),
    NeedKind.QUIET: N_("See since when"),
}


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One line of the list: what, of which language, and the way to do something about it.

    Without an ``address`` it is done on the command line, as ``command`` says.
    """

    info: LocaleInfo | None
    text: str
    action: str
    address: str
    command: str


def say_forecast(told: Forecast, words: Words) -> str:
    """Return when a language may be done."""
    if told.done:
        return words.gettext("done")
    if told.why is not None or told.earliest is None:
        return words.gettext(_WHY[told.why or Unknown.SHORT])
    first = words.short_day(told.earliest)
    if told.latest is None:
        return words.gettext("not before %(day)s, the end is open") % {"day": first}
    if told.latest == told.earliest:
        return first
    return words.gettext("%(first)s to %(last)s") % {"first": first, "last": words.short_day(told.latest)}


def say_limit(told: Forecast, words: Words) -> str:
    """Return which rate decides, "" where there is no forecast."""
    return words.gettext(_LIMIT[told.limit]) if told.limit else ""


def say_need(need: Need, slug: str, words: Words) -> NeedLine:
    """Return a need as a line with its action."""
    sentence = words.ngettext(*_NEEDS[need.kind], need.number)
    day = words.day(need.day) if need.day else ""
    action = _ACTIONS[need.kind]
    command = f"primero-bridge user add NAME --role reviewer --deployment {slug} --locales {need.locale}"
    return NeedLine(
        info=get_locale(need.locale) if need.locale else None,
        text=sentence % {"num": words.number(need.number), "day": day},
        action=words.gettext(action) if action else "",
        address=_address(need, slug) if action else "",
        command="" if action else command,
    )


def _address(need: Need, slug: str) -> str:
    base = f"/deployments/{slug}"
    language = f"{base}/locales/{need.locale}"
    return {
        NeedKind.FAILED_RUN: f"{base}/runs",
        NeedKind.FAILED_LOOK: f"{base}/runs",
        NeedKind.QUESTIONS: f"{base}/questions",
        NeedKind.INVITATIONS: f"{base}/people",
        NeedKind.CONFLICTS: f"{language}/texts?show=all&conflict=1",
        NeedKind.BLOCKED: f"{language}/texts?show=all&blocked=1",
        NeedKind.STALE: f"{language}/texts?show=stale",
    }.get(need.kind, f"{language}/progress")
