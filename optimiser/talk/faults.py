"""Why something is not said."""

from datetime import date
from enum import StrEnum

from fleet.errors import ExpectedError
from fleet.localtime import latest_planned

#: The most characters of a text.
TEXT_MAX = 2_000

#: The most proposals that are sent at once.
SENT_MAX = 500


class TalkFault(StrEnum):
    """The reasons why an entry is refused."""

    NO_PROPOSALS = "choose at least one proposal"
    TOO_MANY = f"at most {SENT_MAX} proposals are sent at once"
    NO_RECIPIENT = "there is no head of a department of this account who can sign in"
    NOT_CONCERNED = "a proposal is about none of the departments of the recipient"
    FOR_FLEET_UNIT = "the head of a department asks the fleet unit"
    ALREADY_SENT = "all of these are sent to the recipient already, and wait for their answer"
    DAY_MISSING = "say by which day the answer is asked for"
    DAY_PAST = "the day by which the answer is asked for lies in the past"
    DAY_FAR = "the day by which the answer is asked for is too far away"
    TEXT_EMPTY = "write a text"
    TEXT_TOO_LONG = f"a text has at most {TEXT_MAX} characters"


class TalkError(ExpectedError, ValueError):
    """Something is not said; `fault` says why."""

    def __init__(self, fault: TalkFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


class NothingWaitsError(ExpectedError, ValueError):
    """What is answered does not wait for an answer any more: somebody answered it or decided."""


class NoEntryError(ExpectedError, LookupError):
    """There is no such entry in a thread."""


def checked_text(text: str, *, needed: bool = True) -> str:
    """A text without the space around it.

    Raises:
        TalkError: it is too long, or empty although it is needed.
    """
    plain = text.strip()
    if len(plain) > TEXT_MAX:
        raise TalkError(TalkFault.TEXT_TOO_LONG)
    if needed and not plain:
        raise TalkError(TalkFault.TEXT_EMPTY)
    return plain


def check_day(day: date | None, today: date) -> None:
    """Check the day by which an answer is asked for, where there is one.

    Raises:
        TalkError: it lies in the past, or too far away.
    """
    if day is not None and day < today:
        raise TalkError(TalkFault.DAY_PAST)
    if day is not None and day > latest_planned(today):
        raise TalkError(TalkFault.DAY_FAR)
