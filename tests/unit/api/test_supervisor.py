"""Parts that fail are noted and start again; a wrong start is told to who starts."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from api.supervisor import ENDED, PartName, Supervisor

SECRET = "55.770012,12.503301 key=abc"


def supervisor(registry: CollectorRegistry | None = None) -> Supervisor:
    return Supervisor(registry or CollectorRegistry(), pause_s=0.01, pause_max_s=0.05)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)


async def test_a_part_that_fails_is_counted_by_kind_told_without_content_and_runs_again() -> None:
    registry = CollectorRegistry()
    kept = supervisor(registry)
    errors: list[BaseException | None] = [
        RecursionError(SECRET),
        ExceptionGroup(SECRET, [ExceptionGroup(SECRET, [KeyError(SECRET)])]),
        asyncio.CancelledError(SECRET),
        None,
    ]
    runs = asyncio.Event()

    async def run() -> None:
        if errors:
            error = errors.pop(0)
            if error is not None:
                raise error
            return
        runs.set()
        await asyncio.Event().wait()

    with capture_logs() as logs:
        part = kept.keep(PartName.MQTT, run)
        async with asyncio.timeout(20):
            await runs.wait()
    kinds = ["RecursionError", "KeyError", "CancelledError", ENDED]
    assert [line["kind"] for line in logs] == kinds
    assert all(line["part"] == "mqtt" and SECRET not in repr(line) for line in logs)
    assert logs[0]["at"].startswith("test_supervisor.py:")
    pauses = [line["pause_s"] for line in logs]
    assert pauses == [0.01, 0.02, 0.04, 0.05]
    for kind in kinds:
        labels = {"part": "mqtt", "kind": kind}
        assert registry.get_sample_value("flaade_part_failures_total", labels) == 1
    assert registry.get_sample_value("flaade_part_up", {"part": "mqtt"}) == 1
    [state] = kept.states
    assert (state.up, state.failures, state.kind) == (True, 4, ENDED)
    await part.cancel()


async def test_a_part_that_ran_well_for_a_while_begins_with_the_first_pause_again() -> None:
    kept = supervisor()
    turns = 0

    async def run() -> None:
        nonlocal turns
        turns += 1
        if turns == 4:
            await asyncio.sleep(0.1)
        raise ValueError

    with capture_logs() as logs:
        part = kept.keep(PartName.TRIPS, run)
        await until(lambda: len(logs) >= 4)
        await part.cancel()
    assert [line["pause_s"] for line in logs[:4]] == [0.01, 0.02, 0.04, 0.01]


async def test_a_part_is_down_while_it_pauses_and_can_be_stopped_then() -> None:
    registry = CollectorRegistry()
    kept = Supervisor(registry, pause_s=3_600, pause_max_s=3_600)

    async def run() -> None:
        raise OSError

    part = kept.keep(PartName.NOTES, run)
    await until(lambda: not kept.states[0].up)
    assert registry.get_sample_value("flaade_part_up", {"part": "notes"}) == 0
    async with asyncio.timeout(5):
        await part.cancel()


async def test_a_part_that_pauses_still_finishes_what_it_has() -> None:
    kept = Supervisor(CollectorRegistry(), pause_s=3_600, pause_max_s=3_600)
    closed = asyncio.Event()
    finished: list[str] = []

    async def run() -> None:
        if not closed.is_set():
            raise OSError
        finished.append("all of it")

    part = kept.keep(PartName.WRITER, run)
    await until(lambda: not kept.states[0].up)
    async with asyncio.timeout(5):
        await part.finish(closed.set)
    assert finished == ["all of it"]


async def test_a_listener_that_cannot_start_is_told_and_one_that_is_lost_listens_again() -> None:
    kept = supervisor()
    sockets: list[list[bool]] = []

    @asynccontextmanager
    async def taken() -> AsyncGenerator[Callable[[], bool]]:
        raise OSError("taken")
        yield lambda: True

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Callable[[], bool]]:
        sockets.append([True])
        yield lambda: sockets[-1][0]

    with pytest.raises(OSError, match="taken"):
        await kept.keep_open(PartName.HTTP, taken)
    assert not kept.states
    part = await kept.keep_open(PartName.HTTP, opened, needed=True)
    assert len(sockets) == 1
    sockets[-1][0] = False
    await until(lambda: len(sockets) == 2)
    assert kept.states[0].kind == "NotListeningError"
    await until(lambda: kept.states[0].up)
    await part.cancel()


async def test_a_part_that_pauses_after_a_failure_ends_when_it_is_told_to() -> None:
    kept = Supervisor(CollectorRegistry(), pause_s=60, pause_max_s=60)

    async def run() -> None:
        raise ValueError

    with capture_logs() as logs:
        part = kept.keep(PartName.JOBS, run)
        await until(lambda: bool(logs))
        async with asyncio.timeout(20):
            await part.cancel()
    assert len(logs) == 1


async def test_a_part_that_keeps_a_cancellation_to_itself_is_told_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("api.supervisor.CANCEL_AGAIN_S", 0.02)
    heard = 0

    async def run() -> None:
        nonlocal heard
        while heard < 3:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                heard += 1

    part = supervisor().keep(PartName.MQTT, run)
    await asyncio.sleep(0.01)
    async with asyncio.timeout(20):
        await part.cancel()
    assert heard == 3
