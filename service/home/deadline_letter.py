"""What is written to somebody who can act on deadlines, in the language in which they read the pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from service.checks.locales import get_locale
from service.deployments.models import Deployment
from service.progress.plan import Hand, Share
from service.volunteers.letters import Template, say_words
from service.volunteers.rules import project_address
from service.web.languages import Interface, Words, words_in


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a letter; ``name`` is "" where it is not known."""

    name: str
    language: Interface
    hand: Hand


def write_letter(deployment: Deployment, reader: Reader, shares: Sequence[Share], public_url: str) -> Template:
    """Return the letter about these languages, the one with the nearest deadline first.

    It names days and no spans of time: it may wait for a day before it goes out.
    """
    words = words_in(reader.language)
    day = words.day(shares[0].language.deadline)
    subject = words.gettext("%(deployment)s is to be ready by %(day)s") % {"deployment": deployment.name, "day": day}
    parts = [
        words.gettext("Hello %(name)s,") % {"name": reader.name} if reader.name else words.gettext("Hello,"),
        words.gettext("These languages of %(deployment)s are not done, and their day comes near:")
        % {"deployment": deployment.name},
        *(_say(deployment, reader, share, words, public_url) for share in shares),
        words.gettext(
            "If a day cannot be kept, say so now: there is still time to find help, or to choose another day."
        )
        if reader.hand.coordinates
        else words.gettext(
            "If you cannot do it by then, that is fine. Please tell whoever invited you: there is still time to find "
            "help."
        ),
        words.gettext("Thank you for your work."),
    ]
    return Template(subject, "\n\n".join(parts) + "\n")


def _say(deployment: Deployment, reader: Reader, share: Share, words: Words, public_url: str) -> str:
    language, hand, base = share.language, reader.hand, f"{public_url}/deployments/{deployment.slug}"
    lines = [
        words.gettext("%(language)s, by %(day)s")
        % {"language": words.language(get_locale(language.locale)), "day": words.day(language.deadline)}
    ]
    if share.translate:
        said = words.ngettext(
            "%(num)s text is to be translated (%(words)s)", "%(num)s texts are to be translated (%(words)s)",
            share.translate,
        )  # fmt: skip
        lines.append(said % {"num": words.number(share.translate), "words": say_words(language.words, words)})
        address = project_address(deployment.transifex_project)
        if address and language.locale in hand.translates:
            lines.append(address)
    if share.review:
        said = words.ngettext("%(num)s text waits for a reviewer", "%(num)s texts wait for a reviewer", share.review)
        lines.append(said % {"num": words.number(share.review)})
        if language.locale in hand.reviews:
            lines.append(f"{base}/locales/{language.locale}/queue")
    if hand.coordinates:
        lines.append(f"{base}/locales/{language.locale}/progress")
    return "\n".join(lines)
