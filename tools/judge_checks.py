"""Prints what the checks find in real translations, so that a person can judge how often they are right.

``python -m tools.judge_checks SOURCE TARGET LOCALE``: a line per check with how often it fires, and up to ten keys each
by which to look the texts up. With ``--texts`` the texts stand beside the keys: for reading, not for committing.

``python -m tools.judge_checks --page`` makes the tables and examples of ``docs/checks/judgement.md`` anew.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from extractors.load import load, load_source
from extractors.reading import read_path
from service.checks.engine import CHECKS, Finding, TextPair, run_checks
from service.checks.pairing import CataloguePairs, pair_catalogues
from tools.judgement import page, write_page

EXAMPLES = 10


def main() -> None:
    """Run the checks over the files the arguments name, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m tools.judge_checks", description=__doc__)
    parser.add_argument("source", type=Path, nargs="?")
    parser.add_argument("target", type=Path, nargs="?")
    parser.add_argument("locale", nargs="?")
    parser.add_argument("--page", action="store_true", help="print the numbers of the page and write it anew")
    parser.add_argument("--texts", action="store_true", help="print the texts and messages too")
    parser.add_argument("--check", help="only this one, and all it finds")
    arguments = parser.parse_args()
    if arguments.page:
        write_page()
        print("\n".join(page()))
        return
    if arguments.locale is None:
        parser.error("name a source, a target and a locale, or give --page")
    sources = load_source(read_path(arguments.source)).catalog
    found_pairs = pair_catalogues(sources, load(read_path(arguments.target)).catalog, arguments.locale)
    print("\n".join(judge(found_pairs, arguments.locale, texts=arguments.texts, check=arguments.check)))


def judge(pairs: CataloguePairs, locale: str, *, texts: bool = False, check: str | None = None) -> list[str]:
    """Return the lines: a table of counts, then examples of every check, the same ones each time."""
    found = run_checks(pairs.pairs, locale, untranslated=pairs.untranslated)
    by_check: dict[str, list[tuple[TextPair, Finding]]] = defaultdict(list)
    for pair in pairs.pairs:
        for finding in found[pair.key]:
            by_check[finding.check_id].append((pair, finding))
    lines = [
        f"{len(pairs.pairs):,} pairs in {locale}",
        "",
        "| check | severity | findings | texts |",
        "|---|---|---|---|",
    ]
    lines += [
        line
        for each in CHECKS
        if check in (None, each.id)
        for line in _count_lines(each.id, each.severity.value, by_check.get(each.id, ()))
    ]
    for check_id, hits in by_check.items():
        if check in (None, check_id):
            lines += ["", f"## {check_id}", ""]
            lines += _examples(hits, len(hits) if check else EXAMPLES, texts=texts)
    return lines


def _count_lines(check_id: str, usual: str, hits: Sequence[tuple[TextPair, Finding]]) -> list[str]:
    """Return a line for each severity met: some findings are milder than their check."""
    severities = sorted({finding.severity.value for _, finding in hits}) or [usual]
    lines = []
    for severity in severities:
        keys = [pair.key for pair, finding in hits if finding.severity.value == severity]
        lines.append(f"| {check_id} | {severity} | {len(keys)} | {len(set(keys))} |")
    return lines


def _examples(hits: Sequence[tuple[TextPair, Finding]], number: int, *, texts: bool) -> list[str]:
    chosen = random.Random(1).sample(range(len(hits)), min(number, len(hits)))  # noqa: S311
    lines = []
    for pair, finding in (hits[place] for place in sorted(chosen)):
        lines.append(f"- `{pair.key}`")
        if texts:
            lines += [f"    {pair.source!r}", f"    {pair.target!r}", f"    {finding.severity} {finding.message}"]
    return lines


if __name__ == "__main__":
    main()
