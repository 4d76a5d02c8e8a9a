"""Plans the import of a list: the vehicles that are new, those that change and in what, and the
cells that keep their rows out. It is pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, count
from math import isclose
from typing import Any

from register.inventory.allowance import odometer_falls
from register.inventory.contract_doubts import ContractDoubt, contract_doubt
from register.inventory.details import (
    TEXT_MAX,
    Fault,
    VehicleDetails,
    VehicleField,
    faults,
    shown_plate,
)
from register.inventory.list_fields import FIELD_OF_DETAIL, IDENTIFYING, ListField
from register.inventory.list_rows import (
    KIND_PARTED,
    BadCell,
    BadReason,
    LeftOutRow,
    ListedRow,
    ReadList,
    bad_cell,
)
from register.inventory.list_values import ChosenSort, KnownValues, has_column, is_read, text_of
from register.inventory.stored import RegisteredVehicle

#: Numbers that differ by less are the same: files write at most six decimals.
_SAME = 1e-5

#: Of each sort the detail, the field of the list, and the reasons of a row whose text stands for
#: nothing, and of one in a list without such a column.
_SORTS: Sequence[tuple[ChosenSort, VehicleField, ListField, BadReason, BadReason]] = (
    (
        *(ChosenSort.KIND, VehicleField.KIND, ListField.KIND),
        *(BadReason.NO_KIND, BadReason.NO_KIND_COLUMN),
    ),
    (
        *(ChosenSort.DEPOT, VehicleField.DEPOT, ListField.DEPOT),
        *(BadReason.NO_DEPOT, BadReason.NO_DEPOT_COLUMN),
    ),
    (
        *(ChosenSort.DEPARTMENT, VehicleField.DEPARTMENT, ListField.DEPARTMENT),
        *(BadReason.NO_DEPARTMENT, BadReason.NO_DEPARTMENT_COLUMN),
    ),
)


@dataclass(frozen=True, slots=True)
class NewVehicle:
    """A vehicle that a row adds."""

    row: int
    vehicle_id: str
    details: VehicleDetails


@dataclass(frozen=True, slots=True)
class ChangedVehicle:
    """A vehicle that a row changes in the given fields."""

    row: int
    before: RegisteredVehicle
    details: VehicleDetails
    fields: tuple[VehicleField, ...]

    @property
    def odometer_falls(self) -> bool:
        """Whether its odometer would go down, which none does by itself."""
        return odometer_falls(self.before.details, self.details)


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import does. `bad` is in the order of the rows; `unused` are cells whose value is not
    taken though their rows are."""

    new: Sequence[NewVehicle]
    changed: Sequence[ChangedVehicle]
    unchanged: int
    bad: Sequence[BadCell]
    left_out: Sequence[LeftOutRow]
    unused: Sequence[BadCell]
    doubts: "ListedDoubts"

    @property
    def bad_rows(self) -> int:
        return len({cell.row for cell in self.bad})


class RegisterIndex:
    """Finds the vehicle of the register that a row is about: by its id, its registration number, or
    where it has neither by its name. Of two with one number or name that of the fleet is meant."""

    def __init__(self, present: Iterable[RegisteredVehicle], today: date) -> None:
        by_age = sorted(present, key=lambda one: one.is_in_fleet(today))
        self.by_id = {one.vehicle_id: one for one in by_age}
        self.by_plate = {one.details.plate: one for one in by_age if one.details.plate}
        self._by_name = {one.details.name.casefold(): one for one in by_age}
        self._named: dict[str, int] = {}
        for one in by_age:
            name = one.details.name.casefold()
            self._named[name] = self._named.get(name, 0) + 1

    def of(self, row: ListedRow) -> RegisteredVehicle | None:
        """The vehicle that a row is about; None: a new one."""
        if row.vehicle_id:
            return self.by_id.get(row.vehicle_id)
        if row.plate:
            return self.by_plate.get(row.plate)
        name = row.name.casefold()
        return self._by_name[name] if self._named.get(name) == 1 else None


@dataclass(frozen=True, slots=True)
class ListedDoubts:
    """The vehicles that are taken as they are and at which a person should look: `alike` are names
    that two would have of which one is added or named, `ended` those of vehicles that get a
    contract whose end has passed, `exit_alone` those that get a cost of leaving a contract and have
    none, and `falling` those whose odometer would go down."""

    alike: Sequence[str]
    ended: Sequence[str]
    exit_alone: Sequence[str]
    falling: Sequence[str]


def listed_doubts(
    index: RegisterIndex,
    new: Sequence[NewVehicle],
    changed: Sequence[ChangedVehicle],
    today: date,
) -> ListedDoubts:
    """The doubts about vehicles that an import adds and changes."""
    return ListedDoubts(
        alike=_alike(index, new, changed, today),
        ended=_doubted(ContractDoubt.ENDED, new, changed, today),
        exit_alone=_doubted(ContractDoubt.EXIT_ALONE, new, changed, today),
        falling=[one.before.details.name for one in changed if one.odometer_falls],
    )


def plan_import(
    read: ReadList,
    known: KnownValues,
    index: RegisterIndex,
    today: date,
    acts_for: Callable[[str], bool],
) -> ImportPlan:
    """Plan the import of the rows of a list; `acts_for` says for which departments the person who
    imports it acts."""
    planner = _Planner(read, known, index, today, acts_for)
    for row in read.rows:
        planner.take(row)
    for row in read.refused:
        planner.tell_more(row)
    bad = sorted([*read.bad, *planner.bad], key=lambda cell: cell.row)
    out = {cell.row for cell in bad}
    unused = [cell for cell in read.unused if cell.row not in out]
    return ImportPlan(
        *(planner.new, planner.changed, planner.unchanged, bad, read.left_out, unused),
        doubts=listed_doubts(index, planner.new, planner.changed, today),
    )


def _alike(
    index: RegisterIndex, new: Sequence[NewVehicle], changed: Sequence[ChangedVehicle], today: date
) -> list[str]:
    """The names that the list gives to a vehicle and that another one has, or gets, too."""
    names = {
        one.vehicle_id: one.details.name for one in index.by_id.values() if one.is_in_fleet(today)
    }
    names |= {one.before.vehicle_id: one.details.name for one in changed}
    names |= {one.vehicle_id: one.details.name for one in new}
    times = Counter(name.casefold() for name in names.values())
    given = [one.details.name for one in new]
    given += [one.details.name for one in changed if VehicleField.NAME in one.fields]
    twice = {name.casefold(): name for name in given if times[name.casefold()] > 1}
    return list(twice.values())


def _doubted(
    doubt: ContractDoubt, new: Sequence[NewVehicle], changed: Sequence[ChangedVehicle], today: date
) -> list[str]:
    """The names of the vehicles to which the list gives a contract that is odd in this way."""
    given = [(None, one.details) for one in new]
    given += [(one.before.details, one.details) for one in changed]
    return [now.name for before, now in given if contract_doubt(before, now, today) is doubt]


class _Planner:
    """Takes the rows of a list one by one."""

    def __init__(
        self,
        read: ReadList,
        known: KnownValues,
        index: RegisterIndex,
        today: date,
        acts_for: Callable[[str], bool],
    ) -> None:
        self._read = read
        self._known = known
        self._index = index
        self._today = today
        self._acts_for = acts_for
        #: The rows of the list by what tells their vehicles apart.
        self._seen: dict[tuple[ListField, str], int] = {}
        self._ids = set(index.by_id)
        self.new: list[NewVehicle] = []
        self.changed: list[ChangedVehicle] = []
        self.unchanged = 0
        self.bad: list[BadCell] = []

    def take(self, row: ListedRow) -> None:
        """Plan what a row does."""
        if not self._is_alone(row):
            return
        before = self._index.of(row)
        details, bad = self._details(row, before)
        if bad:
            self.bad += bad
        elif before is None:
            self.new.append(NewVehicle(row.row, self._new_id(row, details), details))
        elif not (changed := before.details.changes_to(details)):
            self.unchanged += 1
        elif not before.is_in_fleet(self._today):
            first = next(one for one in IDENTIFYING if row.texts.get(one))
            self.bad.append(self._bad(row, first, BadReason.RETIRED))
        else:
            self.changed.append(ChangedVehicle(row.row, before, details, tuple(changed)))

    def tell_more(self, row: ListedRow) -> None:
        """Tell what else is wrong in a row of which cells cannot be read. What a row lacks whose
        vehicle another row adds depends on that one."""
        if any(mark in self._seen for mark in _marks(row)):
            return
        told = {cell.heading for cell in self._read.bad if cell.row == row.row}
        _, bad = self._details(row, self._index.of(row))
        self.bad += [cell for cell in bad if cell.heading not in told]

    def _details(
        self, row: ListedRow, before: RegisteredVehicle | None
    ) -> tuple[VehicleDetails, list[BadCell]]:
        """The details of the vehicle by a row, and all cells because of which they cannot be
        registered."""
        values = dict(row.values)
        unknown: list[BadCell] = []
        told: set[str] = set()
        for sort, detail, listed, reason, no_column in _SORTS:
            if self._choose(sort, detail, row, values, is_new=before is None):
                continue
            told.add(self._bad(row, listed, reason).heading)
            if not has_column(sort, self._read.headings):
                unknown.append(self._bad(row, listed, no_column))
            elif is_read(sort, row):  # else its cell is told as one that cannot be read
                unknown.append(self._unknown(sort, row, listed, reason))
        if before is None:
            details = _new_details(row, values, self._today)
        else:
            details = _changed_details(before.details, values, self._today)
        # What stands for nothing lacks in the details, too: it is told once.
        refusals = self._refusals(row, before, details)
        return details, [*unknown, *(one for one in refusals if one.heading not in told)]

    def _unknown(
        self, sort: ChosenSort, row: ListedRow, listed: ListField, reason: BadReason
    ) -> BadCell:
        """The cell of a text that stands for nothing. Of a kind it is the one with the word that no
        kind has, or both."""
        if sort is not ChosenSort.KIND:
            return self._bad(row, listed, reason)
        first, *others = (self._bad(row, one, reason) for one in self._known.unknown_fields(row))
        return first if not others else _both(first, *others)

    def _is_alone(self, row: ListedRow) -> bool:
        """Whether no row above is about the same vehicle; the first of two counts."""
        given = _marks(row)
        for mark in given:
            if mark in self._seen:
                above = self._seen[mark]
                self.bad.append(self._bad(row, mark[0], BadReason.TWICE, above=above))
                return False
        self._seen |= dict.fromkeys(given, row.row)
        return True

    def _choose(
        self,
        sort: ChosenSort,
        detail: VehicleField,
        row: ListedRow,
        values: dict[VehicleField, Any],
        *,
        is_new: bool,
    ) -> bool:
        """Put what the text of a row stands for among its values; False: that is not known."""
        if not text_of(sort, row) and not is_new:
            return True
        value = self._known.value(sort, row)
        if value is not None:
            values[detail] = value
        return value is not None

    def _refusals(
        self, row: ListedRow, before: RegisteredVehicle | None, details: VehicleDetails
    ) -> list[BadCell]:
        """The cells because of which the details of a row cannot be registered."""
        found = [
            self._bad(row, self._field_of(one.field), one.fault, least=one.least, most=one.most)
            for one in faults(details, self._today)
        ]
        if len(row.vehicle_id) > TEXT_MAX:
            found.append(self._bad(row, ListField.ID, Fault.TOO_LONG, most=TEXT_MAX))
        holder = self._index.by_plate.get(details.plate or "")
        own = None if before is None else before.vehicle_id
        if holder is not None and holder.vehicle_id != own and holder.is_in_fleet(self._today):
            name = holder.details.name
            found.append(self._bad(row, ListField.PLATE, BadReason.TAKEN, vehicle=name))
        departments = {details.department}
        if before is not None:
            departments.add(before.details.department)
        if not all(map(self._acts_for, departments)):
            found.append(self._bad(row, ListField.DEPARTMENT, BadReason.OTHER_DEPARTMENT))
        return found

    def _field_of(self, detail: VehicleField) -> ListField:
        """The field of the list in which a detail stands."""
        listed = FIELD_OF_DETAIL[detail]
        if listed in self._read.headings:
            return listed
        return {
            VehicleField.COST_KR_YEAR: ListField.COST_KR_MONTH,
            VehicleField.CONTRACT_KM: ListField.CONTRACT_KM_YEAR,
        }.get(detail, listed)

    def _bad(self, row: ListedRow, listed: ListField, reason: str, **values: object) -> BadCell:
        if listed is ListField.KIND and listed not in self._read.headings:
            listed = ListField.ENERGY
        return bad_cell(self._read.headings, row.row, row.texts, listed, reason, **values)

    def _new_id(self, row: ListedRow, details: VehicleDetails) -> str:
        """The id of a new vehicle: as the list says, or its registration number or name, if need be
        with a number."""
        wanted = row.vehicle_id or row.plate or details.name
        numbered = (f"{wanted}-{number}" for number in count(2))
        free = (one for one in chain([wanted], numbered) if one not in self._ids)
        vehicle_id = next(free)
        self._ids.add(vehicle_id)
        return vehicle_id


def _both(*cells: BadCell) -> BadCell:
    """The cells of a row that say one thing together."""
    first = cells[0]
    heading = KIND_PARTED.join(cell.heading for cell in cells)
    text = KIND_PARTED.join(cell.text for cell in cells)
    return BadCell(first.row, heading, text, first.reason, first.values)


def _marks(row: ListedRow) -> list[tuple[ListField, str]]:
    """What tells the vehicle of a row apart from those of others."""
    marks = [(ListField.ID, row.vehicle_id), (ListField.PLATE, row.plate)]
    return [mark for mark in marks if mark[1]] or [(ListField.NAME, row.name.casefold())]


def _new_details(row: ListedRow, values: Mapping[VehicleField, Any], today: date) -> VehicleDetails:
    """The details of a new vehicle. Without a name it is called by its registration number or its
    id."""
    named = {VehicleField.NAME: shown_plate(row.plate) or row.vehicle_id}
    empty = VehicleDetails(name="", kind="", department="", depot_id="")
    return empty.with_values(named | _read_today(values, None, today))


def _changed_details(
    before: VehicleDetails, values: Mapping[VehicleField, Any], today: date
) -> VehicleDetails:
    """The details of a vehicle with the values of a row. A number that differs by less than files
    write is the same."""
    found = {
        field: value
        for field, value in _read_today(values, before, today).items()
        if not (
            isinstance(value, float)
            and before.of(field) is not None
            and isclose(value, before.of(field), rel_tol=0, abs_tol=_SAME)
        )
    }
    return before.with_values(found)


def _read_today(
    values: Mapping[VehicleField, Any], before: VehicleDetails | None, today: date
) -> dict[VehicleField, Any]:
    """The values of a row; an odometer that the list gives no day for was read today, unless it
    stands as it stood."""
    km = values.get(VehicleField.MILEAGE_KM)
    if km is None or VehicleField.MILEAGE_DAY in values:
        return dict(values)
    stood = None if before is None else before.mileage_km
    if stood is not None and isclose(km, stood, rel_tol=0, abs_tol=_SAME):
        return dict(values)
    return {**values, VehicleField.MILEAGE_DAY: today}
