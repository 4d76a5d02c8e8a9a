"""The part of a page that is about a conversation; see `frame.views`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from optimiser.talk.entries import Entry
from optimiser.talk.recipients import Head


@dataclass(frozen=True, slots=True, kw_only=True)
class TalkView:
    """What was said about a decision, the earliest first, and the `heads` whom the visitor may
    ask."""

    entries: Sequence[Entry]
    heads: Sequence[Head]
    today: date
