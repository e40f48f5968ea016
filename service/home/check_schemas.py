"""Shapes of the API about checks: findings, switches, the glossary, sensitive wording."""

from typing import Literal

from pydantic import BaseModel, Field

from service.home.schemas import FindingAnswer, Shape


class CheckAnswer(BaseModel):
    """One check of a deployment. ``off`` is for all locales but those of ``locales``, which have their own switch.

    ``chosen`` is what was chosen of it, by locale, "" for all without a choice of their own.
    """

    check: str
    sentence: str
    severity: str
    may_be_off: bool
    waivable: bool
    off: bool
    locales: dict[str, bool]
    reason: str
    chosen: dict[str, str]


class ChoiceBody(Shape):
    """What to choose of a check; ``locale`` null: in every locale that has no choice of its own."""

    check: str = Field(max_length=60)
    value: str = Field(max_length=100)
    locale: str | None = None
    reason: str = Field(default="", max_length=2000)


class SwitchBody(Shape):
    """A switch of one check; ``locale`` null: every locale that has no switch of its own."""

    check: str = Field(max_length=60)
    on: bool
    locale: str | None = None
    reason: str = Field(default="", max_length=2000)


class FindingCountAnswer(BaseModel):
    """How many findings a check has in a locale; ``dismissed`` of them were dismissed or waived."""

    check: str
    locale: str
    severity: str
    number: int
    dismissed: int


class PlacedFinding(FindingAnswer):
    """A finding with the two texts it is about."""

    key: str
    locale: str
    source: str
    text: str
    source_hash: str
    text_hash: str


class SourceRowAnswer(BaseModel):
    """One thing about one source text: where in it, in which units it stands, and which languages are concerned."""

    check: str
    severity: str
    source: str
    start: int
    end: int
    message: str
    keys: list[str]
    locales: list[str]


class FindingsAnswer(BaseModel):
    """Findings by check and locale, and one page of them; ``next`` is the address of the next page, None at the end."""

    counts: list[FindingCountAnswer]
    findings: list[PlacedFinding]
    next: str | None


class PairBody(Shape):
    """The two texts that were seen, by their hashes."""

    source_hash: str
    text_hash: str


class SayingBody(PairBody):
    """Why a finding does not count on these two texts."""

    reason: str = Field(min_length=1, max_length=2000)


class TermShape(Shape):
    """One term of the glossary. ``owner`` is the team or role that answers for it."""

    term: str = Field(max_length=200)
    inflections: list[str] = Field(default_factory=list)
    accepted: list[str] = Field(default_factory=list)
    forbidden: list[str] = Field(default_factory=list)
    reason: str = Field(default="", max_length=1000)
    owner: str = Field(default="", max_length=100)


class TermAnswer(TermShape):
    """A term in force, and which version of it."""

    version: int


class TermNameBody(Shape):
    """Names a term."""

    term: str = Field(max_length=200)


class OutcomeAnswer(BaseModel):
    """What a change of the glossary did."""

    outcome: Literal["added", "changed", "unchanged", "removed"]


class RowOutcome(BaseModel):
    """What became of one row of a file, by its line; ``why`` it was refused."""

    line: int
    term: str
    outcome: str
    why: str


class GlossaryImportAnswer(BaseModel):
    """What a file did to the glossary, or would do."""

    dry_run: bool
    added: int
    changed: int
    unchanged: int
    refused: int
    rows: list[RowOutcome]


class WordingShape(BaseModel):
    """One sensitive term: every form of it, phrases in which it does not count, and why it is sensitive."""

    term: str
    forms: list[str]
    exceptions: list[str]
    reason: str
    units: int


class WordingAnswer(BaseModel):
    """The sensitive terms in force. ``units`` counts units in use with a term in their source text.

    ``added`` and ``removed`` are the deployment's changes to the pack of ``pack_version``.
    """

    pack_version: int
    sensitive_units: int
    total_units: int
    added: list[str]
    removed: list[str]
    terms: list[WordingShape]


class WordingBody(Shape):
    """A term that makes units sensitive."""

    term: str = Field(min_length=1, max_length=200)
    forms: list[str] = Field(default_factory=list, max_length=40)
    exceptions: list[str] = Field(default_factory=list, max_length=40)
    reason: str = Field(min_length=1, max_length=2000)


class WordingRemovalBody(Shape):
    """A term that makes no unit sensitive any more."""

    term: str = Field(min_length=1, max_length=200)
    reason: str = Field(min_length=1, max_length=2000)


class WordingChangeAnswer(BaseModel):
    """How many units a change of the wording made sensitive, and how many it freed."""

    tagged: int
    untagged: int


class SuggestionAnswer(BaseModel):
    """An approved text of the same or a similar source text. ``match`` says how near, ``score`` in percent."""

    deployment: str
    key: str
    match: str
    score: float
    source: str
    text: str


class SuggestionsAnswer(BaseModel):
    """Suggestions, best first. None of them is an approval."""

    suggestions: list[SuggestionAnswer]
