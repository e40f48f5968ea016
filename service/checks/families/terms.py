"""The deployment's glossary: terms that have to be translated in one way, and wording that must not be used."""

from collections.abc import Iterator

from service.checks.findings import Finding, Severity, TextCheck, TextPair
from service.checks.terms import Term
from service.web.telling import Put, Said, listed, of_source, of_target, say


def _find_missing(pair: TextPair) -> Iterator[Finding]:
    if pair.glossary is None:
        return
    for term in pair.glossary.missing(pair.source, pair.target):
        told = say(
            "The glossary translates “%(term)s” as %(forms)s; the translation has none of that.",
            term=of_source(term.term),
            forms=_forms(term),
        )
        yield TERM_PREFERRED.finding(0, len(pair.target), told + _because(term.reason))


def _find_forbidden(pair: TextPair) -> Iterator[Finding]:
    if pair.glossary is None:
        return
    for found in pair.glossary.forbidden(pair.source, pair.target):
        form = pair.target[found.start : found.end]
        told = say("The glossary forbids “%(form)s”.", form=of_target(form)) + _because(found.term.reason)
        if found.term.accepted:
            told += say("Write %(forms)s, or ask a specialist to waive this with a reason.", forms=_forms(found.term))
        else:
            told += say("Write something else, or ask a specialist to waive this with a reason.")
        yield TERM_FORBIDDEN.finding(found.start, found.end, told)


def _forms(term: Term) -> Put:
    return listed([of_target(form) for form in term.accepted], "or", quoted=True)


def _because(reason: str) -> Said:
    return say("%(reason)s.", reason=reason.rstrip(".")) if reason else []


TERM_PREFERRED = TextCheck(
    "term_preferred",
    "The source text has a term of the glossary, and the translation has none of the forms accepted for it.",
    Severity.WARNS,
    "terms",
    _find_missing,
)
TERM_FORBIDDEN = TextCheck(
    "term_forbidden",
    "The translation holds wording that the glossary forbids.",
    Severity.BLOCKS,
    "terms",
    _find_forbidden,
)
