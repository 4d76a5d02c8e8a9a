"""Reads the form of a milestone; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.frame.forms import (
    COMMENT_MAX,
    TEXT_TOO_LONG,
    FormError,
    enum_member,
    field_texts,
)
from api.pages.words.language import mark
from tracker.plan import MilestoneStatus

STATUS_MISSING = mark("Choose a status")


@dataclass(frozen=True, slots=True)
class MilestoneForm:
    """The form of POST /plan/milestones/{milestone_id}: the new status and note."""

    status: MilestoneStatus
    note: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "MilestoneForm":
        """Raises FormError."""
        values = field_texts(fields, ("progress", "note"))
        status = enum_member(MilestoneStatus, values["progress"])
        errors: dict[str, str] = {}
        if status is None:
            errors["progress"] = STATUS_MISSING
        if len(values["note"]) > COMMENT_MAX:
            errors["note"] = TEXT_TOO_LONG
        if status is None or errors:
            raise FormError(values, errors)
        return cls(status, values["note"])
