"""The views of the pages of a follow-up; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.follow_up.forms import ItemFields, Progress, Stands
from api.pages.frame.forms import SEEN
from api.pages.frame.views import Choice, Section
from tracker.contacts import Contact
from tracker.follow_up.answers import Item
from tracker.follow_up.asking import Group
from tracker.follow_up.coverage import Coverage, OwnerAnswer
from tracker.follow_up.links import LinkState
from tracker.follow_up.rounds import FollowUp
from tracker.quarter import Quarter


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    ANSWERED = "answered"
    #: Nothing was said of some milestones that are asked for.
    ANSWERED_SOME = "answered_some"
    STARTED = "started"
    STARTED_WITHOUT_MAIL = "started_without_mail"
    CLOSED = "closed"
    SENT = "sent"
    REVOKED = "revoked"
    CENTRE_SAVED = "centre_saved"


# The page of a link: GET and POST /follow-up ----------------------------------------------------


@dataclass(frozen=True, slots=True)
class ValueRow:
    """An indicator whose value is asked for; `latest` is the last one in words, "" where there is
    none."""

    indicator_id: int
    name: str
    unit: str
    scale: Sequence[str]
    latest: str
    latest_day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """A milestone on the page of a link, with its fields. `quarters` are those to which it may be
    postponed."""

    item: Item
    fields: ItemFields
    quarters: Sequence[Quarter]
    values: Sequence[ValueRow]
    is_late: bool

    @property
    def hidden(self) -> Mapping[str, str]:
        """The hidden fields: what the form shows, and of which revision."""
        key = self.item.milestone.milestone_id
        seen = {f"{SEEN}{name}-{key}": text for name, text in self.fields.seen.items()}
        contested = {} if self.fields.meanwhile is None else {f"contested-{key}": "1"}
        return {f"revision-{key}": str(self.fields.revision), **seen, **contested}


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerPage:
    """The page of a link that works: what is somebody's, and how far it is.

    `answered` of the `wanted` milestones of the quarter have been answered. `more` milestones have
    no room on it. `values` are the texts of the fields of indicators, and `stray` words that were
    typed for what is not theirs any more.
    """

    template: ClassVar[str] = "follow_up/answer.html"
    section: ClassVar[Section | None] = None

    token: str
    name: str
    follow_up: FollowUp
    groups: Sequence[tuple[Group, Sequence[AnswerRow]]]
    answered: int
    wanted: int
    more: int
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    stray: Sequence[str] = ()
    notice: Notice | None = None

    @property
    def is_contested(self) -> bool:
        return any(row.fields.meanwhile is not None for _, rows in self.groups for row in rows)

    def is_noted(self, rows: Sequence[AnswerRow]) -> bool:
        """Whether one of the milestones has an error, or words of another person."""
        return any(
            row.fields.meanwhile is not None
            or any(name.endswith(f"-{row.item.milestone.milestone_id}") for name in self.errors)
            for row in rows
        )

    @property
    def choices(self) -> Sequence[Progress]:
        return list(Progress)

    @property
    def whose(self) -> Sequence[Stands]:
        return list(Stands)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEndedPage:
    """The page of a link that does not work. `follow_up` is None where there never was such a
    link."""

    template: ClassVar[str] = "follow_up/ended.html"
    section: ClassVar[Section | None] = None

    state: LinkState | None
    follow_up: FollowUp | None


# Follow-ups of plans: GET and POST /plan/follow-up ----------------------------------------------


@dataclass(frozen=True, slots=True)
class CentreRow:
    """A centre, and who is written to for it."""

    centre: str
    contact_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpsPage:
    """The follow-ups of plans, with the form that begins one, and who is written to for centres."""

    template: ClassVar[str] = "follow_up/rounds.html"
    section: ClassVar[Section | None] = Section.PLAN

    part: ListPart[FollowUp]
    today: date
    plans: Sequence[Choice]
    quarters: Sequence[Quarter]
    answer_days: int
    centres: ListPart[CentreRow]
    contacts: Sequence[Contact]
    by_mail: bool
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpPage:
    """A follow-up: who has answered, who is silent, and their links. `link` is one to be handed
    over, of the contact `link_of`, where no mail takes it."""

    template: ClassVar[str] = "follow_up/round.html"
    section: ClassVar[Section | None] = Section.PLAN

    coverage: Coverage
    part: ListPart[OwnerAnswer]
    is_open: bool
    by_mail: bool
    link: str = ""
    link_of: str = ""
    notice: Notice | None = None
