"""The views of the pages of the ledger; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import Choice, Section
from optimiser.ledger.bridge import Bridge
from optimiser.ledger.progress import MonthSaving, proposals_of
from optimiser.ledger.stored import Ledger, LedgerRow, Task
from optimiser.ledger.tasks import TaskChange


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    TASK_SAVED = "task_saved"
    TASK_DONE = "task_done"
    TASK_REOPENED = "task_reopened"
    LIST_IMPORTED = "list_imported"
    LIST_REMOVED = "list_removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage:
    """Every accepted proposal with what it saved, of which `part` is shown. `refused_rows` are the
    rows of an imported list that could not be read, with the words of each. `bridge` tells what of
    it the latest round has; None where not all is shown."""

    template: ClassVar[str] = "ledger/ledger.html"
    section: ClassVar[Section | None] = Section.LEDGER

    #: The rows of the months that stand on a phone at first: the last ones, their sum among them.
    months_on_phone: ClassVar[int] = 3

    ledger: Ledger
    part: ListPart[LedgerRow]
    depots: Sequence[Choice]
    depot_id: str | None
    bridge: Bridge | None
    silent_days: int
    notice_months: int
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    refused_rows: Sequence[tuple[int, str]] = ()
    notice: Notice | None = None

    @property
    def rounds_apart(self) -> bool:
        """Whether what the proposals save by the list adds up to another sum in whole DKK, as each
        amount is rounded by itself."""
        account = self.ledger.account
        rows = sum(round(one.accepted_kr_year) for one in account.own)
        return rows != round(account.accepted_kr_year)

    @property
    def late(self) -> int:
        """The number of proposals that are late."""
        return proposals_of(self.ledger.account.late)

    @property
    def widest_kr(self) -> float:
        """The most of a month, for the picture."""
        return max((_most(month) for month in self.ledger.account.months), default=0.0) or 1.0

    @property
    def deepest_kr(self) -> float:
        """The least of a month, at most 0."""
        months = self.ledger.account.months
        return min((min(one.promised_kr, one.achieved_kr, 0.0) for one in months), default=0.0)


def _most(month: MonthSaving) -> float:
    return max(month.promised_kr, month.achieved_kr, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """The page of a task. `due` and `done_on` are the days in its fields; `values` and `errors` are
    those of a refused form."""

    template: ClassVar[str] = "ledger/task.html"
    section: ClassVar[Section | None] = Section.LEDGER

    row: LedgerRow
    task: Task
    due: date | None
    done_on: date | None
    is_last: bool
    owners: Sequence[str]
    history: Sequence[TaskChange]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
