"""A generated pilot in the database, as trackers, trips and the register would leave it."""

import asyncio
from datetime import date, datetime
from pathlib import Path

from db.connect import Pool
from fleet.position import Position
from ingest.store.writer import PositionWriter
from ingest.watch.metrics import Metrics
from register.register_file import load_register, read_register
from simulators.pilot import Pilot, generate_pilot
from simulators.pilot_files import REGISTER_FILE, write_pilot
from trips.service import TripService

BATCH_ROWS = 20_000


async def load_pilot(
    pool: Pool,
    directory: Path,
    *,
    start: date,
    weeks: int,
    vehicles: int,
    until: datetime | None = None,
) -> Pilot:
    """Generate a pilot and bring it into the database, trips included."""
    pilot = await asyncio.to_thread(
        generate_pilot, start=start, weeks=weeks, vehicles=vehicles, seed=1, until=until
    )
    write_pilot(pilot, directory)
    await load_register(pool, read_register(directory / REGISTER_FILE))
    await store_positions(pool, pilot)
    return pilot


async def store_positions(pool: Pool, pilot: Pilot) -> None:
    """Bring the positions of a pilot into the database, and the trips that come of them; those that
    are there already stay."""
    writer = PositionWriter(
        pool,
        Metrics(),
        rows_max=BATCH_ROWS,
        queue_rows_max=10 * BATCH_ROWS,
        queue_bytes_max=100_000_000,
        wait_max_s=120,
        connections=2,
    )
    writing = asyncio.create_task(writer.run())
    for batch in pilot.positions.to_batches(max_chunksize=BATCH_ROWS):
        rows = batch.to_pylist()
        await writer.store([Position(**row) for row in rows], [])
    writer.close()
    await writing
    await TripService(pool).refresh()
