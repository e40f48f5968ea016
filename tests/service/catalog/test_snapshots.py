"""Importing a source, and going back to an older one."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from extractors.texts import text_hash
from service.catalog.models import Snapshot, State, StoredText, Unit
from service.catalog.rules.carrier import Carrier
from service.catalog.service.snapshots import find_current_snapshot, list_snapshots, read_catalog
from service.catalog.service.texts import find_texts
from service.errors import NotFound, Refused
from tests.support.workshop import Workshop, key_of

CONSENT = {"agree": "I agree", "refuse": "I refuse"}
MANY = {f"field{number}": f"Text {number}" for number in range(20)}


def test_a_first_import_keeps_the_snapshot_whole_and_makes_its_units(workshop: Workshop) -> None:
    """The snapshot is current, numbered 1, and gives its catalog back; units stand in the order of the source."""
    imported = workshop.import_source(CONSENT)
    assert imported.snapshot is not None
    assert imported.plan.counts()["added"] == 2
    snapshot = workshop.look(lambda s: find_current_snapshot(s, 1))
    assert snapshot is not None
    assert (snapshot.number, snapshot.unit_count, snapshot.is_current) == (1, 2, True)
    assert read_catalog(snapshot) == workshop.catalog(CONSENT)
    units = workshop.look(lambda s: s.exec(select(Unit).order_by(Unit.position)).all())
    assert [(unit.key, unit.source, unit.source_hash, unit.words, unit.characters) for unit in units] == [
        (key_of("agree"), "I agree", text_hash("I agree"), 2, 7),
        (key_of("refuse"), "I refuse", text_hash("I refuse"), 2, 8),
    ]


def test_the_same_source_again_changes_nothing(workshop: Workshop) -> None:
    """No snapshot, no audit entry, no unit touched; the answer says that it is the same."""
    workshop.import_source(CONSENT)
    before = (workshop.unit("agree"), len(workshop.audit()))
    again = workshop.import_source(CONSENT)
    assert (again.same, again.snapshot) == (True, None)
    assert again.plan.counts() == {"added": 0, "changed": 0, "unchanged": 2, "retired": 0, "revived": 0}
    assert (workshop.unit("agree"), len(workshop.audit())) == before
    assert len(workshop.look(lambda s: list_snapshots(s, 1))) == 1


def test_a_dry_run_tells_and_writes_nothing(workshop: Workshop) -> None:
    """The plan is made by a session that cannot write, and is the plan of the import that follows."""
    workshop.import_source(CONSENT)
    planned = workshop.plan({"agree": "I do agree", "more": "More"})
    assert (planned.counts()["changed"], planned.counts()["added"], planned.counts()["retired"]) == (1, 1, 1)
    assert workshop.unit("agree").source == "I agree"
    imported = workshop.import_source({"agree": "I do agree", "more": "More"}, allow_removals=True)
    assert imported.plan == planned


def test_a_changed_source_makes_a_text_stale_and_its_return_makes_it_what_it_was(workshop: Workshop) -> None:
    """A text that returns to what was approved is approved again; one that was waiting waits again."""
    workshop.import_source(CONSENT)
    workshop.import_texts({"agree": "J'accepte", "refuse": "Je refuse"})
    workshop.approve("reem", "agree")
    workshop.import_source({"agree": "I agree to all", "refuse": "I refuse all"})
    assert (workshop.state("agree"), workshop.state("refuse")) == (State.STALE, State.STALE)
    workshop.import_source(CONSENT)
    assert (workshop.state("agree"), workshop.state("refuse")) == (State.APPROVED, State.TRANSLATED)


def test_a_source_whose_hash_is_unchanged_changes_no_state(workshop: Workshop) -> None:
    """Spaces at the ends, CRLF and the composition of letters are not another text; the new original is kept."""
    workshop.import_source({"agree": "Caf\u00e9\nopen", "refuse": "x"})
    workshop.import_texts({"agree": "Café ouvert"})
    workshop.approve("reem", "agree")
    imported = workshop.import_source({"agree": " Cafe\u0301\r\nopen\t", "refuse": "x"})
    assert imported.plan.counts()["changed"] == 0
    assert workshop.unit("agree").source == " Cafe\u0301\r\nopen\t"
    assert workshop.state("agree") is State.APPROVED


def test_a_retired_unit_keeps_its_translations_and_decisions_and_revives_with_its_key(workshop: Workshop) -> None:
    """Out of the source it is retired; back in, it is approved as before, without anybody's doing."""
    workshop.import_source(CONSENT)
    workshop.import_texts({"agree": "J'accepte"})
    approval = workshop.approve("reem", "agree")
    gone = workshop.import_source({"refuse": "I refuse"}, allow_removals=True)
    assert gone.plan.retired == (key_of("agree"),)
    assert workshop.unit("agree").retired
    assert (workshop.text("agree"), workshop.decisions("agree")[0].id) == ("J'accepte", approval.id)
    back = workshop.import_source(CONSENT)
    assert back.plan.revived == (key_of("agree"),)
    assert not workshop.unit("agree").retired
    assert workshop.state("agree") is State.APPROVED


def test_a_unit_that_revives_with_another_text_is_stale(workshop: Workshop) -> None:
    """Its old approval is of the old pair."""
    workshop.import_source(CONSENT)
    workshop.import_texts({"agree": "J'accepte"})
    workshop.approve("reem", "agree")
    workshop.import_source({"refuse": "I refuse"}, allow_removals=True)
    workshop.import_source({"agree": "I consent", "refuse": "I refuse"})
    assert workshop.state("agree") is State.STALE


def test_a_unit_whose_source_becomes_blank_is_retired(workshop: Workshop) -> None:
    """There is nothing to translate any more."""
    workshop.import_source(CONSENT)
    workshop.import_source({"agree": " ", "refuse": "I refuse"}, allow_removals=True)
    assert workshop.unit("agree").retired


def test_an_older_snapshot_can_be_made_current_again(workshop: Workshop) -> None:
    """Units, texts and states are as they were; exactly one snapshot is current."""
    workshop.import_source(CONSENT)
    workshop.import_texts({"agree": "J'accepte"})
    workshop.approve("reem", "agree")
    workshop.import_source({"agree": "I agree to all", "more": "More"}, allow_removals=True)
    planned = workshop.activate(1)
    assert (planned.revived, planned.retired) == ((key_of("refuse"),), (key_of("more"),))
    assert workshop.unit("agree").source == "I agree"
    assert workshop.state("agree") is State.APPROVED
    snapshots = workshop.look(lambda s: list_snapshots(s, 1))
    assert [(snapshot.number, snapshot.is_current) for snapshot in snapshots] == [(2, False), (1, True)]


def test_a_snapshot_that_is_current_or_not_there_is_refused(workshop: Workshop) -> None:
    """The answer names the snapshots there are."""
    workshop.import_source(CONSENT)
    with pytest.raises(Refused, match="is the current one already"):
        workshop.activate(1)
    with pytest.raises(NotFound, match="has no snapshot 7; it has 1"):
        workshop.activate(7)


def test_an_import_that_would_retire_more_than_a_tenth_stops_unless_removals_are_allowed(workshop: Workshop) -> None:
    """It changes nothing, says how many, and what to do."""
    workshop.import_source(MANY)
    fewer = dict(list(MANY.items())[3:])
    with pytest.raises(Refused, match=r"would retire 3 of the 20 units.*--allow-removals") as refusal:
        workshop.import_source(fewer)
    assert refusal.value.details["retired"] == 3
    assert not workshop.unit("field0").retired
    assert len(workshop.look(lambda s: list_snapshots(s, 1))) == 1
    assert workshop.import_source(fewer, allow_removals=True).snapshot is not None
    assert workshop.unit("field0").retired


def test_an_import_of_a_tenth_goes_on(workshop: Workshop) -> None:
    """Two of twenty may go."""
    workshop.import_source(MANY)
    assert workshop.import_source(dict(list(MANY.items())[2:])).snapshot is not None


def test_an_import_of_other_record_types_stops_unless_removals_are_allowed(workshop: Workshop) -> None:
    """The wrong file of the right format is noticed."""
    workshop.import_source(CONSENT)
    with pytest.raises(Refused, match="no records of the type case any more"):
        workshop.import_source(CONSENT, types={"consent": "incident"})


def test_units_know_by_which_way_they_reach_primero(workshop: Workshop) -> None:
    """The carrier is found anew with each snapshot, as tags come and go."""
    option = "lookup/l/lookup_values/red"
    workshop.import_source({option: "Red"})
    assert workshop.unit(option).carrier == Carrier.BOTH
    workshop.import_source({option: "Red"}, tagged=[option])
    assert workshop.unit(option).carrier == Carrier.YAML


def test_both_texts_of_every_old_pair_are_kept(workshop: Workshop) -> None:
    """What a decision was made on can be shown after the texts moved on, as reviewers saw it."""
    workshop.import_source({"agree": " I agree "})
    workshop.import_texts({"agree": "J'accepte\n"})
    decision = workshop.approve("reem", "agree")
    workshop.import_source({"agree": "I do agree"})
    workshop.import_texts({"agree": "Oui"}, replace_approved=True)
    kept = workshop.look(lambda s: find_texts(s, [decision.source_hash, decision.text_hash]))
    assert kept == {decision.source_hash: "I agree", decision.text_hash: "J'accepte"}
    rows = workshop.look(lambda s: s.exec(select(StoredText)).all())
    assert all(row.hash == text_hash(row.text) for row in rows)


def test_the_database_itself_keeps_one_snapshot_current(workshop: Workshop) -> None:
    """What code could forget, a partial unique index keeps."""
    workshop.import_source(CONSENT)
    values = {"origin": "x", "format": "x", "source_hash": "x", "catalog": b"", "unit_count": 0}
    second = Snapshot(deployment_id=1, number=2, is_current=True, imported_at=workshop.now, **values)
    with pytest.raises(IntegrityError):
        workshop.act(lambda session, _deployment, _now: session.add(second))


def test_an_import_is_in_the_audit_with_its_counts(workshop: Workshop) -> None:
    """Who, when, which source, how many; and so is going back."""
    workshop.import_source(CONSENT)
    workshop.import_source({**CONSENT, "more": "More"})
    workshop.activate(1)
    entries = [entry for entry in workshop.audit() if entry.action.startswith("source.")]
    assert [entry.action for entry in entries] == ["source.import", "source.import", "source.activate"]
    assert entries[1].detail["number"] == 2
    assert entries[1].detail["added"] == 1
    assert entries[2].detail["retired"] == 1
