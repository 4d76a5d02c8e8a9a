"""What tests of access share."""

from collections.abc import Generator

import pytest

from access.settings import AccessSettings
from tests.factories.accounts import access_in_force


@pytest.fixture(autouse=True)
def in_force() -> Generator[AccessSettings]:
    """Hashes of passwords that take no time."""
    with access_in_force() as settings:
        yield settings
