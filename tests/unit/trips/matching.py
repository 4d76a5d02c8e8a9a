"""Comparing found trips with true ones, and reading the data files for it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fleet.files.tables import column_timestamps_us, read_table
from trips.detect.parameters import TripParameters
from trips.files.position_log import trips_in_log


@dataclass(frozen=True)
class Score:
    """How well found trips match true ones, one to one."""

    matched: int
    found: int
    true: int
    departure_error_s: float
    arrival_error_s: float

    @property
    def precision(self) -> float:
        return self.matched / self.found

    @property
    def recall(self) -> float:
        return self.matched / self.true

    @property
    def f1(self) -> float:
        return 2 * self.matched / (self.found + self.true)


def score_log(
    positions: Path,
    truth: Path,
    *,
    tolerance_s: float,
    ends_too: bool = False,
    min_stop_s: int | None = None,
    parameters: TripParameters | None = None,
) -> Score:
    """The score of `trips_in_log` on a file of positions against a file of true trips."""
    found = trips_in_log(positions, parameters or TripParameters()).trips
    spans: dict[str, list[tuple[float, float]]] = {}
    for trip in found:
        spans.setdefault(trip.device, []).append((trip.start.timestamp(), trip.end.timestamp()))
    return score(true_trips(truth, min_stop_s), spans, tolerance_s=tolerance_s, ends_too=ends_too)


def score(
    truth: dict[str, list[tuple[float, float]]],
    found: dict[str, list[tuple[float, float]]],
    *,
    tolerance_s: float,
    ends_too: bool,
) -> Score:
    """Match each true trip with the nearest unmatched found one whose start is near enough."""
    departures: list[float] = []
    arrivals: list[float] = []
    for device, true_trips in truth.items():
        free = list(found.get(device, []))
        for start, end in true_trips:
            near = [
                trip
                for trip in free
                if abs(trip[0] - start) <= tolerance_s
                and (not ends_too or abs(trip[1] - end) <= tolerance_s)
            ]
            if near:
                best = min(near, key=lambda trip, start=start: abs(trip[0] - start))
                free.remove(best)
                departures.append(abs(best[0] - start))
                arrivals.append(abs(best[1] - end))
    return Score(
        matched=len(departures),
        found=sum(map(len, found.values())),
        true=sum(map(len, truth.values())),
        departure_error_s=float(np.median(departures)),
        arrival_error_s=float(np.median(arrivals)),
    )


def true_trips(path: Path, min_stop_s: int | None = None) -> dict[str, list[tuple[float, float]]]:
    """The (start, end) of the true trips in a file, by device, in seconds since 1970."""
    table = read_table(path, ["device", "start", "end"])
    rows = zip(
        table.column("device").to_pylist(),
        (column_timestamps_us(table, "start", path) / 1e6).tolist(),
        (column_timestamps_us(table, "end", path) / 1e6).tolist(),
        table.column("min_stop_s").to_pylist() if min_stop_s else [None] * table.num_rows,
        strict=True,
    )
    truth: dict[str, list[tuple[float, float]]] = {}
    for device, start, end, stop in rows:
        if stop == min_stop_s:
            truth.setdefault(str(device), []).append((start, end))
    return truth
