"""What is written to volunteers: the built-in letters, and filling in what differs. No database is asked."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from service.mail.sending import interface_for
from service.web.languages import ENGLISH, N_, Words, words_in


class LetterKind(StrEnum):
    """The letters that there are."""

    WELCOME = "welcome"
    REMINDER = "reminder"
    REVIEWED = "reviewed"


FIELDS: Mapping[LetterKind, Mapping[str, str]] = {
    LetterKind.WELCOME: {
        "name": N_("the volunteer's name, or the Transifex username"),
        "deployment": N_("the deployment's name"),
        "language": N_("the language, in its own name"),
        "role": N_("translator, reviewer or coordinator"),
        "forms": N_("the forms with texts left, each with its number of words and its link on Transifex"),
        "project": N_("the project's address on Transifex"),
    },
    LetterKind.REVIEWED: {
        "name": N_("the volunteer's name, or the Transifex username"),
        "deployment": N_("the deployment's name"),
        "language": N_("the language, in its own name"),
        "approved": N_("how many texts were approved"),
        "rejected": N_("how many texts were rejected"),
        "reasons": N_("each rejected text with its reason, the reviewer's comment and its link; nothing where none is"),
        "project": N_("the project's address on Transifex"),
    },
}
"""What can be filled into each letter, and what that is. A reminder takes what a welcome does."""

REASONS = {
    "meaning": N_("meaning"),
    "tone": N_("tone"),
    "dialect": N_("dialect"),
    "term": N_("term"),
    "typo": N_("typo"),
    "safety": N_("safety"),
}
"""What the reasons of reviewers are called."""
MOST_FORMS = 8
MOST_REASONS = 20
_FIELD = re.compile(r"\{([a-z_]*)\}")


@dataclass(frozen=True, slots=True)
class Template:
    """A letter with fields such as ``{name}`` in it."""

    subject: str
    body: str


BUILT_IN: Mapping[LetterKind, Template] = {
    LetterKind.WELCOME: Template(
        N_("Translating {deployment} into {language}: how to begin"),
        N_("""Hello {name},

Thank you for helping to translate {deployment} into {language}. Case workers read these words when a child needs help.

You work on Transifex, with an account of your own. If you have none yet, wait for the invitation that Transifex sends \
to this address.

Begin wherever you like:

{forms}

Beside each text Transifex shows where it stands and what it is for. Keep what stands in curly brackets or begins \
with % as it is. Where a text is not clear, open an issue on it: somebody who knows the form answers.

A reviewer who knows the language reads each text. We tell you what became of yours, at most once a day.

The whole project: {project}
"""),
    ),
    LetterKind.REMINDER: Template(
        N_("{deployment} still waits for {language}"),
        N_("""Hello {name},

Some days ago we wrote to you about translating {deployment} into {language}. There is still something to do:

{forms}

If something keeps you from beginning, tell whoever invited you. If you have no time any more, that is fine: this is \
the only reminder of this kind.

The whole project: {project}
"""),
    ),
    LetterKind.REVIEWED: Template(
        N_("Your texts for {deployment} were read"),
        N_("""Hello {name},

A reviewer read texts of yours in {language}. Thank you for them.

Approved: {approved}
Rejected: {rejected}

{reasons}

The whole project: {project}
"""),
    ),
}
"""The letters where a deployment has none of its own: in the language of the pages that fits, see :func:`built_in`."""


def built_in(kind: LetterKind, locales: Collection[str]) -> tuple[Template, str]:
    """Return a letter for somebody who works on these locales, and the language that it is written in.

    That is the language of the pages that fits all of them, else English.
    """
    fitting = {interface_for(locale) for locale in locales}
    words = words_in(fitting.pop() if len(fitting) == 1 else ENGLISH)
    letter = BUILT_IN[kind]
    if not words.knows(letter.body):
        return letter, ENGLISH.lang
    return Template(words.gettext(letter.subject), words.gettext(letter.body)), words.interface.lang


def fields_of(kind: LetterKind) -> Mapping[str, str]:
    """Return what can be filled into a letter."""
    return FIELDS.get(kind, FIELDS[LetterKind.WELCOME])


def check_template(kind: LetterKind, template: Template) -> None:
    """Do nothing where the letter can be filled in.

    Raises:
        ValueError: it is empty, too long, or names a field that there is not; without its full stop.
    """
    if not template.subject.strip() or not template.body.strip():
        raise ValueError("a letter needs a subject and a text")
    if len(template.subject) > 200 or len(template.body) > 10_000 or "\n" in template.subject.strip():
        raise ValueError("a subject has one line of at most 200 characters, a text at most 10,000")
    known = fields_of(kind)
    unknown = sorted(set(_FIELD.findall(template.subject + template.body)) - set(known))
    if unknown:
        raise ValueError(f"there is no field {{{unknown[0]}}}; there are {', '.join(f'{{{name}}}' for name in known)}")


def fill(template: Template, values: Mapping[str, str]) -> Template:
    """Return the letter with its fields filled in. What is filled in is never looked at for fields again.

    A line whose fields are all empty is left out: it would say nothing of what it is about.
    """

    def put(found: re.Match[str]) -> str:
        return values.get(found[1], found[0])

    def says(line: str) -> bool:
        fields = [name for name in _FIELD.findall(line) if name in values]
        return not fields or any(values[name] for name in fields)

    lines = [_FIELD.sub(put, line) for line in template.body.split("\n") if says(line)]
    body = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    end = "\n" if template.body.endswith("\n") else ""
    return Template(" ".join(_FIELD.sub(put, template.subject).split()), body + end)


def choose(written: Mapping[tuple[str, str], Template], *, locale: str, role: str) -> tuple[Template, str] | None:
    """Return the deployment's own letter for a language and a role, and the locale it is written in; None for none.

    ``written`` are those of one kind by (locale, role), "" for all: the nearest counts, the language before the role.
    """
    for place in ((locale, role), (locale, ""), ("", role), ("", "")):
        if place in written:
            return written[place], place[0] or ENGLISH.lang
    return None


@dataclass(frozen=True, slots=True)
class FormLeft:
    """A form with texts left in a language. ``address`` is "" where it is not on Transifex."""

    name: str
    words: int
    address: str


def say_forms(forms: Sequence[FormLeft], words: Words) -> str:
    """Return the forms as lines of a letter."""
    lines = [
        f"- {form.name} ({say_words(form.words, words)})" + (f"\n  {form.address}" if form.address else "")
        for form in forms[:MOST_FORMS]
    ]
    if len(forms) > MOST_FORMS:
        lines.append(f"- {_say_more(len(forms) - MOST_FORMS, words)}")
    return "\n".join(lines) or words.gettext("At this moment every text has a translation; others may come.")


def say_words(number: int, words: Words) -> str:
    """Return so many words of a text, in words."""
    return words.ngettext("%(num)s word", "%(num)s words", number) % {"num": words.number(number)}


def _say_more(number: int, words: Words) -> str:
    return words.ngettext("… %(num)s more", "… %(num)s more", number) % {"num": words.number(number)}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A text that was rejected, and why: ``reason`` is "" where none was chosen."""

    source: str
    text: str
    reason: str
    comment: str
    address: str


def say_reasons(rejected: Sequence[Rejected], words: Words) -> str:
    """Return rejected texts as paragraphs of a letter; each text on a line of its own, so that it runs its own way."""
    if not rejected:
        return ""
    parts = [words.gettext("These wait for a better text, from you or from somebody else:")]
    for each in rejected[:MOST_REASONS]:
        reason = words.gettext(REASONS[each.reason]) if each.reason in REASONS else ""
        lines = [f"“{_short(each.source)}”", f"“{_short(each.text)}”"]
        lines += [words.gettext("Reason: %(reason)s") % {"reason": reason}] if reason else []
        lines += [line for line in (_short(each.comment), each.address) if line]
        parts.append("\n".join(lines))
    if len(rejected) > MOST_REASONS:
        parts.append(_say_more(len(rejected) - MOST_REASONS, words))
    return "\n\n".join(parts)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 300 else f"{line[:299]}…"
