"""Reads one row of a driving log as a trip, or finds the reason why it is none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from fleet.localtime import LOCAL_ZONE
from fleet.moments import ClockChange, clock_change, moment_of, written_moment
from trips.driving_log.log_columns import LogField
from trips.driving_log.log_numbers import LogDistances
from trips.driving_log.log_sheet import LogSheet, cell_text
from trips.driving_log.log_times import clock_in, day_in, written_return, written_time
from trips.driving_log.refusals import RowReason, RowRefusal, RowRefusedError
from trips.settings import TripSettings


@dataclass(frozen=True, slots=True)
class LogLimits:
    """The limits of a trip in a log; `now` is the moment of the import.

    A log covers every day from its first trip to its last for each of its vehicles: `device_days`
    is how many days of vehicles one import may make. `overnight_max_h` is how long a trip may last
    whose return is read as one of the next day.
    """

    now: datetime
    earliest: datetime = TripSettings.model_fields["log_earliest"].default
    device_days: int = TripSettings.model_fields["log_device_days_max"].default
    overnight_max_h: float = TripSettings.model_fields["log_overnight_max_h"].default
    speed_max_kmh: float = 130.0
    trip_max_h: float = 24 * 14.0


@dataclass(frozen=True, slots=True)
class LoggedTrip:
    """One row of a log: times in UTC. `row` is its number in the file."""

    row: int
    vehicle_id: str
    start: datetime
    end: datetime
    km: float


@dataclass(frozen=True, slots=True)
class _Times:
    """When a row's trip was, as it is written and in UTC."""

    written_start: datetime
    written_end: datetime
    start: datetime
    end: datetime
    is_next_day: bool


class RowReader:
    """Reads the rows of a sheet by the chosen columns. `vehicles` gives the id of each vehicle by
    its name, id or device in lower case, None where several are called so."""

    def __init__(
        self,
        sheet: LogSheet,
        columns: Mapping[LogField, str],
        vehicles: Mapping[str, str | None],
        limits: LogLimits,
    ) -> None:
        self._columns = {
            field: columns[field] for field in LogField if columns.get(field) in sheet.headings
        }
        self._at = {field: sheet.headings.index(name) for field, name in self._columns.items()}
        self._vehicles = vehicles
        self._limits = limits
        self._distances = LogDistances(sheet, self._columns)

    def read(self, number: int, cells: Sequence[object]) -> LoggedTrip | RowRefusal:
        """The trip of the row with this number in the file, or its refusal."""
        cell = {field: cells[i] if i < len(cells) else "" for field, i in self._at.items()}
        try:
            return self._trip(number, cell)
        except RowRefusedError as refused:
            texts = tuple(cell_text(one) for one in cells)
            return RowRefusal(number, refused.reason, refused.values, texts)

    def shown_start(self, cells: Sequence[object]) -> str:
        """The departure of a row as it stands in the file, with its day."""
        return self._shown({field: cells[i] for field, i in self._at.items() if i < len(cells)})

    def _shown(self, cell: Mapping[LogField, object]) -> str:
        texts = [cell_text(cell.get(field)) for field in (LogField.DATE, LogField.START)]
        whole = written_moment(cell.get(LogField.START)) is not None
        return texts[1] if whole else " ".join(text for text in texts if text)

    def _trip(self, number: int, cell: Mapping[LogField, object]) -> LoggedTrip:
        for field in (LogField.VEHICLE, LogField.START, LogField.END):
            if not cell_text(cell[field]):
                raise RowRefusedError(RowReason.EMPTY, column=self._columns[field])
        name = cell_text(cell[LogField.VEHICLE])
        if name.lower() not in self._vehicles:
            raise RowRefusedError(RowReason.NO_VEHICLE, value=name)
        vehicle_id = self._vehicles[name.lower()]
        if vehicle_id is None:
            raise RowRefusedError(RowReason.SEVERAL_VEHICLES, value=name)
        times = self._times(cell)
        km = self._distances.km(cell)
        self._check_times(cell, times)
        self._check_km(km, times)
        return LoggedTrip(number, vehicle_id, times.start, times.end, km)

    def _times(self, cell: Mapping[LogField, object]) -> _Times:
        start, end = cell[LogField.START], cell[LogField.END]
        day = None
        if written_moment(start) is None:
            day = self._day(cell, LogField.DATE)
            if day is None and LogField.DATE in self._at and clock_in(start) is not None:
                raise RowRefusedError(RowReason.EMPTY, column=self._columns[LogField.DATE])
        begins = written_time(start, day)
        begins_utc = moment_of(begins)
        if begins is None or begins_utc is None:
            raise self._no_time(LogField.START, cell)
        end_day = None if written_moment(end) is not None else self._day(cell, LogField.END_DATE)
        found = written_return(end, end_day, begins)
        ends_utc = None if found is None else moment_of(found.moment)
        if found is None or ends_utc is None:
            raise self._no_time(LogField.END, cell)
        return _Times(begins, found.moment, begins_utc, ends_utc, found.is_next_day)

    def _day(self, cell: Mapping[LogField, object], field: LogField) -> date | None:
        """The day in the column of a field; None: no such column, or an empty cell."""
        text = cell_text(cell.get(field))
        if not text:
            return None
        day = day_in(cell[field])
        if day is None:
            raise RowRefusedError(RowReason.NO_DAY, column=self._columns[field], value=text)
        return day

    def _no_time(self, field: LogField, cell: Mapping[LogField, object]) -> RowRefusedError:
        has_days = LogField.DATE in self._at or LogField.END_DATE in self._at
        reason = RowReason.NO_CLOCK if has_days else RowReason.NO_TIME
        return RowRefusedError(reason, column=self._columns[field], value=cell_text(cell[field]))

    def _check_times(self, cell: Mapping[LogField, object], times: _Times) -> None:
        limits, hours = self._limits, _hours(times)
        start_column = self._columns[LogField.START]
        if hours <= 0:
            if _fits_but_for_spring(times):
                raise RowRefusedError(
                    RowReason.START_LEFT_OUT,
                    column=start_column,
                    value=self._shown(cell),
                    read=f"{times.start.astimezone(LOCAL_ZONE):%H:%M}",
                )
            if clock_change(times.written_end) is ClockChange.TWICE and hours > -1:
                raise RowRefusedError(
                    RowReason.END_TWICE,
                    column=self._columns[LogField.END],
                    value=cell_text(cell[LogField.END]),
                )
            raise RowRefusedError(RowReason.END_BEFORE_START)
        if times.is_next_day and hours > limits.overnight_max_h:
            most = f"{limits.overnight_max_h:g}"
            raise RowRefusedError(RowReason.OVERNIGHT, hours=round(hours, 1), most=most)
        if hours > limits.trip_max_h:
            raise RowRefusedError(RowReason.TOO_LONG, most=round(limits.trip_max_h))
        if times.start < limits.earliest:
            raise RowRefusedError(
                RowReason.TOO_EARLY,
                column=start_column,
                value=self._shown(cell),
                earliest=f"{limits.earliest:%Y-%m-%d}",
            )
        if times.end > limits.now:
            raise RowRefusedError(RowReason.IN_FUTURE)

    def _check_km(self, km: float, times: _Times) -> None:
        if km < 0:
            raise RowRefusedError(RowReason.KM_NEGATIVE)
        most, hours = self._limits.speed_max_kmh, _hours(times)
        if km <= most * hours:
            return
        if hours < 1:
            minutes = round(60 * hours) or round(60 * hours, 1)
            raise RowRefusedError(
                RowReason.TOO_FAST_WITHIN_AN_HOUR,
                km=round(km, 1),
                minutes=minutes,
                most=round(most),
            )
        raise RowRefusedError(
            RowReason.TOO_FAST, km=round(km, 1), hours=round(hours, 2), most=round(most)
        )


def _hours(times: _Times) -> float:
    return (times.end - times.start) / timedelta(hours=1)


def _fits_but_for_spring(times: _Times) -> bool:
    """Whether a trip ends at or before its start only because the clock leaves out its start."""
    if clock_change(times.written_start) is not ClockChange.LEFT_OUT:
        return False
    if clock_change(times.written_end) is ClockChange.LEFT_OUT:
        return False
    clock_at_start, clock_at_end = (
        moment.astimezone(LOCAL_ZONE).replace(tzinfo=None) for moment in (times.start, times.end)
    )
    return clock_at_end > clock_at_start - timedelta(hours=1)
