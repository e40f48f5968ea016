"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real data (env BRIDGE_TEST_CORPUS, else ../shared/corpus); skips the test when absent."""
    repository = Path(__file__).resolve().parent.parent
    folder = Path(os.environ.get("BRIDGE_TEST_CORPUS") or repository.parent / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip("the corpus is not here: set BRIDGE_TEST_CORPUS")
    return folder
