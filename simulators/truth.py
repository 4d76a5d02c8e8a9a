"""The true drives of a generated pilot, with which tests compare detected trips."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from simulators.dispatch import SimulatedVehicle, Timetable
from simulators.work import Errand

MOMENT = pa.timestamp("us", tz="UTC")

LEGS = pa.schema(
    [
        ("device", pa.string()),
        ("round_trip", pa.int64()),
        ("start", MOMENT),
        ("end", MOMENT),
        ("km", pa.float64()),
        ("tracked", pa.bool_()),
    ]
)

ROUND_TRIPS = pa.schema(
    [
        ("round_trip", pa.int64()),
        ("device", pa.string()),
        ("depot", pa.string()),
        ("start", MOMENT),
        ("end", MOMENT),
        ("km", pa.float64()),
        ("stops", pa.int64()),
        ("needs", pa.string()),
        ("tracked", pa.bool_()),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A time in which a tracker sent nothing, whatever its vehicle did; UTC, `until` excluded."""

    device: str
    since: datetime
    until: datetime

    def touches(self, device: str, start: datetime, end: datetime) -> bool:
        """Whether the silence hides a part of what `device` did from `start` to `end`."""
        return device == self.device and start < self.until and end >= self.since


def true_drives(
    driven: Sequence[SimulatedVehicle],
    errands: Sequence[Errand],
    timetable: Timetable,
    silences: Sequence[Silence],
    until: datetime,
) -> tuple[pa.Table, pa.Table]:
    """The drives that had ended by `until`.

    `round_trip` numbers the errands; errands that nobody drove have no row. `needs` is
    `;`-separated. `tracked` is false where the tracker was silent during a part of the drive.

    Returns:
        The legs in the columns `LEGS` and the round trips in the columns `ROUND_TRIPS`, each in
        the order of `start`.
    """
    legs: list[dict[str, object]] = []
    round_trips: list[dict[str, object]] = []
    for vehicle in driven:
        device = vehicle.enrolled.entry.device
        for ride in vehicle.rides:
            errand = errands[ride.errand]
            first, last = timetable.first_leg[ride.errand : ride.errand + 2].tolist()
            drives = [
                _drive(device, ride.errand, int(start), int(end), float(km), silences)
                for start, end, km in zip(
                    timetable.leg_start[first:last],
                    timetable.leg_end[first:last],
                    timetable.leg_km[first:last],
                    strict=True,
                )
            ]
            legs += drives
            whole = _drive(
                device,
                ride.errand,
                errand.start,
                timetable.end[ride.errand],
                timetable.km[ride.errand],
                silences,
            )
            whole |= {
                "depot": errand.depot,
                "stops": len(errand.stays_s),
                "needs": ";".join(sorted(errand.needs)),
            }
            round_trips.append(whole)
    return _table(legs, LEGS, until), _table(round_trips, ROUND_TRIPS, until)


def _drive(
    device: str, errand: int, start_s: int, end_s: int, km: float, silences: Sequence[Silence]
) -> dict[str, object]:
    start, end = datetime.fromtimestamp(start_s, UTC), datetime.fromtimestamp(end_s, UTC)
    return {
        "device": device,
        "round_trip": errand,
        "start": start,
        "end": end,
        "km": round(km, 3),
        "tracked": not any(silence.touches(device, start, end) for silence in silences),
    }


def _table(rows: list[dict[str, object]], schema: pa.Schema, until: datetime) -> pa.Table:
    table = pa.Table.from_pylist(rows, schema=schema)
    return sorted_by(table.filter(pc.field("end") <= pa.scalar(until)), "start")


def sorted_by(table: pa.Table, moment: str) -> pa.Table:
    """The rows in the order of the column `moment`; rows of the same moment by `device`."""
    by: list[tuple[str, Literal["ascending", "descending"]]]
    by = [(moment, "ascending"), ("device", "ascending")]
    return table.sort_by(by)  # pyright: ignore[reportUnknownMemberType]
