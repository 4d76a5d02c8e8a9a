"""The data files as tracks with their true trips, and the scores of detected trips."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from fleet.arrays import Floats
from fleet.files.tables import column_timestamps_us, read_table
from tests.unit.trips.matching import Score, score, true_trips
from trips.detect.detect import DetectedTrip, detect_trips
from trips.detect.parameters import TripParameters, parameters_by_class
from trips.detect.track import Track

SHARED_DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

TripSpans = dict[str, list[tuple[float, float]]]


@dataclass(frozen=True)
class DetectionCase:
    """A file of positions, its true trips, and the tolerance with which a score compares them."""

    name: str
    truth: str
    min_stop_s: int | None
    tolerance_s: float
    ends_too: bool
    km_column: str | None
    vehicle_class: str = "car"

    @property
    def parameters(self) -> TripParameters:
        """The parameters of the class of vehicles or recordings in the file."""
        return parameters_by_class()[self.vehicle_class]

    def positions(self) -> Path:
        path = SHARED_DATA / f"{self.name}.parquet"
        if not path.is_file():
            raise SystemExit(f"cannot measure: no {path.name} in ../shared/data")
        return path

    def tracks(self) -> dict[str, Track]:
        return tracks_in(self.positions())

    def true_spans(self) -> TripSpans:
        return true_trips(SHARED_DATA / self.truth, self.min_stop_s)

    def score(self, found: TripSpans, truth: TripSpans | None = None) -> Score:
        """The score of `found` against `truth`, by default all true trips."""
        truth = self.true_spans() if truth is None else truth
        return score(truth, found, tolerance_s=self.tolerance_s, ends_too=self.ends_too)

    def true_km(self) -> dict[str, list[tuple[float, float]]]:
        """Start and km of the true trips by device; empty for a file that does not state km."""
        path = SHARED_DATA / self.truth
        column = self.km_column
        if column is None:
            return {}
        table = read_table(path, ["device", "start", column])
        starts = column_timestamps_us(table, "start", path) / 1e6
        km: dict[str, list[tuple[float, float]]] = {}
        for device, start, driven in zip(
            table.column("device").to_pylist(),
            starts.tolist(),
            _floats(table, column).tolist(),
            strict=True,
        ):
            km.setdefault(str(device), []).append((start, driven))
        return km


ALWAYS_ON = DetectionCase("pilot_always_on", "pilot_trips_truth.csv", 300, 60, True, None)
IGNITION = DetectionCase("pilot_ignition", "pilot_trips_truth.csv", 300, 60, True, None)
GOTRACK = DetectionCase("gotrack", "gotrack_trips.csv", None, 120, False, "km", "phone_app")
VED = DetectionCase("ved_ev", "ved_ev_trips.csv", None, 120, False, "km_haversine")
DETECTION_CASES = (ALWAYS_ON, IGNITION, GOTRACK, VED)


def tracks_in(path: Path) -> dict[str, Track]:
    """The fixes of a file by device, in the order of the file."""
    table = read_table(path, ["device", "ts", "lat", "lon"])
    ts = column_timestamps_us(table, "ts", path) / 1e6
    device = table.column("device").cast(pa.string()).to_numpy().astype(np.str_)
    nothing = np.full(len(ts), np.nan)
    whole = Track(
        ts,
        _floats(table, "lat"),
        _floats(table, "lon"),
        _floats(table, "speed_kmh") / 3.6 if "speed_kmh" in table.column_names else nothing,
        nothing,
    )
    return {str(name): whole.take(device == name) for name in np.unique(device)}


def detect_all(tracks: Mapping[str, Track], p: TripParameters) -> dict[str, list[DetectedTrip]]:
    """The detected trips of every device."""
    return {device: detect_trips(track, p) for device, track in tracks.items()}


def spans(found: Mapping[str, Iterable[DetectedTrip]]) -> TripSpans:
    """Start and end of the trips by device."""
    return {device: [(t.start, t.end) for t in trips] for device, trips in found.items()}


def km_deviation(case: DetectionCase, found: Mapping[str, Iterable[DetectedTrip]]) -> float:
    """Median of |found km / stated km - 1| over trips whose starts match within the tolerance."""
    ratios: list[float] = []
    for device, stated in case.true_km().items():
        trips = list(found.get(device, []))
        for start, km in stated:
            near = [t for t in trips if abs(t.start - start) <= case.tolerance_s]
            if near and km > 0:
                best = min(near, key=lambda t, start=start: abs(t.start - start))
                ratios.append(abs(best.km / km - 1))
    return float(np.median(ratios)) if ratios else float("nan")


def _floats(table: pa.Table, column: str) -> Floats:
    return table.column(column).cast(pa.float64()).to_numpy().astype(np.float64)
