"""The line before the writer: who shares a commit, and in what order."""

import asyncio
import time
from datetime import UTC, datetime
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.position import Position
from ingest.gate.receipt import Overloaded, Receipt
from ingest.protocols.position_columns import PositionColumns
from ingest.store.commit_line import CommitLine, CommitRequest
from ingest.watch.metrics import Metrics

AT_TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
DEVICES = st.frozensets(st.sampled_from("abcd"), min_size=1, max_size=2)


def request(devices: frozenset[str], rows: int = 1, size: int = 1) -> CommitRequest:
    receipt: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
    positions = PositionColumns.of([Position(device, AT_TEN, 55.7, 12.5) for device in devices])
    return CommitRequest(positions, (), receipt, rows, size, time.monotonic())


def devices_of(group: list[CommitRequest]) -> list[set[str]]:
    return [set(one.positions.device) for one in group]


def groups(
    group_rows_max: int = 10,
    rows_max: int = 1_000,
    bytes_max: int = 1_000,
    beside_rows: int = 1,
    beside_s: float = 0.0,
) -> CommitLine:
    return CommitLine(
        Metrics(),
        group_rows_max=group_rows_max,
        rows_max=rows_max,
        bytes_max=bytes_max,
        beside_rows=beside_rows,
        beside_s=beside_s,
    )


@given(
    sent=st.lists(st.tuples(DEVICES, st.integers(1, 6)), max_size=30),
    order=st.lists(st.booleans(), max_size=90),
    group_rows_max=st.integers(1, 10),
)
def test_commits_under_way_share_no_device_and_each_device_keeps_its_order(
    sent: list[tuple[frozenset[str], int]], order: list[bool], group_rows_max: int
) -> None:
    async def play() -> None:
        line = groups(group_rows_max)
        waiting = [request(devices, rows) for devices, rows in sent]
        for one in waiting:
            line.add(one)
        line.close()
        taken: list[CommitRequest] = []
        under_way: list[list[CommitRequest]] = []
        takers: list[asyncio.Task[list[CommitRequest]]] = []
        begins = iter([*order, *[False] * 200])
        while len(taken) < len(waiting) or under_way:
            if next(begins) or not under_way:
                takers.append(asyncio.create_task(line.next()))
            else:
                line.done(under_way.pop(0))
                takers.append(asyncio.create_task(line.next()))
            await asyncio.sleep(0)
            for taker in [one for one in takers if one.done()]:
                takers.remove(taker)
                group = taker.result()
                busy = set[str]().union(*chain.from_iterable(map(devices_of, under_way)))
                assert not any(busy & devices for devices in devices_of(group))
                # One large request may be alone over the bound, never two of them.
                assert sum(one.rows for one in group[:-1]) < group_rows_max
                taken += group
                under_way += [group] if group else []
        assert await line.next() == []
        await asyncio.gather(*takers)
        for device in "abcd":
            mine = [one for one in taken if device in one.positions.device]
            assert mine == [one for one in waiting if device in one.positions.device]
        assert len(taken) == len(waiting)

    asyncio.run(play())


async def test_a_full_line_turns_away_in_rows_and_in_bytes_but_always_takes_one() -> None:
    line = groups(rows_max=10, bytes_max=100)
    line.add(request(frozenset("a"), rows=50))
    with pytest.raises(Overloaded, match="50 rows"):
        line.add(request(frozenset("b")))
    [first] = await line.next()
    line.add(request(frozenset("b"), size=99))
    with pytest.raises(Overloaded):
        line.add(request(frozenset("c"), size=2))
    assert first.rows == 50


async def test_who_waits_for_nothing_is_woken_by_a_request_and_by_the_end() -> None:
    line = groups()
    takers = [asyncio.create_task(line.next()) for _ in range(3)]
    await asyncio.sleep(0)
    sent = request(frozenset("a"))
    line.add(sent)
    line.close()
    taken = await asyncio.gather(*takers)
    assert [group for group in taken if group] == [[sent]]


async def test_beside_a_commit_another_begins_only_for_many_rows() -> None:
    line = groups(beside_rows=3, beside_s=60.0)
    line.add(request(frozenset("a")))
    first = await line.next()
    second = asyncio.create_task(line.next())
    for device in ("b", "c"):
        line.add(request(frozenset(device)))
        await asyncio.sleep(0)
        assert not second.done()
    line.add(request(frozenset("d")))
    assert devices_of(await second) == [{"b"}, {"c"}, {"d"}]
    line.add(request(frozenset("e")))
    line.done(first)
    line.done(second.result())
    assert devices_of(await line.next()) == [{"e"}]


async def test_or_when_one_has_waited_long_enough() -> None:
    line = groups(beside_rows=1_000, beside_s=0.05)
    line.add(request(frozenset("a")))
    await line.next()
    line.add(request(frozenset("b")))
    async with asyncio.timeout(5):
        assert devices_of(await line.next()) == [{"b"}]
