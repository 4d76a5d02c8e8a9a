"""Calculations in processes: one that dies takes nothing else with it, one that hangs is ended."""

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest

from optimiser import workers as workers_module
from optimiser.workers import CancelCheck, ProcessDied, open_workers


def die(cancelled: CancelCheck, number: int) -> None:
    os.kill(os.getpid(), number)


def die_once(cancelled: CancelCheck, trace: Path) -> int:
    if not trace.exists():
        trace.write_text("begun")
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def take(cancelled: CancelCheck, seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def refuse(cancelled: CancelCheck) -> None:
    raise ValueError("cannot be")


class OddError(Exception):
    """One that cannot be made from what it says."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def fail_oddly(cancelled: CancelCheck) -> None:
    raise OddError(1, 2)


def until_cancelled(cancelled: CancelCheck, trace: Path) -> None:
    trace.write_text("begun")
    while not cancelled():
        time.sleep(0.01)
    trace.write_text("cancelled")


def never_end(cancelled: CancelCheck, trace: Path) -> None:
    trace.write_text(f"{os.getpid()}")
    while True:
        time.sleep(1)


async def begun(trace: Path) -> None:
    def wait() -> None:
        while not (trace.exists() and trace.read_text()):
            time.sleep(0.02)

    await asyncio.to_thread(wait)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
async def test_a_process_that_dies_fails_its_own_calculation_only(number: int) -> None:
    async with open_workers() as workers:
        beside = asyncio.create_task(workers.run(take, 1.5))
        with pytest.raises(ProcessDied, match=signal.Signals(number).name):
            await workers.run(die, number)
        assert await beside == 1.5
        assert await asyncio.gather(*(workers.run(take, 0.01) for _ in range(4))) == [0.01] * 4


async def test_what_a_process_died_on_is_tried_again_once(tmp_path: Path) -> None:
    async with open_workers() as workers:
        assert await workers.run(die_once, tmp_path / "trace") > 0


async def test_a_process_that_died_while_it_had_nothing_to_do_is_replaced(tmp_path: Path) -> None:
    async with open_workers() as workers:
        await asyncio.to_thread((tmp_path / "trace").touch)
        os.kill(await workers.run(die_once, tmp_path / "trace"), signal.SIGKILL)
        assert await asyncio.gather(*(workers.run(take, 0.01) for _ in range(4))) == [0.01] * 4


async def test_an_error_of_the_calculation_is_the_callers() -> None:
    async with open_workers() as workers:
        with pytest.raises(ValueError, match="cannot be"):
            await workers.run(refuse)
        with pytest.raises(RuntimeError, match="OddError: 1 and 2"):
            await workers.run(fail_oddly)
        assert await workers.run(take, 0.0) == 0.0


async def test_a_cancelled_calculation_is_told(tmp_path: Path) -> None:
    async with open_workers() as workers:
        running = asyncio.create_task(workers.run(until_cancelled, tmp_path / "trace"))
        await begun(tmp_path / "trace")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        assert (tmp_path / "trace").read_text() == "cancelled"


async def test_a_process_that_does_not_stop_is_killed_and_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers_module, "STOP_MAX_S", 0.3)
    async with open_workers() as workers:
        running = asyncio.create_task(workers.run(never_end, tmp_path / "trace"))
        await begun(tmp_path / "trace")
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        with pytest.raises(ProcessLookupError):
            os.kill(int((tmp_path / "trace").read_text()), 0)
        assert await asyncio.gather(*(workers.run(take, 0.01) for _ in range(4))) == [0.01] * 4
