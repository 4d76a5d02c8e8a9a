"""Reading what people send of the plan; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.frame.forms import COMMENT_MAX, TEXT_TOO_LONG, FormError, member, texts, who_errors
from api.pages.plan.views import Progress
from api.pages.words.language import mark

PROGRESS_MISSING = mark("Choose a status")


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
