"""What tests of all rooms share."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real and generated data beside the checkout; the test skips without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the data folder ../shared/data is not beside this checkout")
    return SHARED_DATA
