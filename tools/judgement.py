"""What the checks find in the corpus and in the samples, beside what a person judged of each finding.

The samples are under ``docs/checks/samples``: ``sources.json`` holds the English texts, ``languages`` one file of
translations for each language with the checks that each mistake in it must raise, ``judgements.json`` what a person
said of every other finding. The page ``docs/checks/judgement.md`` is made of these.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractors.load import load, load_source
from extractors.reading import read_path
from extractors.texts import is_blank
from extractors.units import UnitKey
from service.checks.engine import CHECKS, TextPair, run_checks
from service.checks.pairing import pair_catalogues

CHECKS_DOCS = Path(__file__).resolve().parent.parent / "docs" / "checks"
SAMPLES = CHECKS_DOCS / "samples"
PAGE = CHECKS_DOCS / "judgement.md"
MARK = "<!-- Below: made by python -m tools.judge_checks --page. Change docs/checks/samples instead. -->\n"
EXAMPLES = 10
_SHOWN_BY_DEFAULT = ("B", "W")


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """One finding, named by where it stands; no text of it is kept."""

    check: str
    severity: str
    locale: str
    key: str


@dataclass(frozen=True, slots=True)
class Judged:
    """A finding and what a person said of it: ``right`` or ``noise``, and why."""

    hit: Hit
    verdict: str
    why: str


@dataclass(frozen=True, slots=True)
class Sample:
    """The texts of one language that we wrote, with the checks that must find something in each."""

    locale: str
    pairs: Sequence[TextPair]
    untranslated: Mapping[str, Sequence[str]]
    expected: Mapping[str, frozenset[str]]


def read_samples() -> list[Sample]:
    """Return the samples of all languages, by file name."""
    sources = _json("sources.json")["texts"]
    return [_sample(json.loads(path.read_text(encoding="utf-8")), sources) for path in _language_files()]


def find_in_sample(sample: Sample) -> list[Hit]:
    """Return what the checks find in one sample now."""
    return _hits(sample.pairs, sample.locale, sample.untranslated)


def find_in_corpus(folder: Path) -> list[Hit]:
    """Return what the checks find now in the real translations that lie in ``folder``."""
    corpus = _json("judgements.json")["corpus"]
    source, target = folder / corpus["source"], folder / corpus["target"]
    found = pair_catalogues(load_source(read_path(source)).catalog, load(read_path(target)).catalog, corpus["locale"])
    return _hits(found.pairs, corpus["locale"], found.untranslated)


def judged_corpus() -> list[Judged]:
    """Return every finding of the corpus as a person judged it."""
    corpus = _json("judgements.json")["corpus"]
    return [_judged(row, corpus["locale"]) for row in corpus["findings"]]


def judged_samples(samples: Iterable[Sample]) -> tuple[list[Judged], list[Hit]]:
    """Return the findings of the samples with their judgement, and those nobody has judged."""
    mistakes = _json("sources.json")["mistakes"]
    by_hand = {(judged := _judged(row, row["locale"])).hit: judged for row in _json("judgements.json")["samples"]}
    done: list[Judged] = []
    left: list[Hit] = []
    for sample in samples:
        for hit in find_in_sample(sample):
            if hit.check in sample.expected[hit.key]:
                done.append(Judged(hit, "right", f"Planted: {mistakes[hit.key]}."))
            elif hit in by_hand:
                done.append(by_hand[hit])
            else:
                left.append(hit)
    return done, left


def missed(sample: Sample) -> set[tuple[str, str]]:
    """Return (key, check) of every planted mistake that the checks do not find."""
    found = {(hit.key, hit.check) for hit in find_in_sample(sample)}
    return {(key, check) for key, checks in sample.expected.items() for check in checks} - found


def share(judged: Iterable[Judged]) -> tuple[int, int]:
    """Return how many of the findings shown by default (B and W) are right, and how many there are."""
    shown = [each for each in judged if each.hit.severity in _SHOWN_BY_DEFAULT]
    return sum(each.verdict == "right" for each in shown), len(shown)


def page() -> list[str]:
    """Return the lines of the page that are made: tables and examples, first of the corpus, then of the samples."""
    samples = read_samples()
    in_samples, left = judged_samples(samples)
    if left:
        raise SystemExit("Judge these first, in docs/checks/samples/judgements.json:\n" + "\n".join(map(str, left)))
    planted = sum(len(checks) for sample in samples for checks in sample.expected.values())
    lost = sum(len(missed(sample)) for sample in samples)
    texts, silent = sum(len(sample.pairs) for sample in samples), _texts_without_mistake(samples)
    return [
        *_section("Real translations: the French of the GBV forms", judged_corpus()),
        *_section("Our samples, unreviewed by native speakers", in_samples),
        "",
        f"{texts} texts, {silent} of them without a mistake. Findings that the mistakes must raise: {planted}, raised: "
        f"{planted - lost}.",
        "",
        "| language | texts | correct | with a mistake | findings expected | raised | warnings on correct texts |",
        "|---|---|---|---|---|---|---|",
        *(_language_line(sample) for sample in samples),
        *_examples(in_samples),
    ]


def write_page() -> None:
    """Put what is made below the mark of the page, keeping what a person wrote above it."""
    written = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(written + MARK + "\n".join(page()) + "\n", encoding="utf-8")


def _section(title: str, judged: Sequence[Judged]) -> list[str]:
    right, shown = share(judged)
    lines = [
        "",
        f"## {title}",
        "",
        f"Right among the findings that block or warn: {right} of {shown} ({_percent(right, shown)}).",
        "",
        "| check | severity | findings | right | noise | share right |",
        "|---|---|---|---|---|---|",
    ]
    lines += [line for check in CHECKS for line in _count_lines(check.id, judged)]
    silent = [check.id for check in CHECKS if check.id not in {each.hit.check for each in judged}]
    lines += ["", f"Found nothing: {', '.join(silent)}."] if silent else []
    return lines if "samples" in title else [*lines, *_examples(judged)]


def _count_lines(check_id: str, judged: Iterable[Judged]) -> list[str]:
    by_severity: dict[str, list[str]] = defaultdict(list)
    for each in judged:
        if each.hit.check == check_id:
            by_severity[each.hit.severity].append(each.verdict)
    return [
        f"| [{check_id}]({check_id}.md) | {severity} | {len(verdicts)} | {verdicts.count('right')} "
        f"| {verdicts.count('noise')} | {_percent(verdicts.count('right'), len(verdicts))} |"
        for severity, verdicts in sorted(by_severity.items())
    ]


def _percent(part: int, whole: int) -> str:
    return f"{100 * part // whole} %" if whole else "none"


def _texts_without_mistake(samples: Iterable[Sample]) -> int:
    return sum(not sample.expected[pair.key] for sample in samples for pair in sample.pairs)


def _language_line(sample: Sample) -> str:
    planted = sum(map(len, sample.expected.values()))
    noisy = sum(not sample.expected[hit.key] and hit.severity in _SHOWN_BY_DEFAULT for hit in find_in_sample(sample))
    texts, correct = len(sample.pairs), _texts_without_mistake([sample])
    found = planted - len(missed(sample))
    return f"| {sample.locale} | {texts} | {correct} | {texts - correct} | {planted} | {found} | {noisy} |"


def _examples(judged: Sequence[Judged]) -> list[str]:
    lines: list[str] = []
    for check in CHECKS:
        hits = [each for each in judged if each.hit.check == check.id]
        if hits:
            lines += ["", f"### {check.id}", ""]
            lines += [
                f"- `{each.hit.locale}` `{each.hit.key}`: **{each.verdict}**. {each.why}" for each in _spread(hits)
            ]
    return lines


def _spread(hits: Sequence[Judged]) -> list[Judged]:
    """Return up to ten: noise first, for it is what a reader looks for, then from as far apart as can be."""
    different = list(dict.fromkeys(hits))  # one text may have the same finding twice
    noise = [each for each in different if each.verdict == "noise"][:EXAMPLES]
    right = [each for each in different if each.verdict != "noise"]
    room = min(EXAMPLES - len(noise), len(right))
    return noise + [right[place * len(right) // room] for place in range(room)] if room else noise


def _hits(pairs: Sequence[TextPair], locale: str, untranslated: Mapping[str, Sequence[str]]) -> list[Hit]:
    found = run_checks(pairs, locale, untranslated=untranslated)
    return [
        Hit(finding.check_id, finding.severity.value, locale, pair.key) for pair in pairs for finding in found[pair.key]
    ]


def _sample(data: Mapping[str, Any], sources: Mapping[str, str]) -> Sample:
    pairs: list[TextPair] = []
    untranslated: dict[str, list[str]] = defaultdict(list)
    for row in data["texts"]:
        key, source = UnitKey.parse(row["key"]), sources[row["key"]]
        if not is_blank(row["target"]):
            pairs.append(TextPair.of(key, source, row["target"], data["locale"]))
        elif key.option_set:
            untranslated[key.option_set].append(source)
    expected = {row["key"]: frozenset(row.get("expected", ())) for row in data["texts"]}
    return Sample(data["locale"], pairs, untranslated, expected)


def _judged(row: Mapping[str, str], locale: str) -> Judged:
    return Judged(Hit(row["check"], row["severity"], locale, row["key"]), row["verdict"], row["why"])


def _json(name: str) -> Any:
    return json.loads((SAMPLES / name).read_text(encoding="utf-8"))


def _language_files() -> list[Path]:
    return sorted((SAMPLES / "languages").glob("*.json"))
