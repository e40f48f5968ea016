"""The volunteers' real French for the GBV forms, all the way: imported, approved in bulk, bundled, read by Primero."""

from __future__ import annotations

from pathlib import Path

from service.audit.service import Actor
from service.bundles.reading import Target
from service.catalog.queries import count_states
from service.catalog.service.snapshots import import_snapshot
from service.review.service.bulk import approve_all_passing
from tests.service.bundles.conftest import OPERATOR, REVIEWERS, Filled
from tests.service.bundles.test_witness import Imported, catalog_of
from tests.support.gbv import english_catalog, french_texts, gbv_configuration
from tests.support.wording import without_pack


def test_the_volunteers_french_arrives(filled: Filled, corpus: Path) -> None:
    """Of 1,127 English texts 953 have French, two of them blocked: exactly the other 951 arrive in Primero."""
    english, texts = english_catalog(corpus), french_texts(corpus)
    import_snapshot(
        filled.session, filled.deployment, english,
        origin="gbv", allow_removals=False, actor=OPERATOR, now=filled.now,
    )  # fmt: skip
    assert filled.deployment.id is not None
    without_pack(filled.session, filled.deployment.id, filled.now)
    filled.write(texts)
    approve_all_passing(
        filled.session, filled.deployment, "fr",
        with_warnings=True, reason="Read in the workshop.", actor=Actor("reviewer", REVIEWERS[0]), now=filled.now,
    )  # fmt: skip
    counts = count_states(filled.session, filled.deployment.id, ["fr"])["fr"]
    assert (counts.total, counts.approved, counts.translated, counts.untranslated) == (1127, 951, 2, 174)
    bundle = filled.build()
    configuration = gbv_configuration(english)
    imported = Imported(configuration, bundle)
    imported.check(texts)
    assert len(imported.keys) == 951
    assert len([key for key in imported.changed if imported.after[key].get("fr")]) == 951
    imported.take_back(Target(catalog_of(configuration)))
