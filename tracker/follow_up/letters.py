"""The content of the mails of a follow-up. The words are the caller's, since this room knows no
language."""

from collections.abc import Callable
from dataclasses import dataclass

from access.mail.outbox import Letter
from tracker.follow_up.rounds import FollowUp


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a mail tells: the `token` of its link, and of how many milestones a word is missing,
    None where that is not counted. `stands_in`: somebody else was asked first, who is silent."""

    token: str
    follow_up: FollowUp
    milestones: int | None
    is_reminder: bool
    stands_in: bool


#: Puts news into the words of a mail.
Words = Callable[[News], Letter]
