"""What a glossary term may be, and when a row of a file changes one. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.catalog.rules.words import fold_text

MOST_FORMS = 40
MOST_LETTERS = 200


@dataclass(frozen=True, slots=True)
class GlossaryTerm:
    """One term as people write it; ``owner`` is the team or role that answers for it, never a person's name."""

    term: str
    inflections: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    reason: str = ""
    owner: str = ""

    @property
    def key(self) -> str:
        """Return what two spellings of one term have in common."""
        return term_key(self.term)


def term_key(term: str) -> str:
    """Return what two spellings of one term have in common."""
    return " ".join(fold_text(term).split())


def clean_term(values: Mapping[str, str | Iterable[str]]) -> GlossaryTerm:
    """Return the term with white space evened and repeated forms taken out.

    Raises:
        ValueError: it is no term; the message is one sentence without its full stop.
    """
    term = _even(str(values.get("term", "")))
    lists = {name: _forms(values.get(name, ())) for name in ("inflections", "accepted", "forbidden")}
    inflections = tuple(form for form in lists["inflections"] if form != term)
    found = GlossaryTerm(
        term, inflections, lists["accepted"], lists["forbidden"],
        _even(str(values.get("reason", ""))), _even(str(values.get("owner", ""))),
    )  # fmt: skip
    _check(found)
    return found


def _check(term: GlossaryTerm) -> None:
    if not term.key:
        raise ValueError("there is no term")
    if not term.accepted and not term.forbidden:
        raise ValueError("name a form that is accepted, or one that is forbidden")
    forms = [*term.inflections, *term.accepted, *term.forbidden]
    if len(forms) > MOST_FORMS:
        raise ValueError(f"there are more than {MOST_FORMS} forms")
    if any(len(form) > MOST_LETTERS or not any(char.isalnum() for char in form) for form in [term.term, *forms]):
        raise ValueError(f"the term and each form need a letter, and have at most {MOST_LETTERS} characters")
    both = {fold_text(form) for form in term.accepted} & {fold_text(form) for form in term.forbidden}
    if both:
        raise ValueError(f"{min(both)!r} is accepted and forbidden at once")
    if term.forbidden and not term.reason:
        raise ValueError("say why these forms are forbidden: the reason is shown with each finding")
    if len(term.reason) > 1000 or len(term.owner) > 100:
        raise ValueError("a reason has at most 1,000 characters, an owner 100")


def _forms(value: str | Iterable[str]) -> tuple[str, ...]:
    parts = value.split("|") if isinstance(value, str) else value
    return tuple(dict.fromkeys(filter(None, map(_even, parts))))


def _even(text: str) -> str:
    return " ".join(text.split())
