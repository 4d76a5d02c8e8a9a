"""Enrols the trackers of a list: the good lines are taken, and each refused one has its reason."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from db.connect import Pool, PooledConnection
from db.statements import statements
from fleet.actor import Actor, Permission
from register.devices import SeatTakenError, enrol_on
from register.enrolment.tracker_list import LineReason, ListedTracker, RefusedLine, TrackerList
from register.inventory.details import VehicleDetails, plain_plate
from register.inventory.stored import registered_vehicles
from register.private_sweep import sweep_unswept
from register.vehicles import Vehicle, vehicles

SQL = statements("device")


class Outcome(StrEnum):
    """The outcomes of a line that is taken. SEATED: the tracker was enrolled, and has a vehicle
    now. UNCHANGED: all of the line was so already."""

    ENROLLED = "enrolled"
    SEATED = "seated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class TakenLine:
    """A line that is taken, with the vehicle that the tracker sits in now."""

    tracker: ListedTracker
    outcome: Outcome
    vehicle_id: str | None
    vehicle_name: str | None


@dataclass(frozen=True, slots=True)
class EnrolmentReport:
    """The outcome of a list, in the order of its lines."""

    taken: Sequence[TakenLine]
    refused: Sequence[RefusedLine]


async def enrol_listed(
    pool: Pool, actor: Actor, listed: TrackerList, since: date | None
) -> EnrolmentReport:
    """Enrol the trackers of a list, and let those with a vehicle sit in it.

    With `since` they sit there from that local day on. Without it, what a tracker without a vehicle
    sent before becomes the vehicle's. A list moves no tracker out of a vehicle, neither its own nor
    another: such a line is refused.
    """
    actor.require(Permission.TELEMETRY_MANAGE)
    taken: list[TakenLine] = []
    refused = [*listed.refused]
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["keep_devices_as_they_are"])
        details = {one.vehicle_id: one.details for one in await registered_vehicles(connection)}
        fleet = _Fleet(await vehicles(connection), details)
        names = [tracker.device for tracker in listed.trackers]
        seats = {
            row["device"]: row["vehicle_id"]
            for row in await connection.fetch(SQL["enrolled_among"], names)
        }
        for tracker in listed.trackers:
            found = fleet.seat_for(tracker, seats)
            if isinstance(found, Vehicle | None):
                found = await _enrol(connection, actor, tracker, found, seats, since)
            if isinstance(found, RefusedLine):
                refused.append(found)
            else:
                taken.append(found)
    await sweep_unswept(pool)
    return EnrolmentReport(taken, sorted(refused, key=lambda one: one.line))


async def _enrol(
    connection: PooledConnection,
    actor: Actor,
    tracker: ListedTracker,
    vehicle: Vehicle | None,
    seats: Mapping[str, str | None],
    since: date | None,
) -> TakenLine | RefusedLine:
    device, sits_in = tracker.device, seats.get(tracker.device)
    vehicle_id = None if vehicle is None else vehicle.vehicle_id
    name = None if vehicle is None else vehicle.name
    if device in seats and vehicle_id in (None, sits_in):
        return TakenLine(tracker, Outcome.UNCHANGED, vehicle_id, name)
    try:
        # A line that is refused half-way leaves nothing behind.
        async with connection.transaction():
            await enrol_on(connection, actor, device, vehicle_id, since)
    except SeatTakenError as error:
        values = {
            "vehicle": tracker.vehicle,
            "device": error.other,
            "until": error.until.isoformat(),
        }
        return RefusedLine(tracker.line, tracker.text, LineReason.SEAT_TAKEN, values)
    outcome = Outcome.SEATED if device in seats else Outcome.ENROLLED
    return TakenLine(tracker, outcome, vehicle_id, name)


class _Fleet:
    """The vehicles of the fleet as a list names them, by id, name or registration number, and which
    of them the list has used."""

    def __init__(self, fleet: Sequence[Vehicle], details: Mapping[str, VehicleDetails]) -> None:
        """`details` are those of the register by vehicle. A list may name a vehicle as it is called
        or as it is shown."""
        self._by_id = {vehicle.vehicle_id: vehicle for vehicle in fleet}
        self._by_plate: dict[str, Vehicle] = {}
        self._by_name: dict[str, list[Vehicle]] = defaultdict(list)
        for vehicle in fleet:
            own = details[vehicle.vehicle_id]
            if own.plate is not None:
                self._by_plate[own.plate] = vehicle
            for name in {own.name.casefold(), vehicle.name.casefold()}:
                self._by_name[name].append(vehicle)
        self._line_of: dict[str, int] = {}

    def seat_for(
        self, tracker: ListedTracker, seats: Mapping[str, str | None]
    ) -> Vehicle | RefusedLine | None:
        """The vehicle that a line names; None: it names none."""
        if not tracker.vehicle:
            return None

        def refused(reason: LineReason, **values: str | int) -> RefusedLine:
            values = {"vehicle": tracker.vehicle, **values}
            return RefusedLine(tracker.line, tracker.text, reason, values)

        found = self._named(tracker.vehicle)
        if len(found) != 1:
            several = LineReason.SEVERAL_VEHICLES if found else LineReason.NO_VEHICLE
            return refused(several, vehicles=len(found))
        [vehicle] = found
        sits_in = seats.get(tracker.device)
        if sits_in == vehicle.vehicle_id:
            return vehicle
        if sits_in is not None:
            return refused(LineReason.SITS_ELSEWHERE, sits_in=self._name(sits_in))
        if vehicle.device is not None and not vehicle.is_logged:
            return refused(LineReason.VEHICLE_TAKEN, device=vehicle.device)
        if vehicle.vehicle_id in self._line_of:
            return refused(LineReason.VEHICLE_TWICE, line=self._line_of[vehicle.vehicle_id])
        self._line_of[vehicle.vehicle_id] = tracker.line
        return vehicle

    def _named(self, text: str) -> Sequence[Vehicle]:
        """The vehicles that a text may mean."""
        one = self._by_id.get(text) or self._by_plate.get(plain_plate(text))
        return self._by_name.get(text.casefold(), []) if one is None else [one]

    def _name(self, vehicle_id: str) -> str:
        found = self._by_id.get(vehicle_id)
        return vehicle_id if found is None else found.name
