"""Replays a log of positions to a running server, as a gateway of trackers would send it.

The replay sends batches in the order of time. It writes to a state file which rows the server has
acknowledged, so that a replay that somebody stopped, or whose server died, resumes from there. It
sends a batch again whose answer never came, and the server counts the positions of that batch that
it had as duplicates.
"""

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from platformdirs import user_state_path

from fleet.errors import ExpectedError
from fleet.files.refusal import TableError
from fleet.files.tables import (
    column_numbers,
    column_timestamps_us,
    read_table,
    table_notes,
    zone_note,
)
from fleet.position import POSITION_FIELDS, REQUIRED_FIELDS, SENSOR_BOUNDS

#: Batches under way at once: while the server commits one, it reads the next.
IN_FLIGHT = 3


class ReplayError(ExpectedError, RuntimeError):
    """The replay cannot continue. The message says why; a replay started again resumes."""


@dataclass(frozen=True, slots=True)
class ReplayProgress:
    """The progress of a replay, in rows of the file."""

    rows: int
    acknowledged: int = 0
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayTarget:
    """The server to which a replay sends, its key, and the pace.

    A replay runs `speed` times as fast as the clock; with 0, as fast as the server accepts batches.
    It fails when the server has not answered for `give_up_s`.
    """

    url: str
    key: str
    speed: float = 0.0
    batch_rows: int = 500
    give_up_s: float = 60.0


def read_log(path: Path, say: Callable[[str], None] = lambda _: None) -> pa.Table:
    """The positions in a file, in the order of time.

    `say` gets a sentence for each assumption that the reader made, and one that names the columns
    that the replay does not send.

    Raises:
        TableError: the file cannot be read, it lacks a required column, or a required value is
            absent or no number.
    """
    table = read_table(path, REQUIRED_FIELDS)
    for note in (*table_notes(table), *zone_note(table, "ts")):
        say(note)
    ignored = [name for name in table.column_names if name not in POSITION_FIELDS]
    if ignored:
        say(f"columns not sent: {', '.join(ignored)}")
    ts = column_timestamps_us(table, "ts", path)
    left_out: Counter[str] = Counter()
    for at, name in enumerate(table.column_names):
        if name in SENSOR_BOUNDS and pa.types.is_string(table.column(at).type):
            given = column_numbers(table, name, path, None if name in REQUIRED_FIELDS else left_out)
            table = table.set_column(at, name, pa.array(given, from_pandas=True))
    for name, count in left_out.items():
        say(f"{name}: values left out that are no numbers: {count}")
    if table.column("device").null_count:
        raise TableError(f"{path}: column device is empty in some rows")
    table = table.select([n for n in POSITION_FIELDS if n in table.column_names and n != "ts"])
    table = table.append_column("ts", pa.array(ts, pa.timestamp("us", tz="UTC")))
    return table.take(np.argsort(ts, kind="stable"))


def default_state_file(path: Path, url: str) -> Path:
    """The file that keeps the progress of replaying the file `path` to the server `url`."""
    stat = path.stat()
    identity = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}|{url}"
    name = hashlib.sha256(identity.encode()).hexdigest()[:16]
    return user_state_path("flaade") / "replay" / f"{path.stem}-{name}.json"


async def replay(
    table: pa.Table,
    target: ReplayTarget,
    state_file: Path,
    on_progress: Callable[[ReplayProgress], None] = lambda _: None,
) -> ReplayProgress:
    """Sends the rows that the server has not acknowledged yet, and returns the final progress.

    Raises:
        ReplayError: the server refuses a batch, or has not answered for `give_up_s`.
    """
    progress = _load(state_file, table.num_rows)
    began, first_us = time.monotonic(), _ts_us(table, progress.acknowledged)
    timeout = aiohttp.ClientTimeout(total=target.give_up_s)
    headers = {"Authorization": f"Bearer {target.key}"}
    async with aiohttp.ClientSession(timeout=timeout, headers=headers) as session:
        under_way: list[asyncio.Task[dict[str, int]]] = []
        sizes: list[int] = []
        at = progress.acknowledged
        try:
            while at < table.num_rows or under_way:
                while at < table.num_rows and len(under_way) < IN_FLIGHT:
                    if target.speed > 0:
                        due_s = (_ts_us(table, at) - first_us) / 1e6 / target.speed
                        await asyncio.sleep(max(0.0, began + due_s - time.monotonic()))
                    batch = table.slice(at, _batch_rows(table, at, target))
                    under_way.append(asyncio.create_task(_post(session, target, _encode(batch))))
                    sizes.append(batch.num_rows)
                    at += batch.num_rows
                # Answers are awaited in order, so that all rows before `acknowledged` are stored.
                answer = await under_way.pop(0)
                progress = replace(
                    progress,
                    acknowledged=progress.acknowledged + sizes.pop(0),
                    stored=progress.stored + answer["stored"],
                    duplicate=progress.duplicate + answer["duplicate"],
                    quarantined=progress.quarantined + answer["quarantined"],
                )
                _save(state_file, progress)
                on_progress(progress)
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)
    return progress


def _batch_rows(table: pa.Table, at: int, target: ReplayTarget) -> int:
    """The rows of the batch that starts at row `at`.

    A batch is full at full speed. At a set speed it holds the positions of one second, as trackers
    send them.
    """
    if target.speed <= 0:
        return target.batch_rows
    until_us = _ts_us(table, at) + target.speed * 1e6
    ahead = table.column("ts").slice(at, target.batch_rows).cast(pa.int64()).to_numpy()
    return max(1, int(np.searchsorted(ahead, until_us)))


def _ts_us(table: pa.Table, row: int) -> int:
    if row >= table.num_rows:
        return 0
    return int(table.column("ts").slice(row, 1).cast(pa.int64()).to_numpy()[0])


def _encode(batch: pa.Table) -> bytes:
    """A batch as NDJSON, without absent values."""
    text = pc.strftime(batch.column("ts"), format="%Y-%m-%dT%H:%M:%SZ")
    rows: list[dict[str, Any]] = batch.set_column(
        batch.column_names.index("ts"), "ts", text
    ).to_pylist()
    return b"\n".join(
        orjson.dumps({name: value for name, value in row.items() if value is not None})
        for row in rows
    )


async def _post(
    session: aiohttp.ClientSession, target: ReplayTarget, body: bytes
) -> dict[str, int]:
    """Posts a batch until the server acknowledges it, for at most `give_up_s`."""
    deadline = time.monotonic() + target.give_up_s
    pause_s = 0.2
    while True:
        try:
            async with session.post(
                target.url.rstrip("/") + "/v1/positions",
                data=body,
                headers={"Content-Type": "application/x-ndjson"},
            ) as response:
                if response.status == 200:
                    answer: dict[str, int] = await response.json()
                    return answer
                trouble = f"{response.status}: {await response.text()}"
                if response.status not in (429, 500, 503):
                    raise ReplayError(f"{target.url} refused a batch, {trouble}")
        except aiohttp.InvalidURL as error:
            raise ReplayError(f"{target.url!r} is no address of a server: {error}") from None
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError) as error:
            trouble = str(error) or type(error).__name__
        except aiohttp.ClientError as error:  # another server answered, or not in HTTP
            raise ReplayError(
                f"the answer of {target.url} is not that of flaade: {error}"
            ) from None
        if time.monotonic() + pause_s > deadline:
            raise ReplayError(
                f"no answer of {target.url} for {target.give_up_s:g} s, last: {trouble}"
            )
        await asyncio.sleep(pause_s)
        pause_s = min(2 * pause_s, 5.0)


def _load(state_file: Path, rows: int) -> ReplayProgress:
    if not state_file.is_file():
        return ReplayProgress(rows)
    try:
        found = ReplayProgress(**orjson.loads(state_file.read_bytes()))
    except (orjson.JSONDecodeError, TypeError) as error:
        raise ReplayError(f"{state_file} is damaged ({error}); delete it to begin again") from None
    return found if found.rows == rows else ReplayProgress(rows)


def _save(state_file: Path, progress: ReplayProgress) -> None:
    """Writes a new file and renames it, so that a kill in between leaves the old progress."""
    state_file.parent.mkdir(parents=True, exist_ok=True)
    aside = state_file.with_suffix(".part")
    aside.write_bytes(orjson.dumps(progress))
    aside.replace(state_file)
