"""Trip detection beside a fleet that sends: `python -m benchmarks.ingest.keeps_up`.

One `flaade serve` with all parts on the embedded database, fsync on, accepts a position of each of
2,000 devices every 10 s over HTTP, one per request, for 10 minutes. Meanwhile a reader opens the
pages. Each device drives for 4 minutes, stands for 6, drives for 4 and stands for 20. It begins
anywhere in that cycle, and has a history of two hours.

The time of a post runs from the moment at which it is due until its answer, so a post that waits
for the answer to the one before counts as slow. The benchmark counts a refused post and sends it
again a second later. The time of a trip runs from the moment at which its decisive position is due
(the first one from which detection finds the trip) until its row is in the table, which the
benchmark reads every second. The time of its end runs from the position after which detection finds
the final end. Memory is that of the server's process and its children, without PostgreSQL, two
minutes after the begin and at the end.

Options: `--devices N --interval S --minutes M`; `--beside-load` keeps both cores busy with other
work.
"""

import argparse
import asyncio
import multiprocessing
import os
import re
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import psutil
import uvloop

from benchmarks.ingest.fleet_load import PostAnswer, send_fleet
from benchmarks.ingest.rig import await_port
from db import embedded
from db.connect import Pool, open_pool
from fleet.actor import Actor
from fleet.arrays import Floats
from fleet.earth import M_PER_DEG
from register.keys import new_gateway_key
from tests.conftest import free_port
from trips.detect.detect import DetectedTrip, detect_trips
from trips.detect.parameters import TripParameters
from trips.detect.track import Track
from trips.service import TripService

PARAMETERS = TripParameters()

#: Seconds of driving and standing in turn, and the driving speed in m/s.
LEGS_S = (240, 360, 240, 1200)
SPEED_MS = 10.0
HISTORY_S = 7200
PAGES = ("/", "/vehicles", "/intake")
LOOK_S = 1.0
PAGES_EVERY_S = 5.0
SETTLED_S = 120.0
AFTER_S = 60.0


def metres_driven(cycle_s: Floats) -> Floats:
    """The distance of a device from its place at each moment of its cycle, in metres."""
    out = np.clip(cycle_s, 0, LEGS_S[0])
    back = np.clip(cycle_s - LEGS_S[0] - LEGS_S[1], 0, LEGS_S[2])
    return SPEED_MS * (out - back)


def is_driving(cycle_s: Floats) -> Floats:
    """1.0 at the moments at which the device drives, else 0.0."""
    back_s = LEGS_S[0] + LEGS_S[1]
    return ((cycle_s < LEGS_S[0]) | ((cycle_s >= back_s) & (cycle_s < back_s + LEGS_S[2]))).astype(
        float
    )


@dataclass(frozen=True)
class Device:
    """A device of the fleet.

    Its first position of the run is due `first_s` after the begin. Its cycles begin `phase_s`
    before those of the clock.
    """

    name: str
    place: float
    first_s: float
    phase_s: float

    def track(self, ts: Floats) -> tuple[Floats, Floats, Floats]:
        """The track of the device at the moments `ts`, in seconds since 1970.

        Returns:
            Latitude, longitude and speed in km/h.
        """
        cycle_s = (ts + self.phase_s) % sum(LEGS_S)
        lat = 55.6 + self.place + metres_driven(cycle_s) / M_PER_DEG
        return lat.round(7), np.full(len(lat), 12.5), 3.6 * SPEED_MS * is_driving(cycle_s)


@dataclass
class Observations:
    """Observations while the fleet sent; moments are in seconds after the begin."""

    #: By device and start of a trip: each observed end, after the moment of its observation.
    trips: dict[tuple[str, float], list[tuple[float, float]]] = field(
        default_factory=dict[tuple[str, float], list[tuple[float, float]]]
    )
    pages_s: list[float] = field(default_factory=list[float])
    waiting: list[float] = field(default_factory=list[float])
    oldest_s: list[float] = field(default_factory=list[float])
    memory: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])
    loads: list[float] = field(default_factory=list[float])


async def main(count: int, interval_s: float, minutes: float, *, beside_load: bool) -> None:
    devices = [
        Device(
            name=f"35630704{number:07d}",
            place=number / 5_000,
            first_s=interval_s * number / count,
            phase_s=float(number * 7919 % sum(LEGS_S)),
        )
        for number in range(count)
    ]
    print(f"{count} devices, a position each every {interval_s:g} s, {minutes:g} min", flush=True)
    async with _serving(devices, interval_s) as (pool, server, port, key):
        burning = _burn() if beside_load else []
        try:
            began = time.time() + 2
            seen = Observations()
            looking = [
                asyncio.create_task(_observe_trips(pool, began, seen)),
                asyncio.create_task(_observe_server(server, port, began, seen)),
            ]
            steps = round(60 * minutes / interval_s)
            answers = await asyncio.to_thread(
                send_fleet, port, _bodies(devices, steps, interval_s, began), key, began, interval_s
            )
            await asyncio.sleep(AFTER_S)  # so that the service can find the last trips
            for task in looking:
                task.cancel()
            await asyncio.gather(*looking, return_exceptions=True)
        finally:
            for process in burning:
                process.kill()
                process.join()
    _print_posts(answers)
    _print_trips(devices, steps, interval_s, began, seen)
    _print_server(seen)


def _bodies(
    devices: Sequence[Device], steps: int, interval_s: float, began: float
) -> list[tuple[float, list[bytes]]]:
    """The moment at which the first position of each device is due, and all its bodies."""
    made: list[tuple[float, list[bytes]]] = []
    for device in devices:
        ts = began + device.first_s + interval_s * np.arange(steps)
        moments = [datetime.fromtimestamp(moment, UTC).isoformat() for moment in ts.tolist()]
        columns = [column.tolist() for column in device.track(ts.astype(np.float64))]
        made.append(
            (
                device.first_s,
                [
                    orjson.dumps(
                        {"device": device.name, "ts": ts, "lat": lat, "lon": lon, "speed_kmh": kmh}
                    )
                    for ts, lat, lon, kmh in zip(moments, *columns, strict=True)
                ],
            )
        )
    return made


@asynccontextmanager
async def _serving(
    devices: Sequence[Device], interval_s: float
) -> AsyncGenerator[tuple[Pool, psutil.Process, int, str]]:
    """Starts a server with all parts, on a history of the devices whose trips are found."""
    with tempfile.TemporaryDirectory(prefix="flaade-bench-") as directory:
        database = embedded.start(Path(directory))
        try:
            async with open_pool(database.url) as pool:
                key = await _prepare(pool, devices, interval_s)
                port = free_port()
                kept = {k: v for k, v in os.environ.items() if not k.startswith("FLAADE_")}
                process = await asyncio.create_subprocess_exec(
                    *(Path(sys.executable).parent / "flaade", "serve"),
                    env={
                        **kept,
                        "FLAADE_DATA_DIR": directory,
                        "FLAADE_PORT": str(port),
                        "FLAADE_OSMAND_PORT": str(free_port()),
                        "FLAADE_TELTONIKA_PORT": str(free_port()),
                    },
                    stderr=asyncio.subprocess.DEVNULL,
                )
                try:
                    await asyncio.to_thread(await_port, port)
                    yield pool, psutil.Process(process.pid), port, key
                finally:
                    process.terminate()
                    await process.wait()
        finally:
            database.stop()


async def _prepare(pool: Pool, devices: Sequence[Device], interval_s: float) -> str:
    """Enrols the devices and stores their history as if they had sent it; returns a key."""
    names = [device.name for device in devices]
    await pool.executemany("INSERT INTO device (device) VALUES ($1)", [(one,) for one in names])
    now = time.time()
    ts = now + np.arange(-HISTORY_S, 0, interval_s)
    moments = [datetime.fromtimestamp(moment, UTC) for moment in ts.tolist()]
    for device in devices:
        lat, lon, kmh = (column.tolist() for column in device.track(ts))
        await pool.copy_records_to_table(
            "position",
            records=zip([device.name] * len(moments), moments, lat, lon, kmh, strict=True),
            columns=("device", "ts", "lat", "lon", "speed_kmh"),
        )
    count = len(names)
    await pool.execute(
        "SELECT move_device_state($1::text[], $2::timestamptz[], $3::timestamptz[])",
        names,
        [moments[0]] * count,
        [moments[-1]] * count,
    )
    await TripService(pool).refresh()
    await pool.execute("VACUUM ANALYZE")
    return await new_gateway_key(pool, Actor.trusted("benchmark"), "benchmark")


def _burn() -> list[Any]:
    context = multiprocessing.get_context("spawn")
    burning = [context.Process(target=_spin, daemon=True) for _ in range(os.cpu_count() or 1)]
    for process in burning:
        process.start()
    return burning


def _spin() -> None:
    while True:
        pass


async def _observe_trips(pool: Pool, began: float, seen: Observations) -> None:
    since = datetime.fromtimestamp(began, UTC) - timedelta(seconds=60)
    while True:
        rows = await pool.fetch(
            "SELECT device, date_part('epoch', start_ts) AS start_s,"
            " date_part('epoch', end_ts) AS end_s FROM trip WHERE start_ts > $1",
            since,
        )
        now = time.time() - began
        for row in rows:
            ends = seen.trips.setdefault((row["device"], row["start_s"]), [])
            if not ends or ends[-1][1] != row["end_s"]:
                ends.append((now, row["end_s"]))
        await asyncio.sleep(LOOK_S)


async def _observe_server(
    server: psutil.Process, port: int, began: float, seen: Observations
) -> None:
    while True:
        for path in PAGES:
            asked = time.perf_counter()
            await asyncio.to_thread(_get, port, path)
            seen.pages_s.append(time.perf_counter() - asked)
        metrics = await asyncio.to_thread(_get, port, "/metrics")
        for name, values in (
            ("flaade_trips_waiting_devices", seen.waiting),
            ("flaade_trips_waiting_oldest_seconds", seen.oldest_s),
        ):
            if found := re.search(rf"^{name} (\S+)", metrics, re.MULTILINE):
                values.append(float(found[1]))
        together = sum(one.memory_info().rss for one in (server, *server.children(recursive=True)))
        seen.memory.append((time.time() - began, together / 1e6))
        seen.loads.append(os.getloadavg()[0])
        await asyncio.sleep(PAGES_EVERY_S)


def _get(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=120) as answer:
        return answer.read().decode()


def _print_posts(answers: Sequence[PostAnswer]) -> None:
    took_s = [one.answered_s - one.due_s for one in answers]
    refused = sum(one.refused for one in answers)
    print(
        f"posts: {len(took_s):,}, median {1_000 * statistics.median(took_s):.0f} ms, "
        f"99th percentile {1_000 * _quantile(took_s, 0.99):.0f} ms, longest {max(took_s):.1f} s, "
        f"refused {refused}"
    )


def _print_trips(
    devices: Sequence[Device], steps: int, interval_s: float, began: float, seen: Observations
) -> None:
    """Prints the times of new trips and of their final ends; a missing row counts until the end."""
    by_device: dict[str, list[tuple[float, list[tuple[float, float]]]]] = {}
    for (name, start_s), ends in seen.trips.items():
        by_device.setdefault(name, []).append((start_s, ends))
    over_s = steps * interval_s + AFTER_S
    new_s: list[float] = []
    ended_s: list[float] = []
    missing = 0
    for device in devices:
        for made_s, final_s, trip in _expected_trips(device, steps, interval_s, began):
            ends = [
                end
                for start_s, found in by_device.get(device.name, [])
                if abs(start_s - trip.start) < 60
                for end in found
            ]
            missing += not ends
            new_s.append(min((at for at, _ in ends), default=over_s) - made_s)
            if final_s is not None:
                right = [at for at, end in ends if abs(end - trip.end) < 0.01]
                ended_s.append(min(right, default=over_s) - final_s)
    for what, took_s in (("new trips", new_s), ("their ends", ended_s)):
        if len(took_s) > 1:
            print(
                f"{what}: {len(took_s):,}, median {statistics.median(took_s):.1f} s, "
                f"95th percentile {_quantile(took_s, 0.95):.1f} s, longest {max(took_s):.1f} s"
            )
    print(f"trips never seen: {missing}")


def _expected_trips(
    device: Device, steps: int, interval_s: float, began: float
) -> list[tuple[float, float | None, DetectedTrip]]:
    """The trips that begin while the fleet sends.

    Returns:
        For each trip the moment at which its decisive position is due, the moment at which the
        position is due that makes its end final (None if that comes later), and the trip. Moments
        are in seconds after the begin.
    """
    sent = began + device.first_s + interval_s * np.arange(steps)
    before = sent[0] - interval_s * np.arange(round(1_500 / interval_s), 0, -1)
    ts = np.concatenate((before, sent)).astype(np.float64)
    lat, lon, kmh = device.track(ts)
    fixes = Track(ts, lat, lon, kmh / 3.6, np.full(len(ts), np.nan))
    found: list[tuple[float, float | None, DetectedTrip]] = []
    for trip in detect_trips(fixes, PARAMETERS):
        if trip.start < sent[0]:
            continue
        left = int(np.searchsorted(ts, trip.start))
        made = next(n for n in range(left, len(ts)) if _trip_up_to(fixes, n, trip) is not None)
        final_s = None
        for n in range(int(np.searchsorted(ts, trip.end + PARAMETERS.stop_s / 2)), len(ts)):
            seen = _trip_up_to(fixes, n, trip)
            if seen is not None and seen.end == trip.end:
                final_s = float(ts[n]) - began
                break
        found.append((float(ts[made]) - began, final_s, trip))
    return found


def _trip_up_to(fixes: Track, last: int, trip: DetectedTrip) -> DetectedTrip | None:
    """The trip as detection finds it from the fixes up to number `last`; None if it finds none."""
    found = detect_trips(fixes.take(np.arange(last + 1)), PARAMETERS)
    return next((one for one in found if abs(one.start - trip.start) < 60), None)


def _print_server(seen: Observations) -> None:
    print(
        f"devices waiting: median {statistics.median(seen.waiting):,.0f}, "
        f"most {max(seen.waiting):,.0f}"
    )
    if seen.oldest_s:
        print(f"longest-waiting device: at most {max(seen.oldest_s):.1f} s")
    print(f"pages: median {statistics.median(seen.pages_s):.2f} s, longest {max(seen.pages_s):.2f}")
    early = next((mb for at, mb in seen.memory if at >= SETTLED_S), seen.memory[-1][1])
    late = seen.memory[-1][1]
    print(f"memory: {early:.0f} MB after two minutes, {late:.0f} MB at the end", end=" ")
    print(f"({100 * (late / early - 1):+.1f} %)")
    print(f"load average: {min(seen.loads):.1f} to {max(seen.loads):.1f}")


def _quantile(values: Sequence[float], share: float) -> float:
    """The value that the share `share` of `values` does not exceed."""
    return float(np.quantile(values, share))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=2_000)
    parser.add_argument("--interval", type=float, default=10.0)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--beside-load", action="store_true")
    given = parser.parse_args()
    uvloop.run(main(given.devices, given.interval, given.minutes, beside_load=given.beside_load))
