"""What tests on the database share."""

from collections.abc import AsyncGenerator

import pytest

from db.connect import Pool
from ingest.store.writer import PositionWriter
from tests.factories.writers import writing


@pytest.fixture
async def writer(pool: Pool) -> AsyncGenerator[PositionWriter]:
    """A writer that commits until the test is over."""
    async with writing(pool) as writer:
        yield writer
