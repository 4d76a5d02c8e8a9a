"""The generated pilot: an invented municipal fleet at named sites, its positions and true drives.

The generator is seeded: the same arguments give the same pilot, byte for byte. The town, prices and
work are in `data/pilot.toml`.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from fleet.localtime import day_start
from simulators.dispatch import Timetable, dispatch
from simulators.kind import PilotKind
from simulators.motion import Motion
from simulators.municipality import Municipality, load_municipality
from simulators.register import PilotDepot, PilotMember, PilotVehicle, enrol_fleet
from simulators.streets import Streets
from simulators.tracking import tracker_positions
from simulators.truth import Silence, sorted_by, true_drives
from simulators.work import plan_errands


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """A generated pilot.

    `positions`: columns of `simulators.tracking.SCHEMA`, in the order of `ts`, then `device`.
    `legs`: the exact drives, with columns `device, round_trip, start, end, km, tracked`.
    `round_trips`: columns `round_trip, device, depot, start, end, km, stops, needs, tracked`.
    Both are in the order of `start`. Times are timestamp[us, UTC]. `needs` is `;`-separated.
    `tracked` is false where the tracker was silent during a part of the drive.
    """

    start: date
    weeks: int
    seed: int
    positions: pa.Table
    vehicles: tuple[PilotVehicle, ...]
    depots: tuple[PilotDepot, ...]
    catalogue: tuple[PilotKind, ...]
    silences: tuple[Silence, ...]
    legs: pa.Table
    round_trips: pa.Table


def generate_pilot(
    *, start: date, weeks: int, vehicles: int, seed: int, until: datetime | None = None
) -> Pilot:
    """A pilot of `vehicles` vehicles over `weeks` weeks from local midnight of `start`.

    With `until` (timezone-aware) the pilot ends at that moment: it omits later positions, and
    drives that had not ended by then. What precedes that moment is the same as without `until`.

    Raises:
        ValueError: no weeks, a negative seed, an `until` without a time zone, or fewer vehicles
            than the pilot has combinations of depot and kind.
    """
    if weeks < 1:
        raise ValueError(f"weeks must be at least 1, got {weeks}")
    if seed < 0:
        raise ValueError(f"seed must not be negative, got {seed}")
    if until is not None and until.tzinfo is None:
        raise ValueError(f"until must have a time zone, got {until}")
    municipality = load_municipality()
    days = [start + timedelta(days=i) for i in range(7 * weeks)]
    period = _epoch(day_start(days[0])), _epoch(day_start(days[-1] + timedelta(days=1)))
    rng = np.random.default_rng(seed)

    streets = Streets(municipality.town, municipality.depot)
    fleet = enrol_fleet(municipality, vehicles, start, rng)
    errands = plan_errands(municipality, streets, fleet, days, rng)
    motion = Motion([leg for errand in errands for leg in errand.legs], municipality.driving, rng)
    timetable = Timetable(errands, motion)
    driven = dispatch(municipality, fleet, errands, timetable, rng)
    positions = [
        tracker_positions(
            one,
            streets.xy[streets.depots[one.enrolled.entry.pool]],
            streets.plane,
            motion,
            timetable,
            municipality.tracking,
            period,
            rng,
        )
        for one in driven
    ]
    silences = _silences(municipality, fleet, period)
    end = datetime.fromtimestamp(period[1], UTC) if until is None else until.astimezone(UTC)
    legs, round_trips = true_drives(driven, errands, timetable, silences, end)
    return Pilot(
        start=start,
        weeks=weeks,
        seed=seed,
        positions=_heard(pa.concat_tables(positions), silences, end),
        vehicles=tuple(enrolled.entry for enrolled in fleet),
        depots=tuple(
            PilotDepot(id=d.id, name=d.name, lat=d.lat, lon=d.lon, radius_m=d.radius_m)
            for d in municipality.depot
        ),
        catalogue=municipality.catalogue(),
        silences=silences,
        legs=legs,
        round_trips=round_trips,
    )


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _silences(
    municipality: Municipality, fleet: list[PilotMember], period: tuple[int, int]
) -> tuple[Silence, ...]:
    since, until = (
        datetime.fromtimestamp(int(period[0] + share * (period[1] - period[0])), UTC)
        for share in municipality.tracking.silence
    )
    return tuple(
        Silence(device=enrolled.entry.device, since=since, until=until)
        for enrolled in fleet
        if enrolled.silent
    )


def _heard(positions: pa.Table, silences: tuple[Silence, ...], end: datetime) -> pa.Table:
    """The positions up to `end` that no silence hides, in the order of `ts`, then `device`."""
    ts = pc.field("ts")
    kept = ts <= pa.scalar(end)
    for silence in silences:
        theirs = pc.field("device") == pc.scalar(silence.device)
        kept &= ~(theirs & (ts >= pa.scalar(silence.since)) & (ts < pa.scalar(silence.until)))
    return sorted_by(positions.filter(kept), "ts")
