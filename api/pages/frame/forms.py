"""Reading what people send: pure functions from form fields and queries to values, or to errors.

An error is an English message, keyed by the field; the template translates it and shows it at the
field. What was typed is kept, so that nobody writes a comment twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from operator import attrgetter
from typing import Any, TypeVar

from api.pages.plan.views import Progress
from api.pages.proposals.views import ProposalRow, Show, Verdict
from api.pages.vehicles.views import VehicleRow, VehicleSort
from api.pages.words.language import mark
from fleet.localtime import LOCAL
from optimiser.depot.verdicts import Action
from register.devices import NAME_MAX
from register.private_time import DutyHours
from trips.detect.parameters import parameters_by_class

COMMENT_MAX = 2_000
WHO_MAX = 60

#: The years of a moment that is typed: at the ends of the calendar a local one is none in UTC.
YEAR_LEAST, YEAR_MOST = 1990, 2200

WHO_MISSING = mark("Write your initials or role, so that others can see who did this")
WHO_TOO_LONG = mark("Initials or role may be at most 60 characters")
TEXT_TOO_LONG = mark("The text may be at most 2,000 characters")
VERDICT_MISSING = mark("Choose what is decided on the proposal")
REJECTION_UNEXPLAINED = mark("Write why the proposal is rejected")
QUESTION_EMPTY = mark("Write the question")
PROGRESS_MISSING = mark("Choose a status")
ENDS_BEFORE = mark("The end must be after the beginning")
MOMENT_WRONG = mark("Write a date and a time")
TIME_MISSING = mark("Write a time such as 07:00")
KIND_MISSING = mark("Choose whether a device or a gateway sends with the key")
NAME_MISSING = mark("Write the name, of at most 128 characters")
NOT_ENROLLED = mark("The device is not enrolled")
CLASS_UNKNOWN = mark("Choose one of the classes in the list")
WEEKDAYS_MISSING = mark("Choose at least one day on duty")

Choice = TypeVar("Choice", bound=StrEnum)


class FormError(ValueError):
    """The form is refused. `values` are the fields as they were sent, `errors` says what is wrong
    with which of them."""

    def __init__(self, values: Mapping[str, str], errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {text}" for name, text in errors.items()))
        self.values = values
        self.errors = errors


@dataclass(frozen=True, slots=True)
class WhoForm:
    """A change that only asks who makes it, such as a new round."""

    who: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "WhoForm":
        """Raises FormError."""
        values = texts(fields, ("who",))
        errors = who_errors(values)
        if errors:
            raise FormError(values, errors)
        return cls(values["who"])


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """POST /proposals/{proposal_id}: what is decided, why, and by whom."""

    verdict: Verdict
    comment: str
    who: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "DecisionForm":
        """Raises FormError."""
        values = texts(fields, ("verdict", "comment", "who"))
        verdict = member(Verdict, values["verdict"])
        errors: dict[str, str] = {}
        if verdict is None:
            errors["verdict"] = VERDICT_MISSING
        if len(values["comment"]) > COMMENT_MAX:
            errors["comment"] = TEXT_TOO_LONG
        elif not values["comment"] and verdict is Verdict.REJECTED:
            errors["comment"] = REJECTION_UNEXPLAINED
        elif not values["comment"] and verdict is Verdict.QUESTION:
            errors["comment"] = QUESTION_EMPTY
        errors |= who_errors(values)
        if verdict is None or errors:
            raise FormError(values, errors)
        return cls(verdict, values["comment"], values["who"])


@dataclass(frozen=True, slots=True)
class MilestoneForm:
    """POST /plan/milestones/{milestone_id}: the new status and note, and by whom."""

    progress: Progress
    note: str
    who: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "MilestoneForm":
        """Raises FormError."""
        values = texts(fields, ("progress", "note", "who"))
        progress = member(Progress, values["progress"])
        errors: dict[str, str] = {}
        if progress is None:
            errors["progress"] = PROGRESS_MISSING
        if len(values["note"]) > COMMENT_MAX:
            errors["note"] = TEXT_TOO_LONG
        errors |= who_errors(values)
        if progress is None or errors:
            raise FormError(values, errors)
        return cls(progress, values["note"], values["who"])


@dataclass(frozen=True, slots=True)
class ProposalQuery:
    """GET /proposals: which depot, sort of decision and verdict. Unknown values mean all; the
    vehicles that stay are shown when they are asked for."""

    depot_id: str | None = None
    action: Action | None = None
    show: Show | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "ProposalQuery":
        return cls(
            query.get("depot") or None,
            member(Action, query.get("action", "")),
            member(Show, query.get("show", "")),
        )

    def takes(self, depot_id: str, row: ProposalRow) -> bool:
        """Whether a proposal of a depot is shown."""
        shown = {
            None: True,
            Show.OPEN: row.open,
            Show.ACCEPTED: row.accepted,
            Show.REJECTED: row.verdict is Verdict.REJECTED,
        }
        action = row.decision.action
        return (
            self.depot_id in (None, depot_id)
            and (action is self.action if self.action else action is not Action.KEEP)
            and shown[self.show]
        )


@dataclass(frozen=True, slots=True)
class KeyForm:
    """POST /intake/keys: whose key, and what for."""

    for_gateway: bool
    name: str
    label: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "KeyForm":
        """Raises FormError."""
        values = texts(fields, ("kind", "name", "label"))
        errors: dict[str, str] = {}
        if values["kind"] not in ("device", "gateway"):
            errors["kind"] = KIND_MISSING
        if not 1 <= len(values["name"]) <= NAME_MAX:
            errors["name"] = NAME_MISSING
        if len(values["label"]) > NAME_MAX:
            errors["label"] = TEXT_TOO_LONG
        if errors:
            raise FormError(values, errors)
        return cls(values["kind"] == "gateway", values["name"], values["label"])

    def not_enrolled(self) -> FormError:
        """The refusal of a device that is not enrolled."""
        values = {"kind": "device", "name": self.name, "label": self.label}
        return FormError(values, {"name": NOT_ENROLLED})


@dataclass(frozen=True, slots=True)
class PrivateForm:
    """POST /vehicles/{vehicle_id}/private: from when until when, or outside which duty hours."""

    begins: datetime
    ends: datetime | None
    duty: DutyHours | None
    note: str
    who: str

    @classmethod
    def read(cls, fields: Mapping[str, Any], now: datetime) -> "PrivateForm":
        """Raises FormError."""
        if fields.get("kind") == "duty":
            return cls._read_duty(fields, now)
        values = texts(fields, ("begins", "ends", "note", "who"))
        errors: dict[str, str] = {}
        begins, ends = (_local_moment(values[name], name, errors) for name in ("begins", "ends"))
        begins = begins or now
        if ends is not None and ends <= begins:
            errors["ends"] = ENDS_BEFORE
        if len(values["note"]) > COMMENT_MAX:
            errors["note"] = TEXT_TOO_LONG
        errors |= who_errors(values)
        if errors:
            raise FormError(values, errors)
        return cls(begins, ends, None, values["note"], values["who"])

    @classmethod
    def _read_duty(cls, fields: Mapping[str, Any], now: datetime) -> "PrivateForm":
        days = [f"weekday-{day}" for day in range(7)]
        values = texts(fields, (*days, "duty_begins", "duty_ends", "holidays", "duty_who"))
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
        if wrong := who_errors({"who": values["duty_who"]}):
            errors["duty_who"] = wrong["who"]
        if errors:
            raise FormError(values, errors)
        duty = DutyHours(weekdays, hours[0], hours[1], on_holidays=bool(values["holidays"]))
        return cls(now, None, duty, "", values["duty_who"])


def _local_moment(text: str, name: str, errors: dict[str, str]) -> datetime | None:
    """A local moment as a browser sends it; None when it is empty, or wrong and noted."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=LOCAL)
    except ValueError:
        errors[name] = MOMENT_WRONG
        return None
    if not YEAR_LEAST <= moment.year <= YEAR_MOST:
        errors[name] = MOMENT_WRONG
        return None
    return moment


def read_trip_class(fields: Mapping[str, Any]) -> str | None:
    """POST /vehicles/{vehicle_id}/trip-class: the class by which trips are found, None for that of
    the vehicle's kind; raises FormError."""
    values = texts(fields, ("trip_class",))
    if values["trip_class"] and values["trip_class"] not in parameters_by_class():
        raise FormError(values, {"trip_class": CLASS_UNKNOWN})
    return values["trip_class"] or None


@dataclass(frozen=True, slots=True)
class VehicleQuery:
    """GET /vehicles: which depot, and in what order. Unknown values mean the default, since an
    address may be old or typed."""

    depot_id: str | None = None
    sort: VehicleSort = VehicleSort.NAME
    descending: bool = False

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "VehicleQuery":
        return cls(
            query.get("depot") or None,
            member(VehicleSort, query.get("sort", "")) or VehicleSort.NAME,
            query.get("order") == "desc",
        )

    def order(self, rows: Sequence[VehicleRow]) -> list[VehicleRow]:
        """`rows` sorted; what is not known comes last in either direction, equals by name."""
        value = attrgetter(self.sort.value)

        def key(row: VehicleRow) -> Any:
            found = value(row)
            return _danish_order(found) if isinstance(found, str) else found

        by_name = sorted(rows, key=lambda row: _danish_order(row.name))
        known = [row for row in by_name if value(row) is not None]
        unknown = [row for row in by_name if value(row) is None]
        return sorted(known, key=key, reverse=self.descending) + unknown


def _danish_order(text: str) -> str:
    """A sort key: letters without case, æ, ø and å after z."""
    return text.casefold().translate({ord("æ"): "{", ord("ø"): "|", ord("å"): "}"})


def texts(fields: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """The named fields without surrounding space; a missing one, or a file, counts as empty."""
    sent = {name: fields.get(name) for name in names}
    return {name: text.strip() if isinstance(text, str) else "" for name, text in sent.items()}


def whole(text: str, least: int, most: int) -> int | None:
    """The number that a text is, when it is between `least` and `most` (not below 0)."""
    # Length first: a number of thousands of digits takes its time, and is refused at last.
    if not text.isdecimal() or len(text) > len(str(most)):
        return None
    number = int(text)
    return number if least <= number <= most else None


def member(kind: type[Choice], text: str) -> Choice | None:
    return next((member for member in kind if member == text), None)


def who_errors(values: Mapping[str, str]) -> dict[str, str]:
    if not values["who"]:
        return {"who": WHO_MISSING}
    if len(values["who"]) > WHO_MAX:
        return {"who": WHO_TOO_LONG}
    return {}
