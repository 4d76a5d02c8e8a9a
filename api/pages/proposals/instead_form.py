"""Reads the form that lets another vehicle alike go in place of the proposed one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.pages.frame.forms import COMMENT_MAX, TEXT_TOO_LONG, FormError, field_texts
from api.pages.words.language import mark

OTHER_MISSING = mark("Choose the vehicle that goes instead")
OTHER_UNEXPLAINED = mark("Write why the other one goes")


@dataclass(frozen=True, slots=True)
class InsteadForm:
    """The form of POST /proposals/{proposal_id}/instead: the other vehicle, the reason, and the
    number of entries of the history that were on the page; None: it did not say."""

    vehicle_id: str
    reason: str
    seen: int | None

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "InsteadForm":
        """Raises FormError."""
        values = field_texts(fields, ("instead", "reason", "seen"))
        errors: dict[str, str] = {}
        if not values["instead"]:
            errors["instead"] = OTHER_MISSING
        if not values["reason"]:
            errors["reason"] = OTHER_UNEXPLAINED
        elif len(values["reason"]) > COMMENT_MAX:
            errors["reason"] = TEXT_TOO_LONG
        if errors:
            raise FormError(values, errors)
        seen = values["seen"]
        return cls(
            values["instead"],
            values["reason"],
            int(seen) if re.fullmatch(r"\d{1,6}", seen) else None,
        )

    def refused(self, why: str) -> FormError:
        """The form as it comes back where the other vehicle cannot go."""
        return FormError({"instead": self.vehicle_id, "reason": self.reason}, {"instead": why})
