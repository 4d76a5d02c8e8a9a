"""Driving logs, and the vehicles that they are of."""

from datetime import UTC, datetime

import pytest

from db.connect import Pool
from fleet.files.own_process import ReadingBounds
from tests.factories.actors import SOMEBODY
from tests.factories.vehicles import put_cars
from trips.driving_log.log_headings import guess_columns
from trips.driving_log.log_import import ImportedLog, import_log
from trips.driving_log.log_row import LogLimits
from trips.driving_log.log_sheet import read_sheet

LOG = """Bil;Start;Slut;Km
V1;02-11-2026 08:00;02-11-2026 10:00;12,5
V1;02-11-2026 09:00;02-11-2026 11:00;10
V1;04-11-2026 08:00;04-11-2026 09:00;30
V9;04-11-2026 08:00;04-11-2026 09:00;30
V2;03-11-2026 12:00;03-11-2026 13:00;8
"""


@pytest.fixture
async def fleet(pool: Pool) -> Pool:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "v1", "v2")
    return pool


async def take(pool: Pool, text: str = LOG) -> ImportedLog:
    sheet = read_sheet("log.csv", text.encode(), ReadingBounds())
    return await import_log(pool, SOMEBODY, sheet, guess_columns(sheet), "log.csv", LIMITS)


LIMITS = LogLimits(now=datetime(2026, 11, 21, tzinfo=UTC))
