"""The pages of docs/reference that are made from the code."""

import pytest

from tests.support.reference_tables import FOLDER, PAGES


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_agrees_with_the_code(name: str) -> None:
    """The documented table is the one in force (else run ``python -m tests.support.reference_tables``)."""
    assert (FOLDER / name).read_text("utf-8") == PAGES[name]()
