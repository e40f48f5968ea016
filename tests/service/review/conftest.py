"""What the tests of reviewing share."""

import pytest

from service.db import Database
from tests.support.workshop import Workshop


@pytest.fixture
def workshop(database: Database) -> Workshop:
    """A deployment with people who act on it."""
    return Workshop(database)
