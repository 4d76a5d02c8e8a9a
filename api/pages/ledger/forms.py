"""Reads the forms of the ledger; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from api.pages.frame.forms import (
    COMMENT_MAX,
    NAME_MAX,
    NAME_TOO_LONG,
    TEXT_TOO_LONG,
    FormError,
    day_in,
    enum_member,
    field_texts,
    whole_number,
)
from api.pages.words.language import mark

DAY_MISSING = mark("Write a day")
DAY_AHEAD = mark("That day lies ahead, or is too far back")
OWNER_UNKNOWN = mark("Nobody with an account, and no department, has that name")
CHANGED_MEANWHILE = mark("Somebody changed the task meanwhile: look at it again")
CARRIED_OUT = mark("The proposal is carried out. Who wants it undone reopens the proposal.")
DEPOT_GONE = mark("The depot to which the vehicle moves is not in the register any more")
SHARED_TASK = mark("The fleet unit does this, since other departments share the proposal.")
REVISION_MAX = 1_000_000


class Press(StrEnum):
    """The button by which the form of a task was sent."""

    PLAN = "plan"
    DONE = "done"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskForm:
    """The form of POST /ledger/tasks/{task_id}: who does it by when, or when it was done."""

    press: Press
    seen: int
    due: date | None
    owner: str
    note: str
    done_on: date | None
    values: Mapping[str, str]

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "TaskForm":
        """Raises FormError."""
        values = field_texts(fields, ("press", "seen", "due", "owner", "note", "done_on"))
        press = enum_member(Press, values["press"]) or Press.PLAN
        due, done_on = day_in(values["due"]), day_in(values["done_on"])
        errors: dict[str, str] = {}
        if press is Press.PLAN:
            if due is None:
                errors["due"] = DAY_MISSING
            if len(values["owner"]) > NAME_MAX:
                errors["owner"] = NAME_TOO_LONG
            if len(values["note"]) > COMMENT_MAX:
                errors["note"] = TEXT_TOO_LONG
        elif press is Press.DONE and done_on is None:
            errors["done_on"] = DAY_MISSING
        if errors:
            raise FormError(values, errors)
        return cls(
            press=press,
            seen=whole_number(values["seen"], 0, REVISION_MAX) or 0,
            due=due,
            owner=values["owner"],
            note=values["note"],
            done_on=done_on,
            values=values,
        )
