"""Reads the stored positions of devices as tracks, from which trips and sessions are found."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np

from db.connect import PooledConnection
from db.fetch_columns import fetch_columns
from db.statements import statements
from trips.detect.track import Track

SQL = statements("trip")

_TRACK_COLUMNS: dict[str, str] = {"place": "int8"} | dict.fromkeys(
    ("ts", "lat", "lon", "speed_kmh", "odometer", "ignition", "movement"), "float8"
)
_ENGINE_COLUMNS: dict[str, str] = dict.fromkeys(("ts", "ignition", "engine_hours"), "float8")


async def read_tracks(
    connection: PooledConnection, wanted: Sequence[tuple[str, datetime, datetime]]
) -> list[Track]:
    """A track for each wanted device and span, both ends included; absent values are NaN."""
    devices, begins, ends = map(list, zip(*wanted, strict=True))
    columns = await fetch_columns(
        connection,
        SQL["tracks"],
        devices,
        begins,
        ends,
        min(begins),
        max(ends),
        columns=_TRACK_COLUMNS,
    )
    place = columns.pop("place")
    order = np.argsort(place, kind="stable")
    speed_kmh = columns.pop("speed_kmh")
    whole = Track(**columns, speed=speed_kmh / 3.6).take(order)
    edges = np.searchsorted(place[order], np.arange(1, len(wanted) + 2)).tolist()
    return [whole.take(slice(begin, end)) for begin, end in pairwise(edges)]


async def read_engine_track(
    connection: PooledConnection,
    device: str,
    begin: datetime,
    idle_from: datetime,
    idle_to: datetime,
) -> Track:
    """The fixes from `begin` on that tell of a device's engine, without places; absent values are
    NaN.

    Only the fixes at the ends of the idle time, from `idle_from` to `idle_to`, are read.
    """
    columns = await fetch_columns(
        connection,
        SQL["engine_track"],
        device,
        begin,
        idle_from,
        idle_to,
        columns=_ENGINE_COLUMNS,
    )
    nothing = np.full(len(columns["ts"]), np.nan)
    return Track(**columns, lat=nothing, lon=nothing, speed=nothing, odometer=nothing)
