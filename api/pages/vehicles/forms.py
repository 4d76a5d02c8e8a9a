"""Reads the forms and queries of vehicles; see `frame.forms`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from operator import attrgetter
from typing import Any

from api.pages.costs.capabilities import Capabilities
from api.pages.frame.forms import (
    COMMENT_MAX,
    TEXT_TOO_LONG,
    FormError,
    enum_member,
    field_texts,
)
from api.pages.vehicles.views import VehicleRow, VehicleSort
from api.pages.words.language import mark
from fleet.localtime import EARLIEST_DAY, LATEST_DAY, LOCAL_ZONE
from fleet.names.order import name_order
from register.private_time import DutyHours
from register.vehicles import Ruling
from trips.detect.parameters import parameters_by_class

DELETION_UNCONFIRMED = mark("Trips that are stored would be deleted for good: say that you mean it")
ENDS_BEFORE = mark("The end must be after the beginning")
MOMENT_WRONG = mark("Enter a date and a time")
TIME_MISSING = mark("Enter a time such as 07:00")
CLASS_UNKNOWN = mark("Choose one of the classes in the list")
WEEKDAYS_MISSING = mark("Choose at least one day on duty")
RULING_MISSING = mark("Choose what applies to the vehicle")
REASON_MISSING = mark("Enter the reason, so that others can follow it")
LEAVING_ACCEPTED = mark(
    "It is accepted that the vehicle leaves: put that proposal back to undecided first."
)
NEED_UNKNOWN = mark("The vehicle can only be needed for what its kind offers")


@dataclass(frozen=True, slots=True)
class PrivateForm:
    """The form of POST /vehicles/{vehicle_id}/private: the beginning and the end, or the duty
    hours."""

    begins: datetime
    ends: datetime | None
    duty: DutyHours | None
    note: str
    #: Whether it was said that stored trips may be deleted.
    confirmed: bool = False

    @classmethod
    def read(cls, fields: Mapping[str, Any], now: datetime) -> "PrivateForm":
        """Raises FormError."""
        if fields.get("kind") == "duty":
            return cls._read_duty(fields, now)
        values = field_texts(fields, ("begins", "ends", "note"))
        errors: dict[str, str] = {}
        begins, ends = (_local_moment(values[name], name, errors) for name in ("begins", "ends"))
        begins = begins or now
        if ends is not None and ends <= begins:
            errors["ends"] = ENDS_BEFORE
        if len(values["note"]) > COMMENT_MAX:
            errors["note"] = TEXT_TOO_LONG
        if errors:
            raise FormError(values, errors)
        return cls(begins, ends, None, values["note"], bool(fields.get("confirmed")))

    @classmethod
    def _read_duty(cls, fields: Mapping[str, Any], now: datetime) -> "PrivateForm":
        days = [f"weekday-{day}" for day in range(7)]
        values = field_texts(fields, (*days, "duty_begins", "duty_ends", "holidays"))
        errors: dict[str, str] = {}
        weekdays = frozenset(number for number, name in enumerate(days) if values[name])
        if not weekdays:
            errors["weekdays"] = WEEKDAYS_MISSING
        hours: list[time] = []
        for name in ("duty_begins", "duty_ends"):
            try:
                hours.append(time.fromisoformat(values[name]))
            except ValueError:
                errors[name] = TIME_MISSING
        if errors:
            raise FormError(values, errors)
        duty = DutyHours(weekdays, hours[0], hours[1], on_holidays=bool(values["holidays"]))
        return cls(now, None, duty, "")


def _local_moment(text: str, name: str, errors: dict[str, str]) -> datetime | None:
    """The local moment in a field, as a browser sends it; None where it is empty, or wrong and
    noted in `errors`."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)
    except ValueError:
        errors[name] = MOMENT_WRONG
        return None
    if not EARLIEST_DAY.year <= moment.year <= LATEST_DAY.year:
        errors[name] = MOMENT_WRONG
        return None
    return moment


def read_trip_class(fields: Mapping[str, Any]) -> str | None:
    """Read the form of POST /vehicles/{vehicle_id}/trip-class: the class by which trips are found;
    None: that of the vehicle's kind. Raises FormError."""
    values = field_texts(fields, ("trip_class",))
    if values["trip_class"] and values["trip_class"] not in parameters_by_class():
        raise FormError(values, {"trip_class": CLASS_UNKNOWN})
    return values["trip_class"] or None


@dataclass(frozen=True, slots=True)
class VehicleQuery:
    """The query of GET /vehicles: the depot, and the order. An unknown value means the default,
    since an address may be old or typed."""

    depot_id: str | None = None
    sort: VehicleSort = VehicleSort.NAME
    descending: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "VehicleQuery":
        return cls(
            query.get("depot") or None,
            enum_member(VehicleSort, query.get("sort", "")) or VehicleSort.NAME,
            query.get("order") == "desc",
        )

    @property
    def in_address(self) -> dict[str, str]:
        """The query as it stands in an address."""
        depot = {} if self.depot_id is None else {"depot": self.depot_id}
        return depot | {"sort": self.sort.value, "order": "desc" if self.descending else "asc"}

    def order(self, rows: Sequence[VehicleRow]) -> list[VehicleRow]:
        """Sort `rows`. Values that are not known come last in either direction, and equal ones are
        sorted by name."""
        value = attrgetter(self.sort.value)

        def key(row: VehicleRow) -> Any:
            found = value(row)
            return name_order(found) if isinstance(found, str) else found

        by_name = sorted(rows, key=lambda row: name_order(row.name))
        known = [row for row in by_name if value(row) is not None]
        unknown = [row for row in by_name if value(row) is None]
        return sorted(known, key=key, reverse=self.descending) + unknown


@dataclass(frozen=True, slots=True)
class RulingForm:
    """The form of the fleet unit's ruling on a vehicle; `needs` None: all that its kind offers.
    `takes_back`: it is to stay, and what was accepted otherwise is undecided again."""

    ruling: Ruling
    needs: tuple[str, ...] | None
    reason: str
    takes_back: bool = False

    @classmethod
    def read(
        cls, fields: Mapping[str, Any], offers: frozenset[str], known: Capabilities
    ) -> "RulingForm":
        """Raises FormError."""
        values = field_texts(fields, ("ruling", "needs", "reason"))
        ruling = enum_member(Ruling, values["ruling"])
        needs = known.read(values["needs"])
        errors: dict[str, str] = {}
        if ruling is None:
            errors["ruling"] = RULING_MISSING
        if not needs <= offers:
            errors["needs"] = NEED_UNKNOWN
        if not values["reason"]:
            errors["reason"] = REASON_MISSING
        elif len(values["reason"]) > COMMENT_MAX:
            errors["reason"] = TEXT_TOO_LONG
        if ruling is None or errors:
            raise FormError(values, errors)
        narrower = None if needs == offers else tuple(sorted(needs))
        takes_back = ruling is Ruling.STAY and "takes_back" in fields
        return cls(ruling, narrower, values["reason"], takes_back)
