"""Reading what people send: pure functions from form fields and queries to values, or to errors.

An error is an English message, keyed by the field; the template translates it and shows it at the
field. What was typed is kept, so that nobody writes a comment twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, TypeVar

from api.pages.language import mark
from api.pages.views import Progress, VehicleRow, VehicleSort, Verdict

COMMENT_MAX = 2_000
WHO_MAX = 60

WHO_MISSING = mark("Write your initials or role, so that others can see who did this")
WHO_TOO_LONG = mark("Initials or role may be at most 60 characters")
TEXT_TOO_LONG = mark("The text may be at most 2,000 characters")
VERDICT_MISSING = mark("Choose whether you accept, reject or ask about the proposal")
REJECTION_UNEXPLAINED = mark("Write why the proposal is rejected")
QUESTION_EMPTY = mark("Write the question")
PROGRESS_MISSING = mark("Choose a status")

Choice = TypeVar("Choice", bound=StrEnum)


class FormError(ValueError):
    """The form is refused. `values` are the fields as they were sent, `errors` says what is wrong
    with which of them."""

    def __init__(self, values: Mapping[str, str], errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {text}" for name, text in errors.items()))
        self.values = values
        self.errors = errors


@dataclass(frozen=True, slots=True)
class RoundForm:
    """POST /proposals/rounds: who asks for a new round."""

    who: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "RoundForm":
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


def member(kind: type[Choice], text: str) -> Choice | None:
    return next((member for member in kind if member == text), None)


def who_errors(values: Mapping[str, str]) -> dict[str, str]:
    if not values["who"]:
        return {"who": WHO_MISSING}
    if len(values["who"]) > WHO_MAX:
        return {"who": WHO_TOO_LONG}
    return {}
