"""Rows packed for COPY, as the database reads them."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict

from db.connect import Pool
from fleet.position import POSITION_FIELDS, Position
from ingest.protocols.position_columns import PositionColumns
from ingest.store.copy_rows import copy_rows

DOUBLES = st.floats(allow_nan=False)
SINGLES = st.floats(allow_nan=False, width=32)
AT_TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)

POSITIONS = st.builds(
    Position,
    device=st.sampled_from(["d1", "d2", "a longer name", "måler"]),
    ts=st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(  # noqa: DTZ001
        lambda ts: ts.replace(fold=0)
    ),
    lat=DOUBLES,
    lon=DOUBLES,
    speed_kmh=st.none() | SINGLES | st.integers(0, 200),
    heading_deg=st.none() | SINGLES,
    altitude_m=st.none() | SINGLES,
    accuracy_m=st.none() | SINGLES,
    satellites=st.none() | st.integers(-(2**15), 2**15 - 1),
    ignition=st.none() | st.booleans(),
    odometer_km=st.none() | DOUBLES,
    engine_hours_h=st.none() | DOUBLES,
    fuel_pct=st.none() | SINGLES,
    soc_pct=st.none() | SINGLES,
    charging=st.none() | st.booleans(),
    battery_v=st.none() | SINGLES,
    attrs=st.none()
    | st.dictionaries(st.text("abæ"), st.integers(-9, 9), max_size=1).map(orjson.dumps),
)


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(POSITIONS, min_size=1, max_size=12))
async def test_the_database_reads_every_field_as_it_was_whatever_the_others_lack(
    pool: Pool, positions: list[Position]
) -> None:
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("CREATE TEMP TABLE copied (LIKE position) ON COMMIT DROP")
        await connection.execute("ALTER TABLE copied ALTER received_at DROP NOT NULL")
        columns, rows = copy_rows(PositionColumns.of(positions))
        await connection.copy_to_table(
            "copied",
            source=memoryview(rows),  # pyright: ignore[reportArgumentType]
            columns=columns,
            format="binary",
        )
        stored = await connection.fetch(f"SELECT {', '.join(POSITION_FIELDS)} FROM copied")
    expected = [
        {**asdict(one), "attrs": None if one.attrs is None else orjson.loads(one.attrs)}
        for one in positions
    ]
    assert sorted(map(repr, map(_plain, map(dict, stored)))) == sorted(
        map(repr, map(_plain, expected))
    )


def _plain(row: dict[str, object]) -> dict[str, object]:
    numbers = {name: float(value) for name, value in row.items() if type(value) is int}
    return {**row, **numbers}


@pytest.mark.parametrize(
    "change", [{"satellites": 40_000}, {"speed_kmh": 1e300}, {"odometer_km": 10**400}]
)
def test_a_number_that_does_not_fit_its_column_is_said(change: dict[str, float]) -> None:
    good = Position(device="d1", ts=AT_TEN, lat=55.0, lon=12.0)
    bad = Position(device="d1", ts=AT_TEN, lat=55.0, lon=12.0, **change)  # pyright: ignore[reportArgumentType]
    for positions in ([bad], [good, bad]):
        with pytest.raises(OverflowError):
            copy_rows(PositionColumns.of(positions))
