"""The views of what waits and of sending; see `frame.views`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from api.pages.frame.views import Section
from optimiser.ledger.stored import OwnTask
from optimiser.rounds.proposals import Proposal
from optimiser.talk.entries import Entry
from optimiser.talk.recipients import Head


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    SENT_BY_MAIL = "sent_by_mail"
    SENT_TO_PAGE = "sent_to_page"
    SENT_SOME = "sent_some"


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """What waits for an answer. `proposal` is the one to read it at; None: no round that is done
    proposes the decision now, and the entry stands at the one it was written at."""

    entry: Entry
    proposal: Proposal | None


# What waits: GET /proposals/mine ----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MinePage:
    """What waits for the visitor, their tasks, and what the visitor waits for. `by_mail`: mails
    tell of it, if the visitor `has_address`."""

    template: ClassVar[str] = "sendings/mine.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    today: date
    for_them: Sequence[WaitingRow]
    of_others: Sequence[WaitingRow]
    tasks: Sequence[OwnTask]
    by_mail: bool
    has_address: bool
    notice: Notice | None = None


# Sending: GET and POST /proposals/send ----------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SendPage:
    """The form by which proposals are sent to the head of a department. `head` is the one that is
    chosen, `proposals` those that are about their departments, and `sent` the ids of those that
    wait for their answer already."""

    template: ClassVar[str] = "sendings/send.html"
    section: ClassVar[Section | None] = Section.PROPOSALS

    heads: Sequence[Head]
    head: Head | None
    proposals: Sequence[Proposal]
    sent: Collection[int]
    chosen: Collection[int]
    by_mail: bool
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
