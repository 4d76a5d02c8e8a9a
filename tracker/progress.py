"""How far plans are: the one computation, which pages, reports and the interface read.

It takes what counts of each milestone (`Standing`) and adds up, for the whole and for each plan,
programme, initiative, quarter, owner, centre and strand.
"""

from collections import Counter
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple, TypeVar

from fleet.localtime import day_start
from tracker.milestone import Milestone, MilestoneStatus, is_late
from tracker.quarter import Quarter

Key = TypeVar("Key", bound=Hashable)


class Standing(NamedTuple):
    """The values of a milestone that count for the progress of its plan; the names are those of
    `Milestone`."""

    milestone_id: str
    plan_id: int
    programme_id: str
    initiative_id: str
    status: MilestoneStatus
    due: Quarter | None
    centre: str
    owner_id: int | None
    needs_decision: bool
    said_at: datetime | None
    is_taken: bool


class OwnerStanding(NamedTuple):
    """The values of a contact that count: whether they left, and when they said something last."""

    has_left: bool
    heard_at: datetime | None


class Tally(NamedTuple):
    """How many milestones stand how. All but `by_status` count open ones only: what is done, merged
    or dropped needs nobody any more.

    `silent`: nobody has said anything of them since the day that was asked for, and no owner is
    expected to have in a programme that nobody has taken. `owned` have an owner who has not left,
    `actively_owned` one who has said something of any milestone since that day.
    """

    by_status: Mapping[MilestoneStatus, int]
    late: int
    needs_decision: int
    silent: int
    owned: int
    actively_owned: int

    @property
    def total(self) -> int:
        return sum(self.by_status.values())

    @property
    def open(self) -> int:
        return sum(n for status, n in self.by_status.items() if status.is_open)

    @property
    def done(self) -> int:
        return self.by_status[MilestoneStatus.DONE]

    @property
    def counted(self) -> int:
        """The milestones that are to be reached: neither merged nor dropped."""
        return self.open + self.done

    @property
    def done_share(self) -> float | None:
        """The part of what is to be reached that is done, from 0 to 1; None where there is
        nothing."""
        return self.done / self.counted if self.counted else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the plans are, on the day `today`. `since` is the day from which silence counts."""

    today: date
    since: date
    whole: Tally
    by_plan: Mapping[int, Tally]
    by_programme: Mapping[str, Tally]
    #: "" are the milestones that stand in their programme itself.
    by_initiative: Mapping[str, Tally]
    #: By the quarter in which they are due; None: in none.
    by_quarter: Mapping[Quarter | None, Tally]
    #: By the contact who owns them; None: nobody.
    by_owner: Mapping[int | None, Tally]
    #: By the responsible centre; "": none is named.
    by_centre: Mapping[str, Tally]
    #: By the strand's id. A milestone may be of several.
    by_strand: Mapping[int, Tally]


class Kind(NamedTuple):
    """How a milestone stands: all that a tally adds up, and by the same words."""

    status: MilestoneStatus
    late: bool
    needs_decision: bool
    silent: bool
    owned: bool
    actively_owned: bool


def progress(
    standings: Collection[Standing],
    owners: Mapping[int, OwnerStanding],
    *,
    today: date,
    since: date,
    strands: Mapping[int, Collection[str]] | None = None,
) -> Progress:
    """Add up how milestones stand.

    `owners` are the contacts by their ids, and `strands` the milestones of each strand.
    """
    counted = Counted(standings, owners, today=today, since=since)
    return Progress(
        today=today,
        since=since,
        whole=counted.whole(),
        by_plan=counted.by("plan_id"),
        by_programme=counted.by("programme_id"),
        by_initiative=counted.by("initiative_id"),
        by_quarter=counted.by("due"),
        by_owner=counted.by("owner_id"),
        by_centre=counted.by("centre"),
        by_strand=counted.by_group(strands or {}),
    )


def standing(one: Milestone) -> Standing:
    """The values of a milestone that count."""
    return Standing(
        one.milestone_id,
        one.plan_id,
        one.programme_id,
        one.initiative_id,
        one.status,
        one.due,
        one.centre,
        None if one.owner is None else one.owner.contact_id,
        one.decision is not None,
        one.said_at,
        one.is_taken,
    )


def is_silent(status: MilestoneStatus, *, is_quiet: bool, is_taken: bool) -> bool:
    """Whether an open milestone is one of which somebody should have said something. `is_quiet`:
    nobody has."""
    return is_quiet and is_taken and status.is_open


#: A milestone in all that its kind follows from: status, due, owner, whether a decision is needed,
#: whether it is quiet, and whether its programme is taken.
_Alike = tuple[MilestoneStatus, Quarter | None, int | None, bool, bool, bool]

_NONE = dict.fromkeys(MilestoneStatus, 0)


class Counted:
    """Milestones that are counted in the groups that somebody asks for, on the day `today`. Silence
    counts from the day `since`.

    They are counted by their kinds, of which there are few, and each kind has a number.
    """

    def __init__(
        self,
        standings: Collection[Standing],
        owners: Mapping[int, OwnerStanding],
        *,
        today: date,
        since: date,
    ) -> None:
        self._now = Quarter.of(today)
        # In UTC, as moments are read: those of one zone are compared quickly.
        self._since = day_start(since).astimezone(UTC)
        self._there = {owner for owner, one in owners.items() if not one.has_left}
        self._active = {
            owner
            for owner in self._there
            if (heard := owners[owner].heard_at) is not None and heard >= self._since
        }
        # Plans have tens of thousands of milestones: they are counted by columns.
        columns = list(zip(*standings, strict=True)) or [()] * len(Standing._fields)
        self._columns: Mapping[str, Sequence[Any]] = dict(
            zip(Standing._fields, columns, strict=True)
        )
        self._kinds: list[Kind] = []
        self._numbers = self._number()

    def kinds(self) -> list[Kind]:
        """How each milestone stands."""
        return [self._kinds[number] for number in self._numbers]

    def whole(self) -> Tally:
        """How many stand how in all."""
        return self._tally(Counter(self._numbers))

    def by(self, field: str) -> dict[Any, Tally]:
        """How many stand how by a field of `Standing`."""
        apart: dict[Any, dict[int, int]] = {}
        pairs = zip(self._columns[field], self._numbers, strict=True)
        for (value, number), n in Counter(pairs).items():
            apart.setdefault(value, {})[number] = n
        return {value: self._tally(counts) for value, counts in apart.items()}

    def by_group(self, groups: Mapping[Key, Collection[str]]) -> dict[Key, Tally]:
        """How many stand how in groups of milestones, given by their ids."""
        number: Mapping[str, int] = {}
        if groups:
            number = dict(zip(self._columns["milestone_id"], self._numbers, strict=True))
        return {
            group: self._tally(Counter(number[one] for one in members if one in number))
            for group, members in groups.items()
        }

    def _number(self) -> list[int]:
        """The number of the kind of each milestone."""
        names = ("status", "due", "owner_id", "needs_decision", "said_at", "is_taken")
        status, due, owner_ids, needs, said_at, taken = (self._columns[name] for name in names)
        quiet = [at is None or at < self._since for at in said_at]
        alike: list[_Alike] = list(zip(status, due, owner_ids, needs, quiet, taken, strict=True))
        by_kind: dict[Kind, int] = {}
        number: dict[_Alike, int] = {}
        for one in set(alike):
            number[one] = by_kind.setdefault(self._kind(*one), len(by_kind))
        self._kinds = list(by_kind)
        return [number[one] for one in alike]

    def _kind(
        self,
        status: MilestoneStatus,
        due: Quarter | None,
        owner_id: int | None,
        needs_decision: bool,
        quiet: bool,
        is_taken: bool,
    ) -> Kind:
        is_open = status.is_open
        return Kind(
            status,
            is_late(status, due, is_taken=is_taken, now=self._now),
            is_open and needs_decision,
            is_silent(status, is_quiet=quiet, is_taken=is_taken),
            is_open and owner_id in self._there,
            is_open and owner_id in self._active,
        )

    def _tally(self, counts: Mapping[int, int]) -> Tally:
        """The tally of so many milestones of each kind, by their numbers."""
        by_status = _NONE.copy()
        late = needs_decision = silent = owned = actively_owned = 0
        for number, n in counts.items():
            kind = self._kinds[number]
            by_status[kind.status] += n
            late += n * kind.late
            needs_decision += n * kind.needs_decision
            silent += n * kind.silent
            owned += n * kind.owned
            actively_owned += n * kind.actively_owned
        return Tally(by_status, late, needs_decision, silent, owned, actively_owned)
