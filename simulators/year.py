"""Generates a long log of a large fleet, some weeks at a time, so that memory does not grow.

The fleet, its depots and its work are the pilot's (`data/pilot.toml`), at another size. Each block
of weeks draws anew how popular each vehicle is and how full its tank is; odometers and engine
counters continue. A drive that crosses the border of two blocks ends there. The generator is
seeded: the same arguments give the same log.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fleet.arrays import Floats
from fleet.localtime import day_start
from simulators.dispatch import SimulatedVehicle, Timetable, dispatch
from simulators.motion import Motion
from simulators.municipality import Municipality, load_municipality
from simulators.register import PilotMember, enrol_fleet
from simulators.streets import Streets
from simulators.tracking import SCHEMA, tracker_positions
from simulators.work import plan_errands

#: Weeks generated at a time: a block of 300 vehicles takes about a gigabyte of memory.
BLOCK_WEEKS = 4

#: Columns whose count continues from one block to the next.
COUNTERS = ("odometer_km", "engine_hours_h")


@dataclass(frozen=True, slots=True, kw_only=True)
class YearLog:
    """The log of `vehicles` vehicles over `weeks` weeks from local midnight of `start`.

    Trackers send a position every `cadence_s` seconds while driving and every `heartbeat_s` while
    parked. `work_share` is the amount of work relative to the pilot's. Half of the pilot's vehicles
    are home care's, with ten stops and more a day.

    Raises:
        ValueError: a number is below 1, or `work_share` is not above 0.
    """

    start: date
    weeks: int
    vehicles: int
    cadence_s: int
    heartbeat_s: int
    work_share: float
    seed: int

    def __post_init__(self) -> None:
        for name in ("weeks", "vehicles", "cadence_s", "heartbeat_s"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, got {getattr(self, name)}")
        if self.work_share <= 0:
            raise ValueError(f"work_share must be above 0, got {self.work_share}")

    @property
    def municipality(self) -> Municipality:
        """The pilot's municipality with `work_share`, `cadence_s` and `heartbeat_s` of the log."""
        pilot = load_municipality()
        return replace(
            pilot,
            tracking=replace(
                pilot.tracking, cadence_s=self.cadence_s, heartbeat_s=self.heartbeat_s
            ),
            depot=tuple(
                replace(
                    depot,
                    work=tuple(
                        replace(work, a_day=self.work_share * work.a_day) for work in depot.work
                    ),
                )
                for depot in pilot.depot
            ),
        )

    def fleet(self) -> list[PilotMember]:
        """The vehicles of the log.

        Raises:
            ValueError: `vehicles` is below the number of combinations of depot and kind.
        """
        rng = np.random.default_rng(self.seed)
        return enrol_fleet(self.municipality, self.vehicles, self.start, rng)

    def blocks(self) -> Iterator[pa.Table]:
        """The positions, one table a block, in the columns of `simulators.tracking.SCHEMA`.

        The rows of a block are in the order of the device, then of time.
        """
        municipality, fleet = self.municipality, self.fleet()
        streets = Streets(municipality.town, municipality.depot)
        silent = self._silence(municipality)
        counted: dict[str, dict[str, float]] = {}
        for number, week in enumerate(range(0, self.weeks, BLOCK_WEEKS)):
            weeks = min(BLOCK_WEEKS, self.weeks - week)
            first = self.start + timedelta(weeks=week)
            days = [first + timedelta(days=i) for i in range(7 * weeks)]
            rng = np.random.default_rng((self.seed, number + 1))
            tables = _block(municipality, streets, fleet, days, rng)
            yield pa.concat_tables(
                _heard(_counting_on(table, counted), silent if enrolled.silent else None)
                for enrolled, table in zip(fleet, tables, strict=True)
            )

    def _silence(self, municipality: Municipality) -> tuple[datetime, datetime]:
        begin = day_start(self.start).astimezone(UTC)
        end = day_start(self.start + timedelta(weeks=self.weeks)).astimezone(UTC)
        since, until = municipality.tracking.silence
        return begin + since * (end - begin), begin + until * (end - begin)


def _block(
    municipality: Municipality,
    streets: Streets,
    fleet: Sequence[PilotMember],
    days: Sequence[date],
    rng: np.random.Generator,
) -> Iterator[pa.Table]:
    """The positions of each vehicle on `days`."""
    begin = int(day_start(days[0]).timestamp())
    end = int(day_start(days[-1] + timedelta(days=1)).timestamp())
    errands = plan_errands(municipality, streets, fleet, days, rng)
    motion = Motion([leg for errand in errands for leg in errand.legs], municipality.driving, rng)
    timetable = Timetable(errands, motion)

    def positions(one: SimulatedVehicle) -> pa.Table:
        home = streets.xy[streets.depots[one.enrolled.entry.pool]]
        tracking = municipality.tracking
        table = tracker_positions(
            one, home, streets.plane, motion, timetable, tracking, (begin, end), rng
        )
        return table.filter(pc.field("ts") < pa.scalar(datetime.fromtimestamp(end, UTC)))

    return map(positions, dispatch(municipality, fleet, errands, timetable, rng))


def _counting_on(table: pa.Table, counted: dict[str, dict[str, float]]) -> pa.Table:
    """The table of one vehicle, whose counters continue from the readings in `counted`."""
    if not table.num_rows:
        return table
    so_far = counted.setdefault(str(table.column("device")[0]), {})
    for name in COUNTERS:
        column = table.column(name)
        if column.null_count:
            continue
        values: Floats = column.to_numpy()
        values = (values - values[0] + so_far.get(name, values[0])).round(3)
        so_far[name] = float(values[-1])
        at = SCHEMA.get_field_index(name)
        table = table.set_column(at, name, pa.array(values.tolist(), pa.float64()))
    return table


def _heard(table: pa.Table, silence: tuple[datetime, datetime] | None) -> pa.Table:
    if silence is None:
        return table
    ts = pc.field("ts")
    return table.filter((ts < pa.scalar(silence[0])) | (ts >= pa.scalar(silence[1])))
