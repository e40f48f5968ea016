"""Ages, durations and moments in words, for every page."""

from datetime import datetime, timedelta

from service.web.languages import Words


def say_age(moment: datetime | None, now: datetime, words: Words) -> str | None:
    """Return how long ago something was, in the largest unit that fits; None where it never was."""
    if moment is None:
        return None
    seconds = max(0, int((now - moment).total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3_600, seconds // 60
    if days:
        said, number = words.ngettext("%(num)s day ago", "%(num)s days ago", days), days
    elif hours:
        said, number = words.ngettext("%(num)s hour ago", "%(num)s hours ago", hours), hours
    elif minutes:
        said, number = words.ngettext("%(num)s minute ago", "%(num)s minutes ago", minutes), minutes
    else:
        return words.gettext("just now")
    return said % {"num": words.number(number)}


def say_span(span: timedelta, words: Words) -> str:
    """Return how long something took, such as "3 min 5 s"."""
    seconds = max(0, round(span.total_seconds()))
    minutes, hours = seconds // 60, seconds // 3_600
    if not seconds:
        return words.gettext("less than 1 s")
    if not minutes:
        sentence = words.gettext("%(seconds)s s")
    elif not hours:
        sentence = words.gettext("%(minutes)s min %(seconds)s s") if seconds % 60 else words.gettext("%(minutes)s min")
    else:
        sentence = words.gettext("%(hours)s h %(minutes)s min") if minutes % 60 else words.gettext("%(hours)s h")
    return sentence % {"hours": words.number(hours), "minutes": minutes % 60, "seconds": seconds % 60}
