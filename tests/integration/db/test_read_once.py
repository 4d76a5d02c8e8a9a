"""What answers one request reads each thing once; elsewhere each reading is one."""

import asyncio

import pytest

from db.connect import Pool
from db.scope.read_once import read_once, reading_once
from db.scope.seen import seen_by


@read_once
async def moment(pool: Pool, which: int = 0) -> object:
    return which, await pool.fetchval("SELECT clock_timestamp()")


@read_once
async def impossible(pool: Pool) -> object:
    return await pool.fetchval("SELECT 1 / 0")


async def test_parts_of_a_page_share_a_reading(pool: Pool) -> None:
    with reading_once():
        first, second = await asyncio.gather(moment(pool, 1), moment(pool, 1))
        assert first == second == await moment(pool, 1)
        assert await moment(pool, 2) != first
        assert await moment(pool) == await moment(pool, 0) == await moment(pool, which=0)
    with reading_once():
        assert await moment(pool, 1) != first


async def test_whoever_sees_other_departments_reads_anew(pool: Pool) -> None:
    with reading_once():
        whole = await moment(pool, 1)
        with seen_by(frozenset({"Ældre"})):
            assert await moment(pool, 1) != whole
        assert await moment(pool, 1) == whole


async def test_a_change_reads_what_is_there_each_time(pool: Pool) -> None:
    assert await moment(pool, 1) != await moment(pool, 1)


async def test_a_reading_that_fails_fails_for_each(pool: Pool) -> None:
    with reading_once():
        for _ in range(2):
            with pytest.raises(Exception, match="division by zero"):
                await impossible(pool)


async def test_who_stops_waiting_ends_it_for_nobody_else(pool: Pool) -> None:
    with reading_once():
        left = asyncio.create_task(moment(pool, 1))
        stays = asyncio.create_task(moment(pool, 1))
        await asyncio.sleep(0)
        left.cancel()
        assert (await stays) == await moment(pool, 1)
