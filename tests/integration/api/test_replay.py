"""Real logs replayed over HTTP into a running server."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from register.devices import enrol_device
from simulators.replay import ReplayError, ReplayProgress, ReplayTarget, read_log, replay
from tests.conftest import free_port
from tests.factories.actors import SOMEBODY
from tests.factories.serving import Client, client_of
from tests.unit.trips.matching import score, true_trips
from trips.service import TripService


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, ServerRole.INGEST) as client:
        yield client


#: One fix of gotrack is 5.6 km away for 18 s: nobody drove there, and quarantine has it.
JUMPS = {"gotrack": 1, "ved_ev": 0}


async def send(client: Client, path: Path, state: Path) -> tuple[int, int, int]:
    """Enrol the log's devices and send it; returns what was stored, duplicate and quarantined."""
    table = read_log(path)
    for device in table.column("device").unique():
        await enrol_device(client.server.pool, SOMEBODY, str(device))
    done = await replay(table, ReplayTarget(url=client.server.url, key=client.key), state)
    assert done.acknowledged == table.num_rows
    return done.stored, done.duplicate, done.quarantined


@pytest.mark.parametrize("name", ["gotrack", "ved_ev"])
async def test_a_real_log_is_stored_once_and_gives_its_trips(
    client: Client, pool: Pool, shared_data: Path, tmp_path: Path, name: str
) -> None:
    path = shared_data / f"{name}.parquet"
    table = read_log(path)
    rows, jumps = table.num_rows, JUMPS[name]
    kept = table.group_by(["device", "ts"]).aggregate([]).num_rows - jumps

    assert await send(client, path, tmp_path / "first") == (kept, rows - kept - jumps, jumps)
    assert await pool.fetchval("SELECT count(*) FROM position") == kept
    assert await send(client, path, tmp_path / "second") == (0, rows - jumps, jumps)
    assert await pool.fetchval("SELECT count(*) FROM position") == kept
    assert await pool.fetchval("SELECT count(*) FROM quarantine WHERE reason = 'jump'") == jumps

    await TripService(pool).refresh()
    found: dict[str, list[tuple[float, float]]] = {}
    for row in await pool.fetch("SELECT device, start_ts, end_ts FROM trip ORDER BY 1, 2"):
        span = row["start_ts"].timestamp(), row["end_ts"].timestamp()
        found.setdefault(row["device"], []).append(span)
    truth = true_trips(shared_data / f"{name}_trips.csv")
    result = score(truth, found, tolerance_s=120, ends_too=False)
    assert result.precision >= (0.86 if name == "gotrack" else 0.83)
    assert result.recall >= (0.96 if name == "gotrack" else 1.0)


async def test_a_replay_goes_on_where_it_stopped(
    client: Client, pool: Pool, shared_data: Path, tmp_path: Path
) -> None:
    table = read_log(shared_data / "gotrack.parquet")
    for device in table.column("device").unique():
        await enrol_device(pool, SOMEBODY, str(device))
    target = ReplayTarget(url=client.server.url, key=client.key, batch_rows=200)

    class Stopped(Exception):  # noqa: N818
        pass

    def stop_half_way(progress: ReplayProgress) -> None:
        if progress.acknowledged > table.num_rows / 2:
            raise Stopped

    with pytest.raises(Stopped):
        await replay(table, target, tmp_path / "state", stop_half_way)
    before = await pool.fetchval("SELECT count(*) FROM position")
    assert table.num_rows / 2 < before < table.num_rows
    done = await replay(table, target, tmp_path / "state")
    assert done.acknowledged == table.num_rows
    # Only what was under way when it stopped may have been sent twice.
    assert done.duplicate <= 3 * 200 + 10
    distinct = table.group_by(["device", "ts"]).aggregate([]).num_rows
    stored = await pool.fetchval("SELECT count(*) FROM position")
    assert stored == distinct - JUMPS["gotrack"]


async def test_a_wrong_key_stops_the_replay_with_the_servers_words(
    client: Client, shared_data: Path, tmp_path: Path
) -> None:
    table = read_log(shared_data / "gotrack.parquet")
    with pytest.raises(ReplayError, match=f"{client.server.url} refused.*401.*key is not valid"):
        await replay(table, ReplayTarget(url=client.server.url, key="wrong"), tmp_path / "state")


async def test_a_server_that_stays_away_ends_the_replay_in_bounded_time(
    shared_data: Path, tmp_path: Path
) -> None:
    table = read_log(shared_data / "gotrack.parquet")
    target = ReplayTarget(url=f"http://127.0.0.1:{free_port()}", key="k", give_up_s=1)
    with pytest.raises(ReplayError, match=f"no answer of {target.url} for 1 s"):
        await replay(table, target, tmp_path / "state")
