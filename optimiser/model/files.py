"""The files of the problem and its answer: trips and fleet as CSV, rules as TOML, PLAN.json.

The reader takes cells as text, so that an empty cell stays empty and an id of digits stays an id.
It reports a mistake with its file, row (the header is row 1) and column.
"""

import json
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson

from costs.limits import LIMIT_NUMBERS, DayWindow, KindLimits, Limit
from fleet.files.csv_table import CsvTable, read_csv
from fleet.files.notation import AmbiguousNumberError
from fleet.files.refusal import TableError
from fleet.localtime import LOCAL_ZONE
from fleet.moments import ClockChange, clock_change
from fleet.saying import Saying
from fleet.vehicle import Energy
from optimiser.model.plan import Plan
from optimiser.model.problem import (
    YEAR_MAX,
    YEAR_MIN,
    Kind,
    Problem,
    ProblemError,
    RoundTrip,
    Rules,
)
from optimiser.model.remark import Remark, remark

#: The file of the default rules, each with its source.
DEFAULT_RULES = Path(__file__).parent / "rules_default.toml"

TRIP_COLUMNS = ("trip_id", "start", "end", "km")
KIND_COLUMNS = ("type", "count_now", "energy", "fixed_kr_year", "kr_km", "co2_g_km")

_NUMBERS = frozenset(
    {
        *("km", "fixed_kr_year", "kr_km", "co2_g_km", "range_km", "charge_km_h"),
        *LIMIT_NUMBERS,
    }
)

_COLUMNS = _NUMBERS | {
    *(*TRIP_COLUMNS, "pool", "needs", "vehicle"),
    *(*KIND_COLUMNS, "min_count", "max_count", "offers", *Limit),
}

_RULES = frozenset(field.name for field in fields(Rules))

#: The rules that are true or false, those that are whole numbers, and the lists of words.
_RULE_FLAGS = frozenset({"green_only_new", "moves", "green_keep"})
_RULE_COUNTS = frozenset({"seed", "count_most", "reserve"})
_RULE_LISTS = frozenset({"no_fallback_needs", "no_fallback_pools"})

Value = TypeVar("Value")

#: The most characters of a wrong cell that a message shows.
CELL_SHOWN_MAX = 60


def read_problem(trips: Path, fleet: Path, rules: Path | None) -> Problem:
    """The problem in three files; without a file of rules, the default ones.

    Raises:
        ProblemError: a file cannot be read, or has an impossible value.
    """
    rules_read = read_rules(rules)
    driven, trip_notes = _read_trips(trips)
    kinds, kind_notes = _read_kinds(fleet, rules_read.count_most)
    return Problem(trips=driven, kinds=kinds, rules=rules_read, notes=(*trip_notes, *kind_notes))


def read_rules(path: Path | None, assumed: Mapping[str, float] | None = None) -> Rules:
    """The rules: those in a TOML file, else those that are `assumed`, else the default ones.

    Raises:
        ProblemError: the file cannot be read, or has an unknown or impossible rule.
    """
    values: dict[str, Any] = _toml(DEFAULT_RULES) | dict(assumed or {})
    if path is not None:
        values |= _toml(path)
    try:
        return Rules(**{name: _rule(name, value) for name, value in values.items()})
    except ProblemError as error:
        raise _error_at(path, error.remark) from None


def trip_cells(problem: Problem) -> list[dict[str, str]]:
    """The trips as rows of the trips file."""
    return [
        {
            "trip_id": trip.trip_id,
            "start": trip.start.isoformat(),
            "end": trip.end.isoformat(),
            "km": repr(trip.km),
            "pool": trip.pool,
            "needs": ";".join(sorted(trip.needs)),
            "vehicle": trip.vehicle or "",
        }
        for trip in problem.trips
    ]


def kind_cells(problem: Problem) -> list[dict[str, str]]:
    """The kinds as rows of the fleet file."""
    return [
        {
            "type": kind.type,
            "pool": kind.pool,
            "count_now": str(kind.count_now),
            "min_count": str(kind.min_count),
            "max_count": _cell(kind.max_count),
            "offers": ";".join(sorted(kind.offers)),
            "energy": kind.energy.value,
            "fixed_kr_year": repr(kind.fixed_kr_year),
            "kr_km": repr(kind.kr_km),
            "co2_g_km": repr(kind.co2_g_km),
            "range_km": _cell(kind.range_km),
            "charge_km_h": _cell(kind.charge_km_h),
            **{limit.value: _cell(kind.limits.number(limit)) for limit in LIMIT_NUMBERS},
            Limit.WINDOW.value: "" if kind.limits.window is None else str(kind.limits.window),
        }
        for kind in problem.kinds
    ]


def write_plan(plan: Plan, path: Path) -> None:
    """Write `PLAN.json`."""
    path.write_text(json.dumps(plan.to_json(), indent=1) + "\n", encoding="utf-8")


def read_plan(path: Path) -> Plan:
    """The plan in a `PLAN.json`.

    Raises:
        ProblemError: the file cannot be read, is no JSON, or lacks a field.
    """
    try:
        return Plan.from_json(orjson.loads(path.read_bytes()))
    except OSError as error:
        raise _error_at(path, _quoted(error.strerror)) from None
    except orjson.JSONDecodeError as error:
        raise _error_at(path, _quoted(error)) from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _error_at(path, remark(Remark.NO_PLAN, what=str(error))) from None


def _read_trips(path: Path) -> tuple[tuple[RoundTrip, ...], list[Saying]]:
    table = _table(path, TRIP_COLUMNS)
    trips: list[RoundTrip] = []
    lines: dict[str, int] = {}
    local = left_out = 0
    for line, cells in table.rows:
        row = _Row(f"{path}: row {line}", cells, table)
        trip = row.build(
            lambda r: RoundTrip(
                trip_id=r.text("trip_id"),
                start=r.moment("start"),
                end=r.moment("end"),
                km=r.number("km"),
                pool=r.text("pool"),
                needs=r.words("needs"),
                vehicle=r.text("vehicle") or None,
            )
        )
        first = lines.setdefault(trip.trip_id, line)
        if first != line:
            raise row.repeated("trip_id", trip.trip_id, first)
        local += row.is_local
        left_out += row.is_left_out
        trips.append(trip)
    notes = [_quoted(note) for note in table.notes]
    if local:
        notes.append(_remark_at(path.name, remark(Remark.READ_AS_LOCAL, trips=local)))
    if left_out:
        notes.append(_remark_at(path.name, remark(Remark.LEFT_OUT)))
    return tuple(trips), notes


def _read_kinds(path: Path, count_most: int) -> tuple[tuple[Kind, ...], list[Saying]]:
    table = _table(path, KIND_COLUMNS)
    kinds: list[Kind] = []
    lines: dict[str, int] = {}
    for line, cells in table.rows:
        row = _Row(f"{path}: row {line}", cells, table, count_most)
        kind = row.build(
            lambda r: Kind(
                type=r.text("type"),
                pool=r.text("pool"),
                count_now=r.count("count_now"),
                min_count=r.optional("min_count", r.count) or 0,
                max_count=r.optional("max_count", r.count),
                offers=r.words("offers"),
                energy=r.energy("energy"),
                fixed_kr_year=r.number("fixed_kr_year"),
                kr_km=r.number("kr_km"),
                co2_g_km=r.number("co2_g_km"),
                range_km=r.optional("range_km", r.number),
                charge_km_h=r.optional("charge_km_h", r.number),
                limits=r.limits(),
            )
        )
        first = lines.setdefault(kind.label, line)
        if first != line:
            raise row.repeated("type and pool", kind.label, first)
        kinds.append(kind)
    return tuple(kinds), [_quoted(note) for note in table.notes]


def _rule(name: str, value: Any) -> Any:
    """The value of a rule, checked for its name and its type."""
    if name not in _RULES:
        raise ProblemError(remark(Remark.NO_RULE, name=name))
    if name == "reserve" and isinstance(value, dict):
        by_pool = cast(dict[str, Any], value)
        return {pool: _rule_number(f"reserve.{pool}", count) for pool, count in by_pool.items()}
    if name in _RULE_LISTS:
        words = cast(list[Any], value) if isinstance(value, list) else [value]
        if not isinstance(value, list) or not all(isinstance(word, str) for word in words):
            raise ProblemError(remark(Remark.RULE_TYPE, name=name, value=str(words)))
        return tuple(str(word).strip() for word in words)
    if name not in _RULE_FLAGS:
        return _rule_number(name, value)
    if not isinstance(value, bool):
        raise ProblemError(remark(Remark.RULE_TYPE, name=name, value=repr(value)))
    return value


def _rule_number(name: str, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ProblemError(remark(Remark.RULE_TYPE, name=name, value=repr(value)))
    if name.partition(".")[0] in _RULE_COUNTS and not isinstance(value, int):
        raise ProblemError(remark(Remark.NOT_WHOLE, name=name, value=repr(value)))
    return value


class _Row:
    """One row of a CSV file, whose cells are read by column."""

    def __init__(
        self, where: str, cells: Mapping[str, str], table: CsvTable, count_most: int = 0
    ) -> None:
        self._where = where
        self._cells = cells
        self._table = table
        self._count_most = count_most
        #: Whether a moment of the row was read as local time.
        self.is_local = False
        #: Whether such a local time does not exist, as clocks skip it in spring.
        self.is_left_out = False

    def build(self, make: Callable[["_Row"], Value]) -> Value:
        try:
            return make(self)
        except ProblemError as error:
            raise _error_at(self._where, error.remark) from None

    def repeated(self, columns: str, value: str, first: int) -> ProblemError:
        """The error that row `first` has the same value in `columns`."""
        return _error_at(
            self._where, remark(Remark.ROW_TWICE, columns=columns, value=value, first=first)
        )

    def text(self, column: str) -> str:
        return self._cells.get(column, "").strip()

    def words(self, column: str) -> frozenset[str]:
        return frozenset(word.strip() for word in self.text(column).split(";") if word.strip())

    def number(self, column: str) -> float:
        return self._converted(column, lambda text: float(self._table.number(text)), "a number")

    def count(self, column: str) -> int:
        text = self.text(column)
        # The length is checked first, because the conversion of thousands of digits is slow.
        if len(text) > 20 or self._converted(column, int, "a whole number") > self._count_most:
            raise ProblemError(
                remark(Remark.CELL_COUNT, column=column, value=text[:20], most=self._count_most)
            )
        return int(text)

    def energy(self, column: str) -> Energy:
        return self._converted(column, Energy, f"one of {', '.join(Energy)}")

    def moment(self, column: str) -> datetime:
        ts = self._converted(column, datetime.fromisoformat, "a moment as ISO 8601")
        if not YEAR_MIN <= ts.year <= YEAR_MAX:
            raise _cell_error(column, self.text(column), f"of the years {YEAR_MIN} to {YEAR_MAX}")
        if ts.tzinfo is not None:
            return ts
        self.is_local = True
        self.is_left_out |= clock_change(ts) is ClockChange.LEFT_OUT
        return ts.replace(tzinfo=LOCAL_ZONE).astimezone(UTC)

    def limits(self) -> KindLimits:
        numbers = {limit: self.optional(limit, self.number) for limit in LIMIT_NUMBERS}
        return KindLimits(**numbers, window=self.optional(Limit.WINDOW, self._window))

    def _window(self, column: str) -> DayWindow:
        return self._converted(column, DayWindow.parse, "like 07:00-15:30")

    def optional(self, column: str, read: Callable[[str], Value]) -> Value | None:
        return read(column) if self.text(column) else None

    def _converted(self, column: str, convert: Callable[[str], Value], expected: str) -> Value:
        text = self.text(column)
        try:
            return convert(text)
        except AmbiguousNumberError as error:
            raise ProblemError(remark(Remark.CELL_NUMBER, column=column, what=str(error))) from None
        except ValueError:
            shown = text if len(text) <= CELL_SHOWN_MAX else text[:CELL_SHOWN_MAX] + "…"
            raise _cell_error(column, shown, expected) from None


def _remark_at(place: object, what: Saying) -> Saying:
    return remark(Remark.AT, place=str(place), what=(what,))


def _error_at(place: object, what: Saying) -> ProblemError:
    """The error of a remark on a place: a file, or a row of one."""
    return ProblemError(_remark_at(place, what))


def _quoted(what: object) -> Saying:
    return remark(Remark.READ, what=str(what))


def _cell_error(column: str, value: str, expected: str) -> ProblemError:
    return ProblemError(remark(Remark.CELL, column=column, value=value, expected=expected))


def _table(path: Path, required: Sequence[str]) -> CsvTable:
    try:
        table = read_csv(path, _NUMBERS)
    except TableError as error:
        raise ProblemError(_quoted(error)) from None
    missing = [name for name in required if name not in table.columns]
    if missing:
        found = ", ".join(table.columns)
        raise _error_at(path, remark(Remark.NO_COLUMN, missing=", ".join(missing), found=found))
    for name in table.columns:
        _refuse_near_miss(path, name, table.columns)
    return table


def _refuse_near_miss(path: Path, name: str, present: Sequence[str]) -> None:
    """Refuse a column that looks mistyped, as its rule would be dropped in silence.

    Other unknown columns are allowed.
    """
    if name in _COLUMNS:
        return
    for meant in get_close_matches(name, _COLUMNS, n=1, cutoff=0.75):
        if meant not in present:
            raise _error_at(path, remark(Remark.NEAR_MISS, column=name, meant=meant))


def _cell(value: float | None) -> str:
    return "" if value is None else repr(value)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise _error_at(path, _quoted(error.strerror)) from None
    except UnicodeDecodeError:
        raise _error_at(path, remark(Remark.NOT_UTF8)) from None
    except tomllib.TOMLDecodeError as error:
        raise _error_at(path, _quoted(error)) from None
