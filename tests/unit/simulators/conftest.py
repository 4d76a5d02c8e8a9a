"""A pilot small enough for unit tests, with two public holidays in it."""

from datetime import date

import pytest

from simulators.pilot import Pilot, generate_pilot


@pytest.fixture(scope="session")
def pilot() -> Pilot:
    return generate_pilot(start=date(2026, 5, 11), weeks=3, vehicles=30, seed=1)
