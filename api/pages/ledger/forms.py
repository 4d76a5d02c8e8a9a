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

DAY_MISSING = mark("Enter a day from 1990 on")
NOT_SINCE = mark("The proposal was accepted on {day}: choose a day from then until today")
NOT_DUE = mark("The proposal was accepted on {day}: choose that day or a later one")
DUE_FAR = mark("The day is too far away")
VEHICLE_SINCE = mark("The vehicle was there on {day}: choose that day or a later one")
OWNER_UNKNOWN = mark("Nobody with an account, and no department, has that name")
OWNER_UNSEEN = mark(
    "The task is of a proposal that they do not see: choose somebody of its department, or of the"
    " fleet unit"
)
OWNER_UNABLE = mark(
    "They may not say that it is done: choose somebody who decides on the whole proposal, such as"
    " somebody of the fleet unit"
)
CHANGED_MEANWHILE = mark("Somebody changed the task meanwhile: look at it again")
DECIDED_SINCE = mark("Something was decided on the proposal since: look at it first")
REASON_MISSING = mark("Say why it is not done after all")
PLATE_TAKEN = mark("{name} has its registration number now, so it cannot come back like that")
DEPOT_GONE = mark("The depot to which the vehicle moves is not in the register any more")
SHARED_TASK = mark("The fleet unit does this, since other departments share the proposal.")
REVISION_MAX = 1_000_000


class Press(StrEnum):
    """The button by which the form of a task was sent."""

    PLAN = "plan"
    DONE = "done"
    REOPEN = "reopen"


#: The fields of the form of each button, of which the page of a task has several.
_FIELDS = {
    Press.PLAN: ("due", "owner", "note"),
    Press.DONE: ("done_on",),
    Press.REOPEN: ("reason",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskForm:
    """The form of POST /ledger/tasks/{task_id}: who does it by when, when it was done,
    or why it is not."""

    press: Press
    seen: int
    due: date | None
    owner: str
    note: str
    done_on: date | None
    reason: str
    values: Mapping[str, str]

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "TaskForm":
        """Raises FormError."""
        press = enum_member(Press, field_texts(fields, ("press",))["press"]) or Press.PLAN
        # Those of its own form alone: the other forms of the page show what is stored.
        values = field_texts(fields, ("press", "seen", *_FIELDS[press]))
        due, done_on = day_in(values.get("due", "")), day_in(values.get("done_on", ""))
        owner, note, reason = (values.get(name, "") for name in ("owner", "note", "reason"))
        errors: dict[str, str] = {}
        if press is Press.PLAN and due is None:
            errors["due"] = DAY_MISSING
        if press is Press.DONE and done_on is None:
            errors["done_on"] = DAY_MISSING
        if press is Press.REOPEN and not reason:
            errors["reason"] = REASON_MISSING
        if len(owner) > NAME_MAX:
            errors["owner"] = NAME_TOO_LONG
        errors |= {
            name: TEXT_TOO_LONG
            for name, text in (("note", note), ("reason", reason))
            if len(text) > COMMENT_MAX
        }
        if errors:
            raise FormError(values, errors)
        return cls(
            press=press,
            seen=whole_number(values["seen"], 0, REVISION_MAX) or 0,
            due=due,
            owner=owner,
            note=note,
            done_on=done_on,
            reason=reason,
            values=values,
        )
