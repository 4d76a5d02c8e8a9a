"""The views of the pages of the register; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar
from urllib.parse import urlencode

from api.pages.choices.list_parts import ListPart
from api.pages.frame.forms import FieldChange, Seen
from api.pages.frame.views import Choice, Section
from fleet.vehicle import Energy
from register.inventory.allowance import Allowance
from register.inventory.details import VehicleDetails, VehicleField
from register.inventory.list_fields import ListField


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    ADDED = "added"
    CHANGED = "changed"
    MANY_CHANGED = "many_changed"
    RETIRED = "retired"
    RETIRES = "retires"
    TAKEN_BACK = "taken_back"


# The register: GET /register?q=…&department=…&state=…&column=… ------------------------------------


class RegisterState(StrEnum):
    """The vehicles that the list shows, by how they stand."""

    PRESENT = "present"
    ENDING = "ending"
    BEYOND = "beyond"
    RETIRED = "retired"
    ALL = "all"


class RegisterColumn(StrEnum):
    """The columns of the list beside the name; a person chooses which are shown."""

    PLATE = "plate"
    MODEL = "model"
    KIND = "kind"
    ENERGY = "energy"
    DEPARTMENT = "department"
    DEPOT = "depot"
    MODEL_YEAR = "model_year"
    FIRST_REGISTERED = "first_registered"
    CONTRACT_END = "contract_end"
    ALLOWANCE = "allowance"
    COST = "cost"
    MILEAGE = "mileage"


DEFAULT_COLUMNS = (
    *(RegisterColumn.PLATE, RegisterColumn.MODEL, RegisterColumn.DEPARTMENT),
    *(RegisterColumn.DEPOT, RegisterColumn.KIND, RegisterColumn.CONTRACT_END),
    RegisterColumn.MILEAGE,
)

#: The name of the order by the names of vehicles, beside those by the columns.
BY_NAME = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """A vehicle in the list. `contract_ends_soon`: within the time that the list warns of, or
    already."""

    vehicle_id: str
    details: VehicleDetails
    kind: str
    energy: Energy
    depot: str
    retired_at: date | None
    is_in_fleet: bool
    contract_ends_soon: bool
    contract_has_ended: bool = False
    allowance: Allowance | None

    @property
    def make_and_model(self) -> str:
        return " ".join(filter(None, (self.details.make, self.details.model)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterChoice:
    """The vehicles, the order and the columns that an address asks for."""

    text: str = ""
    department: str = ""
    depot: str = ""
    kind: str = ""
    energy: str = ""
    state: RegisterState = RegisterState.PRESENT
    sort: str = BY_NAME
    descending: bool = False
    columns: tuple[RegisterColumn, ...] = DEFAULT_COLUMNS

    @property
    def is_narrow(self) -> bool:
        """Whether it leaves out vehicles of the fleet."""
        chosen = self.text, self.department, self.depot, self.kind, self.energy
        return any(chosen) or self.state is not RegisterState.PRESENT

    def query(self, **other: str) -> str:
        """The query of the address with some values changed; a change leads to the first part."""
        return urlencode(self.pairs(**other))

    def pairs(self, **other: str) -> list[tuple[str, str]]:
        """The names and values of the query."""
        own = {
            "q": self.text,
            "department": self.department,
            "depot": self.depot,
            "kind": self.kind,
            "energy": self.energy,
            "state": "" if self.state is RegisterState.PRESENT else self.state.value,
            "sort": "" if self.sort == BY_NAME else self.sort,
            "order": "desc" if self.descending else "",
        }
        pairs = [(name, value) for name, value in {**own, **other}.items() if value]
        if self.columns != DEFAULT_COLUMNS:
            pairs += [("column", column.value) for column in self.columns]
        return pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """The page of the list. `part` is of the vehicles that were chosen, of `total` in the fleet."""

    template: ClassVar[str] = "register/register.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    part: ListPart[RegisterRow]
    total: int
    choice: RegisterChoice
    departments: Sequence[str]
    depots: Sequence[Choice]
    kinds: Sequence[Choice]
    notice: Notice | None = None

    @property
    def columns(self) -> Sequence[RegisterColumn]:
        """Every column, in the order of the table."""
        return tuple(RegisterColumn)

    @property
    def states(self) -> Sequence[RegisterState]:
        return tuple(RegisterState)

    @property
    def energies(self) -> Sequence[Energy]:
        return tuple(Energy)


# An entry: GET and POST /register/new, /vehicles/{vehicle_id}/register ---------------------------


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A change in the history of a vehicle."""

    changes: Sequence[FieldChange]
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """The page of a vehicle's entry, or of a new one, whose id is None. `values` are by the names
    of the fields; who may not change them reads `row`. `meanwhile` is what somebody else changed
    while this form was open."""

    template: ClassVar[str] = "register/entry.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    vehicle_id: str | None
    name: str
    revision: int
    retired_at: date | None
    is_in_fleet: bool
    today: date
    departments: Sequence[str]
    depots: Sequence[Choice]
    kinds: Sequence[Choice]
    allowance: Allowance | None
    history: Sequence[HistoryEntry]
    row: RegisterRow | None
    values: Mapping[str, str]
    seen: Seen
    meanwhile: Sequence[FieldChange] | None = None
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None

    @property
    def fields(self) -> Sequence[ListField]:
        """The details of a vehicle."""
        return [ListField(one) for one in VehicleField]

    @property
    def columns(self) -> Sequence[RegisterColumn]:
        """What is read of it, in the order of the list."""
        return tuple(RegisterColumn)


# Many at once: POST /register/chosen, /register/chosen/change ------------------------------------


@dataclass(frozen=True, slots=True)
class ChosenVehicle:
    """A vehicle that was chosen, as it is now."""

    vehicle_id: str
    name: str
    revision: int
    department: str
    depot: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenPage:
    """The page on which many vehicles get the same values. `meanwhile` are the names of those that
    somebody else changed while this form was open."""

    template: ClassVar[str] = "register/chosen.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    vehicles: Sequence[ChosenVehicle]
    departments: Sequence[str]
    depots: Sequence[Choice]
    kinds: Sequence[Choice]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    meanwhile: Sequence[str] = ()


#: The details that are written as days, and as numbers, in the order of the form.
DAY_FIELDS = (
    *(VehicleField.FIRST_REGISTERED, VehicleField.CONTRACT_START),
    *(VehicleField.CONTRACT_END, VehicleField.MILEAGE_DAY),
)
