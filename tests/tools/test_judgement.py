"""What a person judged of the checks, and what the checks find now, are the same."""

from collections import Counter

import pytest

from service.checks.engine import Scope, TextGroup, TextPair, check_group
from tools.judgement import (
    MARK,
    PAGE,
    find_in_corpus,
    find_in_sample,
    judged_corpus,
    judged_samples,
    missed,
    page,
    read_samples,
    share,
    write_page,
)

SAMPLES = {sample.locale: sample for sample in read_samples()}
ARABIC_SCRIPT = ["ar", "fa-AF", "ku", "ku-IQ", "ps-AF"]
OTHERS = ["am-ET", "bn", "km", "th"]


def test_the_samples_are_of_nine_languages_and_mostly_correct():
    """Enough of each; more texts without a mistake than with one."""
    assert sorted(SAMPLES) == sorted(ARABIC_SCRIPT + OTHERS)
    for locale, sample in SAMPLES.items():
        assert len(sample.pairs) >= (60 if locale in ARABIC_SCRIPT else 25)
        assert sum(not sample.expected[pair.key] for pair in sample.pairs) > len(sample.pairs) / 2


@pytest.mark.parametrize("locale", SAMPLES)
def test_every_planted_mistake_is_found(locale):
    """In each script."""
    assert missed(SAMPLES[locale]) == set()


@pytest.mark.parametrize("locale", SAMPLES)
def test_a_correct_sample_neither_blocks_nor_warns(locale):
    """A false alarm costs a reviewer's trust."""
    noisy = [hit for hit in find_in_sample(SAMPLES[locale]) if not SAMPLES[locale].expected[hit.key]]
    assert [hit for hit in noisy if hit.severity != "I"] == []


@pytest.mark.parametrize("written", ARABIC_SCRIPT)
@pytest.mark.parametrize("named", ARABIC_SCRIPT)
def test_a_whole_sample_in_the_file_of_another_language_is_found(written, named):
    """Languages that share a script are told apart, and none is taken for another."""
    sample = SAMPLES[written]
    texts = [
        TextPair(pair.key, pair.source, pair.target, named, record="form/all")
        for pair in sample.pairs
        if not sample.expected[pair.key]
    ]
    found = check_group(Scope.RECORD, TextGroup(texts))
    checks = [finding.check_id for findings in found.values() for finding in findings]
    assert checks.count("wrong_language") == (written != named)


def test_every_finding_of_the_samples_is_judged():
    """What a mistake does not explain, a person must have looked at."""
    _, left = judged_samples(SAMPLES.values())
    assert left == []


def test_the_judgements_of_the_corpus_are_of_what_the_checks_find_now(corpus):
    """A finding more or less, and somebody has to judge anew."""
    assert Counter(find_in_corpus(corpus)) == Counter(judged.hit for judged in judged_corpus())


def test_four_of_five_warnings_shown_by_default_are_right():
    """In the corpus and in the samples."""
    for judged in (judged_corpus(), judged_samples(SAMPLES.values())[0]):
        right, shown = share(judged)
        assert right >= 0.8 * shown > 0


def test_the_page_shows_what_is_found_now():
    """Its tables and examples are made of the judgements and of what the checks find in the samples."""
    assert PAGE.read_text(encoding="utf-8").partition(MARK)[2] == "\n".join(page()) + "\n"


def test_writing_the_page_keeps_what_a_person_wrote(monkeypatch, tmp_path):
    """Only what stands below the mark is made anew."""
    copy = tmp_path / "judgement.md"
    copy.write_text(f"# Ours\n\n{MARK}old\n", encoding="utf-8")
    monkeypatch.setattr("tools.judgement.PAGE", copy)
    write_page()
    text = copy.read_text(encoding="utf-8")
    assert text.startswith(f"# Ours\n\n{MARK}")
    assert text.partition(MARK)[2] == "\n".join(page()) + "\n"
