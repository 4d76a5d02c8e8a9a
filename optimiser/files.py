"""The files of the problem and its answer: trips and fleet as CSV, rules as TOML, PLAN.json.

Cells are read as text, so that an empty one is empty and an id of digits stays an id. A mistake is
reported with its file, row (the header is row 1) and column.
"""

import csv
import json
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from fleet.vehicle import Energy
from optimiser.plan import Plan
from optimiser.problem import Kind, Problem, ProblemError, RoundTrip, Rules

#: The rules that a file leaves out, each with its source.
DEFAULT_RULES = Path(__file__).parent / "rules_default.toml"

TRIP_COLUMNS = ("trip_id", "start", "end", "km")
KIND_COLUMNS = ("type", "count_now", "energy", "fixed_kr_year", "kr_km", "co2_g_km")

_COLUMNS = frozenset(
    {
        *(*TRIP_COLUMNS, "pool", "needs", "vehicle"),
        *(*KIND_COLUMNS, "min_count", "max_count", "offers", "range_km", "charge_km_h"),
        *("max_trip_km", "max_day_km", "window"),
    }
)

Value = TypeVar("Value")


def read_problem(trips: Path, fleet: Path, rules: Path | None) -> Problem:
    """The problem in three files; without a file of rules, the default ones.

    Raises:
        ProblemError: a file cannot be read, or says something that cannot be.
    """
    return Problem(
        trips=tuple(_read_trips(trips)), kinds=tuple(_read_kinds(fleet)), rules=read_rules(rules)
    )


def read_rules(path: Path | None, assumed: Mapping[str, float] | None = None) -> Rules:
    """The rules in a TOML file, over those that are `assumed`, over the default ones.

    Raises:
        ProblemError: the file cannot be read, or has an unknown or impossible rule.
    """
    values: dict[str, Any] = _toml(DEFAULT_RULES) | dict(assumed or {})
    if path is not None:
        values |= _toml(path)
    known = {field.name: field.type for field in fields(Rules)}
    for name, value in values.items():
        if name not in known:
            raise ProblemError(f"{path}: there is no rule {name}")
        is_flag = name == "green_only_new"
        if isinstance(value, bool) != is_flag or not isinstance(value, bool | int | float):
            raise ProblemError(f"{path}: {name}: {value!r} is not of its type")
        if name == "seed" and not isinstance(value, int):
            raise ProblemError(f"{path}: seed: {value!r} is no whole number")
    try:
        return Rules(**values)
    except ProblemError as error:
        raise ProblemError(f"{path}: {error}") from None


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
            "max_trip_km": _cell(kind.max_trip_km),
            "max_day_km": _cell(kind.max_day_km),
            "window": ""
            if kind.window is None
            else f"{kind.window[0]:%H:%M}-{kind.window[1]:%H:%M}",
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
        return Plan.from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror}") from None
    except json.JSONDecodeError as error:
        raise ProblemError(f"{path}: {error}") from None
    except (KeyError, TypeError) as error:
        raise ProblemError(f"{path}: is no plan: {error} is missing or wrong") from None


def _read_trips(path: Path) -> Iterator[RoundTrip]:
    for row in _rows(path, TRIP_COLUMNS):
        yield row.built(
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


def _read_kinds(path: Path) -> Iterator[Kind]:
    for row in _rows(path, KIND_COLUMNS):
        yield row.built(
            lambda r: Kind(
                type=r.text("type"),
                pool=r.text("pool"),
                count_now=r.whole("count_now"),
                min_count=r.optional("min_count", r.whole) or 0,
                max_count=r.optional("max_count", r.whole),
                offers=r.words("offers"),
                energy=r.energy("energy"),
                fixed_kr_year=r.number("fixed_kr_year"),
                kr_km=r.number("kr_km"),
                co2_g_km=r.number("co2_g_km"),
                range_km=r.optional("range_km", r.number),
                charge_km_h=r.optional("charge_km_h", r.number),
                max_trip_km=r.optional("max_trip_km", r.number),
                max_day_km=r.optional("max_day_km", r.number),
                window=r.optional("window", r.window),
            )
        )


class _Row:
    """One row of a CSV file; its cells by column, read as one type or another."""

    def __init__(self, where: str, cells: Mapping[str, str]) -> None:
        self._where = where
        self._cells = cells

    def built(self, build: Callable[["_Row"], Value]) -> Value:
        try:
            return build(self)
        except ProblemError as error:
            message = str(error)
            prefix = "" if message.startswith(self._where) else f"{self._where}: "
            raise ProblemError(prefix + message) from None

    def text(self, column: str) -> str:
        return self._cells.get(column, "").strip()

    def words(self, column: str) -> frozenset[str]:
        return frozenset(word.strip() for word in self.text(column).split(";") if word.strip())

    def number(self, column: str) -> float:
        return self._read(column, float, "a number")

    def whole(self, column: str) -> int:
        return self._read(column, int, "a whole number")

    def energy(self, column: str) -> Energy:
        return self._read(column, Energy, f"one of {', '.join(Energy)}")

    def moment(self, column: str) -> datetime:
        ts = self._read(column, datetime.fromisoformat, "a moment as ISO 8601")
        return ts if ts.tzinfo else ts.replace(tzinfo=UTC)

    def window(self, column: str) -> tuple[time, time]:
        def hours(text: str) -> tuple[time, time]:
            first, last = text.split("-")
            return time.fromisoformat(first.strip()), time.fromisoformat(last.strip())

        return self._read(column, hours, "like 07:00-15:30")

    def optional(self, column: str, read: Callable[[str], Value]) -> Value | None:
        return read(column) if self.text(column) else None

    def _read(self, column: str, convert: Callable[[str], Value], expected: str) -> Value:
        text = self.text(column)
        try:
            return convert(text)
        except ValueError:
            raise ProblemError(f"{self._where}: {column}: {text!r} is not {expected}") from None


def _rows(path: Path, required: Sequence[str]) -> Iterator[_Row]:
    try:
        # Excel writes a byte order mark.
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = [name for name in required if name not in (reader.fieldnames or ())]
            if missing:
                raise ProblemError(f"{path}: no column {', '.join(missing)}")
            for name in reader.fieldnames or ():
                _refuse_near_miss(path, name, reader.fieldnames or ())
            for cells in reader:
                where = f"{path}: row {reader.line_num}"
                if None in cells:
                    raise ProblemError(f"{where}: has more cells than the header has columns")
                yield _Row(where, {name: cell or "" for name, cell in cells.items()})
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise ProblemError(f"{path}: is no CSV in UTF-8: {error}") from None


def _refuse_near_miss(path: Path, name: str, present: Sequence[str]) -> None:
    """A mistyped column must not drop its rule in silence; other columns are the owner's."""
    if name in _COLUMNS:
        return
    for meant in get_close_matches(name, _COLUMNS, n=1, cutoff=0.75):
        if meant not in present:
            raise ProblemError(f"{path}: column {name}: did you mean {meant}?")


def _cell(value: float | None) -> str:
    return "" if value is None else repr(value)


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ProblemError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProblemError(f"{path}: {error}") from None
