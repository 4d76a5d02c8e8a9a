"""Reads the forms of a milestone; see `frame.forms`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from access.mail.address import MailAddressError, read_address
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
from api.pages.plan.choice import quarter_in
from api.pages.words.language import mark
from tracker.contacts import ContactDetails
from tracker.facts import Fact
from tracker.milestone import MilestoneStatus
from tracker.quarter import Quarter

STATUS_MISSING = mark("Choose a status")
REASON_MISSING = mark("Say why: the system knows it to be done")
DROP_UNEXPLAINED = mark("Say why the milestone is given up")
QUARTER_MISSING = mark("Choose a quarter after the one that the plan has")
OTHER_MISSING = mark(
    "Choose another milestone of the plan, which is not itself merged into this one"
)
DECIDER_MISSING = mark("Say who is to decide it")
DAY_UNREADABLE = mark("The day cannot be read")
CONTACT_GONE = mark("This person is not a contact any more: choose another")

NAME_MISSING = mark("Write the name")
EMAIL_WRONG = mark("Write an e-mail address, such as name@example.org, or leave it empty")
CONTACT_KNOWN = mark("Another contact has this name and address")

DOCUMENT_MISSING = mark("Choose the file of the plan")
QUARTER_UNCONFIRMED = mark("Choose the quarter")
YEAR_MISSING = mark("Write of which year the plan is, from 1990 to 2200")
PLAN_CHANGED = mark(
    "Somebody else changed the plan meanwhile: look at what the document changes now, and confirm"
    " it again"
)
SAME_MISSING = mark("Say which milestone it is, or that it is a new one")
OTHER_YEAR = mark("The document is of another year: see above what it can be")
REMOVAL_UNEXPLAINED = mark("Say why the plan is removed")
PLAN_REPORTED = mark("Somebody has reported on the plan, which therefore stays")
PLAN_CHANGED_MEANWHILE = mark("Somebody else changed the plan meanwhile: look at it again")
PLAN_INCOHERENT = mark("The plan does not hold together, and nothing is stored")

#: The fields of the form of a contact.
CONTACT_FIELDS = ("name", "email", "centre", "left")

#: The fields of each form of the page of a milestone.
STATUS_FIELDS = ("progress", "note", "until", "into")
DECISION_FIELDS = ("decider", "before")
OWNER_FIELDS = ("owner", "deputy", "centre")
WORDS_FIELDS = ("own_words",)
POLITICAL_FIELDS = ("political",)
FACT_FIELDS = ("fact",)


@dataclass(frozen=True, slots=True)
class MilestoneForm:
    """The form of POST /plan/milestones/{milestone_id}: the new status and note, the quarter to
    which it is postponed, and the milestone that stands for it."""

    status: MilestoneStatus
    note: str
    until: Quarter | None = None
    into: str | None = None

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "MilestoneForm":
        """Raises FormError."""
        values = field_texts(fields, STATUS_FIELDS)
        status = enum_member(MilestoneStatus, values["progress"])
        until = quarter_in(values["until"])
        errors: dict[str, str] = {}
        if status is None:
            errors["progress"] = STATUS_MISSING
        if len(values["note"]) > COMMENT_MAX:
            errors["note"] = TEXT_TOO_LONG
        if status is MilestoneStatus.DROPPED and not values["note"]:
            errors["note"] = DROP_UNEXPLAINED
        if status is MilestoneStatus.POSTPONED and until is None:
            errors["until"] = QUARTER_MISSING
        if status is MilestoneStatus.MERGED and not values["into"]:
            errors["into"] = OTHER_MISSING
        if status is None or errors:
            raise FormError(values, errors)
        return cls(
            status,
            values["note"],
            until if status is MilestoneStatus.POSTPONED else None,
            values["into"] if status is MilestoneStatus.MERGED else None,
        )


@dataclass(frozen=True, slots=True)
class NeededForm:
    """The form that says who is to decide something, and before which day; "": nobody any more."""

    by: str
    before: date | None

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "NeededForm":
        """Raises FormError."""
        values = field_texts(fields, DECISION_FIELDS)
        before = day_in(values["before"])
        errors: dict[str, str] = {}
        if len(values["decider"]) > NAME_MAX:
            errors["decider"] = NAME_TOO_LONG
        if values["before"] and before is None:
            errors["before"] = DAY_UNREADABLE
        elif before is not None and not values["decider"]:
            errors["decider"] = DECIDER_MISSING
        if errors:
            raise FormError(values, errors)
        return cls(values["decider"], before)


@dataclass(frozen=True, slots=True)
class OwnerForm:
    """The form that says who owns a milestone, who stands in, and which centre is responsible."""

    owner_id: int | None
    deputy_id: int | None
    centre: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "OwnerForm":
        """Raises FormError."""
        values = field_texts(fields, OWNER_FIELDS)
        people = {name: whole_number(values[name], 1, 999_999_999) for name in ("owner", "deputy")}
        errors = {
            name: CONTACT_GONE for name, one in people.items() if one is None and values[name]
        }
        if len(values["centre"]) > NAME_MAX:
            errors["centre"] = NAME_TOO_LONG
        if errors:
            raise FormError(values, errors)
        return cls(people["owner"], people["deputy"], values["centre"])


def read_own_words(fields: Mapping[str, Any]) -> str:
    """The short name of a milestone.

    Raises FormError.
    """
    values = field_texts(fields, WORDS_FIELDS)
    if len(values["own_words"]) > NAME_MAX:
        raise FormError(values, {"own_words": NAME_TOO_LONG})
    return values["own_words"]


def read_fact(fields: Mapping[str, Any]) -> Fact | None:
    """The fact that answers a milestone; None: none does."""
    return enum_member(Fact, field_texts(fields, FACT_FIELDS)["fact"])


def read_contact(fields: Mapping[str, Any]) -> ContactDetails:
    """The details that the form of a contact says.

    Raises FormError.
    """
    values = field_texts(fields, CONTACT_FIELDS)
    errors: dict[str, str] = {}
    if not values["name"]:
        errors["name"] = NAME_MISSING
    for name in ("name", "centre"):
        if len(values[name]) > NAME_MAX:
            errors[name] = NAME_TOO_LONG
    email = ""
    try:
        email = read_address(values["email"]) if values["email"] else ""
    except MailAddressError:
        errors["email"] = EMAIL_WRONG
    if errors:
        raise FormError(values, errors)
    return ContactDetails(
        name=values["name"], email=email, centre=values["centre"], has_left=bool(values["left"])
    )


def known_contact(fields: Mapping[str, Any]) -> FormError:
    """The refusal of a contact who is there already."""
    return FormError(field_texts(fields, CONTACT_FIELDS), {"name": CONTACT_KNOWN})
