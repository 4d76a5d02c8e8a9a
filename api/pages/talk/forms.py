"""Reads the forms of what is said about proposals; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from multidict import MultiMapping

from api.pages.frame.forms import FormError, day_in, field_texts, whole_number
from api.pages.talk.labels import DAY_UNREADABLE, FAULTS
from optimiser.talk.faults import SENT_MAX, TEXT_MAX, TalkError, TalkFault

_ID_MAX = 2**62


@dataclass(frozen=True, slots=True)
class SaidForm:
    """The form of the conversation: the text, and the entry that it answers; None: it is a
    comment."""

    text: str
    answers: int | None

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "SaidForm":
        """Raises FormError."""
        values = field_texts(fields, ("said", "answers"))
        if len(values["said"]) > TEXT_MAX:
            raise FormError(values, {"said": FAULTS[TalkFault.TEXT_TOO_LONG][1]})
        if not values["said"]:
            raise FormError(values, {"said": FAULTS[TalkFault.TEXT_EMPTY][1]})
        return cls(values["said"], whole_number(values["answers"], 1, _ID_MAX))


@dataclass(frozen=True, slots=True)
class AskedOf:
    """Whom a question is for (None: the fleet unit), and by when an answer is asked for."""

    recipient: int | None
    answer_day: date | None

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "AskedOf":
        """Raises FormError."""
        values = field_texts(fields, ("verdict", "comment", "recipient", "answer_day"))
        day = day_in(values["answer_day"])
        if day is None and values["answer_day"]:
            raise FormError(values, {"answer_day": DAY_UNREADABLE})
        return cls(whole_number(values["recipient"], 1, _ID_MAX), day)


@dataclass(frozen=True, slots=True)
class SendForm:
    """The form by which proposals are sent: which, to whom, with which text, and the day by which
    the answer is asked for."""

    proposal_ids: tuple[int, ...]
    recipient: int
    text: str
    answer_day: date
    values: Mapping[str, str]

    @classmethod
    def read(cls, fields: MultiMapping[Any]) -> "SendForm":
        """Raises FormError."""
        values = field_texts(fields, ("recipient", "said", "answer_day"))
        chosen = chosen_proposals(fields)
        recipient = whole_number(values["recipient"], 1, _ID_MAX)
        day = day_in(values["answer_day"])
        errors: dict[str, str] = {}
        if not chosen:
            errors["proposal"] = FAULTS[TalkFault.NO_PROPOSALS][1]
        if recipient is None:
            errors["recipient"] = FAULTS[TalkFault.NO_RECIPIENT][1]
        if day is None:
            missing = FAULTS[TalkFault.DAY_MISSING][1]
            errors["answer_day"] = DAY_UNREADABLE if values["answer_day"] else missing
        if len(values["said"]) > TEXT_MAX:
            errors["said"] = FAULTS[TalkFault.TEXT_TOO_LONG][1]
        if recipient is None or day is None or errors:
            raise FormError(values, errors)
        return cls(chosen, recipient, values["said"], day, values)

    def refused(self, error: TalkError) -> FormError:
        field, text = FAULTS[error.fault]
        return FormError(self.values, {field: text})


def chosen_proposals(fields: MultiMapping[Any]) -> tuple[int, ...]:
    """The proposals whose boxes are ticked, one more than may be sent at the most."""
    sent = [one for one in fields.getall("proposal", ()) if isinstance(one, str)]
    read = (whole_number(one, 1, _ID_MAX) for one in sent[: SENT_MAX + 1])
    return tuple(one for one in read if one is not None)
