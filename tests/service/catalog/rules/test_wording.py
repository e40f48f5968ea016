"""Which source texts are sensitive by their words."""

from pathlib import Path

import pytest

from extractors.load import load_source
from extractors.reading import read_path
from service.catalog.rules.wording import Wording, WordingChange, WordingTerm, apply_changes
from service.catalog.service.wording_terms import load_pack

WORDING = Wording(load_pack().terms)


@pytest.mark.parametrize(
    ("source", "terms"),
    [
        ("I consent to this", ("consent",)),
        ("Has the case been previously abused?", ("abuse",)),
        ("Type of disabilities", ("disability",)),
        ("The survivor’s home", ("survivor",)),
        ("Armed Force Group", ("CAAFAG",)),
        ("Date of birth", ()),
        ("Police Forces", ()),
        ("Sex", ()),
        ("Divorced/Separated", ()),
        ("This field is not shared with the case records.", ()),
        ("Hearing aids", ()),
    ],
)
def test_the_pack_catches_what_it_is_for(source: str, terms: tuple[str, ...]) -> None:
    """Consent, abuse, disability and the like; not every text that shares a word with them."""
    assert WORDING.find(source) == terms


def test_the_pack_is_a_choice() -> None:
    """60 to 100 terms, each with a reason; no form of one term is an exception of the same."""
    terms = load_pack().terms
    assert 60 <= len(terms) <= 100
    assert not [term.term for term in terms if set(term.forms) & set(term.exceptions)]


def test_the_pack_marks_a_part_of_real_configurations(corpus: Path) -> None:
    """The child protection forms hold 118 of 1,361 units with a sensitive word, the GBV forms 211 of 1,127."""
    counts = []
    for place in ("primero-default/configuration.json", "gbv/en"):
        units = list(load_source(read_path(corpus / place), "en").catalog.translatable())
        counts.append((sum(1 for unit in units if WORDING.find(unit.source)), len(units)))
    assert counts == [(118, 1361), (211, 1127)]


def test_the_last_change_of_a_term_counts() -> None:
    """Taken out, added again with other forms, whatever its case."""
    pack = (WordingTerm("abuse", ("abuse",)), WordingTerm("harm", ("harm",)))
    out = WordingChange(WordingTerm("Abuse", ()), added=False)
    again = WordingChange(WordingTerm("ABUSE", ("abuses",)), added=True)
    assert [term.term for term in apply_changes(pack, [out])] == ["harm"]
    assert Wording(apply_changes(pack, [out, again])).find("Abuse and abuses") == ("ABUSE",)
    assert Wording(pack).fingerprint != Wording(apply_changes(pack, [out])).fingerprint
