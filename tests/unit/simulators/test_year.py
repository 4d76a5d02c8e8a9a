"""A long log is seeded, whole over the borders of its blocks, and as busy as it is asked to be."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from fleet.localtime import day_start
from simulators.tracking import SCHEMA
from simulators.year import BLOCK_WEEKS, COUNTERS, YearLog

#: Two blocks, over the end of summer time.
START = date(2026, 10, 5)
WEEKS = BLOCK_WEEKS + 1


def year(**changed: object) -> YearLog:
    arguments: dict[str, object] = {
        "start": START,
        "weeks": WEEKS,
        "vehicles": 30,
        "cadence_s": 60,
        "heartbeat_s": 3600,
        "work_share": 0.3,
        "seed": 7,
    }
    return YearLog(**(arguments | changed))  # pyright: ignore[reportArgumentType]


@pytest.fixture(scope="module")
def blocks() -> list[pa.Table]:
    return list(year().blocks())


def columns(blocks: list[pa.Table]) -> dict[str, npt.NDArray[Any]]:
    table = pa.concat_tables(blocks)
    return {name: np.array(table.column(name).to_pylist()) for name in ("device", "ts", *COUNTERS)}


def test_the_same_arguments_give_the_same_log(blocks: list[pa.Table]) -> None:
    again = list(year().blocks())
    assert [block.schema for block in again] == [SCHEMA, SCHEMA]
    assert all(one.equals(other) for one, other in zip(blocks, again, strict=True))
    assert not blocks[0].equals(next(year(seed=8).blocks()))


def test_every_position_lies_within_the_weeks_and_its_block(blocks: list[pa.Table]) -> None:
    border = day_start(START + timedelta(weeks=BLOCK_WEEKS)).astimezone(UTC)
    first, second = (columns([block])["ts"] for block in blocks)
    assert day_start(START) <= first.min()
    assert first.max() < border <= second.min()
    assert second.max() < day_start(START + timedelta(weeks=WEEKS))


def test_counters_of_a_vehicle_never_run_backwards(blocks: list[pa.Table]) -> None:
    log = columns(blocks)
    counted = 0
    for device in np.unique(log["device"]):
        mine = log["device"] == device
        for name in COUNTERS:
            values = [value for value in log[name][mine] if value is not None]
            assert all(a <= b for a, b in pairwise(values)), (device, name)
            counted += values[-1] > values[0] if values else 0
    assert counted > 20  # and most of them run


def test_a_tracker_that_falls_silent_is_silent_over_the_border_of_blocks(
    blocks: list[pa.Table],
) -> None:
    log = columns(blocks)
    begin = datetime.combine(START, datetime.min.time(), tzinfo=UTC)
    since, until = year().municipality.tracking.silence
    silent = (
        begin + since * timedelta(weeks=WEEKS) + timedelta(hours=2),
        begin + until * timedelta(weeks=WEEKS) - timedelta(hours=2),
    )
    assert silent[0] < begin + timedelta(weeks=BLOCK_WEEKS - 1)
    heard = set(log["device"][(log["ts"] > silent[0]) & (log["ts"] < silent[1])])
    assert len(set(log["device"]) - heard) == 1


def test_twice_the_work_is_about_twice_the_driving() -> None:
    km = [
        sum(
            odometer[-1] - odometer[0]
            for device in np.unique(log["device"])
            if len(odometer := log["odometer_km"][log["device"] == device])
        )
        for log in (columns(list(year(weeks=2, work_share=share).blocks())) for share in (0.2, 0.4))
    ]
    assert km[1] == pytest.approx(2 * km[0], rel=0.25)


@pytest.mark.parametrize(
    "wrong", [{"weeks": 0}, {"vehicles": 0}, {"heartbeat_s": 0}, {"work_share": 0.0}]
)
def test_a_size_that_makes_no_log_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        year(**wrong)
