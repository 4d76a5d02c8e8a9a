"""A short run of everything at once; `benchmarks.service.chaos` is the long one."""

from pathlib import Path

import pytest

from tests.factories.broker import MOSQUITTO, NO_MOSQUITTO
from tests.factories.chaos.run import chaos
from tests.factories.nats_servers import NATS_SERVER, NO_NATS

pytestmark = [
    pytest.mark.skipif(MOSQUITTO is None, reason=NO_MOSQUITTO),
    pytest.mark.skipif(NATS_SERVER is None, reason=NO_NATS),
]


@pytest.mark.timeout(900)  # a minute on a machine of its own
async def test_nothing_ends_the_service_and_nothing_is_lost(
    tmp_path: Path, shared_data: Path
) -> None:
    found = await chaos(
        tmp_path, shared_data / "faults", seconds=25, seed=3, blow_every_s=2, every_s=1
    )
    assert found.good, found
    assert found.acknowledged > 180
