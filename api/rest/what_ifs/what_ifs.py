"""What-ifs for programs: `/v1/what-ifs`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from api.jobs import queue_what_if
from api.pages.words.language import mark
from api.rest.frame.bodies import (
    Id,
    Name,
    Nothing,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from api.rest.frame.problems import Problem
from costs.assumptions import FigureKey
from costs.peak_days import PeakDayName
from fleet.actor import Permission
from optimiser.model.remark import in_english
from optimiser.what_if.answer import Fate, FleetAccount
from optimiser.what_if.changes import (
    CHANGES_MAX,
    AddedNeed,
    ChangedFigure,
    Changes,
    MoreOfKind,
    ReadyFor,
)
from optimiser.what_if.requests import WhatIfRequest, ask, cancel, keep, share, throw_away
from optimiser.what_if.stored import (
    WhatIf,
    WhatIfState,
    differing_vehicles,
    what_if,
    what_ifs,
)

_ID: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0)])

_Names = Annotated[list[Name], Field(max_length=CHANGES_MAX)]


class FigureAsked(RequestBody):
    """A price or an assumption with another value, in its own unit."""

    key: Annotated[FigureKey, Field(strict=False)]
    value: float


class NeedAsked(RequestBody):
    """The trips that a vehicle drove need a capability, too."""

    vehicle_id: Name
    capability: Name


class MoreAsked(RequestBody):
    """A depot has more vehicles of a kind than the round proposes."""

    depot_id: Name
    kind: Name
    count: Annotated[int, Field(ge=0, le=1_000)] = 1


class PeakAsked(RequestBody):
    """The fleets are ready for a peak day; shares in %, null: those of the assumptions."""

    name: Annotated[PeakDayName, Field(strict=False)]
    more_trips_pct: float | None = None
    missing_pct: float | None = None


class WhatIfAsked(RequestBody):
    """What is to be different at some depots of the latest version of a round."""

    model_config = example(
        round_id=1,
        name="Electricity at 4 kr.",
        depots=["raadhuset"],
        figures=[{"key": "electricity_kr_kwh", "value": 4.0}],
    )

    round_id: Id
    name: Annotated[str, Field(max_length=1_000, pattern=r"^[^\x00]*$")]
    depots: Annotated[list[Name], Field(min_length=1, max_length=CHANGES_MAX)]
    stay: _Names = Field(default_factory=list[str])
    go: _Names = Field(default_factory=list[str])
    figures: list[FigureAsked] = Field(default_factory=list[FigureAsked], max_length=CHANGES_MAX)
    needs: list[NeedAsked] = Field(default_factory=list[NeedAsked], max_length=CHANGES_MAX)
    more: list[MoreAsked] = Field(default_factory=list[MoreAsked], max_length=CHANGES_MAX)
    peak: PeakAsked | None = None

    @property
    def changes(self) -> Changes:
        peak = self.peak
        return Changes(
            stay=tuple(dict.fromkeys(self.stay)),
            go=tuple(dict.fromkeys(self.go)),
            figures=tuple(ChangedFigure(key=one.key, value=one.value) for one in self.figures),
            needs=tuple(
                AddedNeed(vehicle_id=one.vehicle_id, capability=one.capability)
                for one in self.needs
            ),
            more=tuple(
                MoreOfKind(depot_id=one.depot_id, kind=one.kind, count=one.count)
                for one in self.more
            ),
            peak=None
            if peak is None
            else ReadyFor(
                name=peak.name,
                more_trips_pct=peak.more_trips_pct,
                missing_pct=peak.missing_pct,
            ),
        )


class FigureTold(ResponseBody):
    """A price or an assumption with another value than in the round."""

    key: FigureKey
    value: float


class NeedTold(ResponseBody):
    """The trips of a vehicle need a capability, too."""

    vehicle_id: str
    capability: str


class MoreTold(ResponseBody):
    """A depot has more vehicles of a kind than the round proposes."""

    depot_id: str
    kind: str
    count: int


class PeakTold(ResponseBody):
    """The fleets are ready for a peak day; shares in %, null: those of the assumptions."""

    name: PeakDayName
    more_trips_pct: float | None
    missing_pct: float | None


class FleetTold(ResponseBody):
    """A fleet of the depots: what is paid a year, the value of its CO2e apart, and by which share
    its cost, with that value, is at most above the least that is possible."""

    vehicles: int
    green_vehicles: int
    paid_kr_year: float
    co2_kr_year: float
    co2_t_year: float
    fallback_trips_year: float
    gap: float


class OutcomeTold(ResponseBody):
    """What becomes of a vehicle: the kind that replaces it, or the depot to which it moves."""

    fate: Fate
    by: str | None
    to: str | None


class DifferenceTold(ResponseBody):
    """A vehicle of which the what-if makes something else than the round."""

    vehicle_id: str
    depot_id: str
    in_round: OutcomeTold
    in_answer: OutcomeTold


class BoughtTold(ResponseBody):
    """Vehicles of a kind that are bought beside those that replace others."""

    depot_id: str
    kind: str
    in_round: int
    in_answer: int


class AnswerTold(ResponseBody):
    """The answer beside the round. `unchanged` is the fleet of the round at the other prices; null
    where no price is another one, or where the changes do not allow it. `calculated_anew`: the
    round was, to compare with, as decisions or trips changed since. `peak_met` is null where no
    peak day was asked for. Of `differing` vehicles those are told that are seen."""

    round: FleetTold
    what_if: FleetTold
    unchanged: FleetTold | None
    differing: int
    vehicles: list[DifferenceTold]
    bought: list[BoughtTold]
    calculated_anew: bool
    peak_met: bool | None


class WhatIfTold(ResponseBody):
    """A what-if beside a version of a round. `own`: who asks for it asked it. `superseded`: a later
    version of a round is done. `answer` is told where the what-if is asked for by itself."""

    id: int
    round_id: int
    number: int
    version: int
    name: str
    depots: list[str]
    stay: list[str]
    go: list[str]
    figures: list[FigureTold]
    needs: list[NeedTold]
    more: list[MoreTold]
    peak: PeakTold | None
    state: WhatIfState
    why_not: str | None
    parts: int
    solved_parts: int
    asked_by: str
    asked_at: datetime
    kept: bool
    shared: bool
    own: bool
    superseded: bool
    answer: AnswerTold | None


class WhatIfs(PageBody):
    """What-ifs, the latest first."""

    items: list[WhatIfTold]


async def list_what_ifs(call: Call[PageQuery]) -> WhatIfs:
    before = key_after(call.asked, _ID)
    found = await what_ifs(call.pool, call.actor, call.asked.limit + 1, before)
    items, more = cut(found, call.asked.limit, lambda one: one.what_if_id)
    return WhatIfs(items=[_told(one, None) for one in items], next=more)


async def ask_one(call: Call[WhatIfAsked]) -> WhatIfTold:
    asked = call.asked
    request = WhatIfRequest(
        round_id=asked.round_id,
        name=asked.name,
        depots=tuple(dict.fromkeys(asked.depots)),
        changes=asked.changes,
    )
    what_if_id = await ask(call.pool, call.actor, request)
    await queue_what_if(call.context.jobs, what_if_id)
    return await _one(call, what_if_id)


async def show_one(call: Call[Query]) -> WhatIfTold:
    return await _one(call, call.id("what_if_id"))


async def keep_one(call: Call[Nothing]) -> WhatIfTold:
    await keep(call.pool, call.actor, call.id("what_if_id"))
    return await _one(call, call.id("what_if_id"))


async def share_one(call: Call[Nothing]) -> WhatIfTold:
    await share(call.pool, call.actor, call.id("what_if_id"))
    return await _one(call, call.id("what_if_id"))


async def unshare_one(call: Call[Nothing]) -> WhatIfTold:
    await share(call.pool, call.actor, call.id("what_if_id"), shared=False)
    return await _one(call, call.id("what_if_id"))


async def cancel_one(call: Call[Nothing]) -> WhatIfTold:
    if not await cancel(call.pool, call.actor, call.id("what_if_id")):
        raise Problem(409, "the what-if has ended")
    return await _one(call, call.id("what_if_id"))


async def throw_one(call: Call[Nothing]) -> WhatIfTold:
    thrown = await _one(call, call.id("what_if_id"))
    await throw_away(call.pool, call.actor, call.id("what_if_id"))
    return thrown


async def _one(call: Call[Any], what_if_id: int) -> WhatIfTold:
    found = await what_if(call.pool, call.actor, what_if_id)
    if found is None:
        raise Problem(404, f"there is no what-if {what_if_id}")
    return _told(found, await _answer(call, found))


async def _answer(call: Call[Any], found: WhatIf) -> AnswerTold | None:
    answer = found.answer
    if answer is None:
        return None
    return AnswerTold(
        round=_fleet(answer.before),
        what_if=_fleet(answer.after),
        unchanged=None if answer.unchanged is None else _fleet(answer.unchanged),
        differing=answer.differing,
        vehicles=[
            DifferenceTold(
                vehicle_id=one.vehicle_id,
                depot_id=one.depot_id,
                in_round=OutcomeTold(fate=one.before.fate, by=one.before.by, to=one.before.to),
                in_answer=OutcomeTold(fate=one.after.fate, by=one.after.by, to=one.after.to),
            )
            for one in await differing_vehicles(call.pool, found.what_if_id)
        ],
        bought=[
            BoughtTold(
                depot_id=one.depot_id, kind=one.kind, in_round=one.before, in_answer=one.after
            )
            for one in answer.bought
        ],
        calculated_anew=answer.is_anew,
        peak_met=answer.peak_is_met,
    )


def _fleet(account: FleetAccount) -> FleetTold:
    return FleetTold(
        vehicles=account.figures.vehicles,
        green_vehicles=account.figures.green_vehicles,
        paid_kr_year=account.paid_kr_year,
        co2_kr_year=account.co2_kr_year,
        co2_t_year=account.figures.co2_t_year,
        fallback_trips_year=account.figures.fallback_trips_year,
        gap=account.gap,
    )


def _told(found: WhatIf, answer: AnswerTold | None) -> WhatIfTold:
    changes, peak = found.changes, found.changes.peak
    why_not = None if found.reason is None else found.reason.value
    return WhatIfTold(
        id=found.what_if_id,
        round_id=found.round_id,
        number=found.number,
        version=found.version,
        name=found.name,
        depots=list(found.depots),
        stay=list(changes.stay),
        go=list(changes.go),
        figures=[FigureTold(key=one.key, value=one.value) for one in changes.figures],
        needs=[
            NeedTold(vehicle_id=one.vehicle_id, capability=one.capability) for one in changes.needs
        ],
        more=[
            MoreTold(depot_id=one.depot_id, kind=one.kind, count=one.count) for one in changes.more
        ],
        peak=None
        if peak is None
        else PeakTold(
            name=peak.name, more_trips_pct=peak.more_trips_pct, missing_pct=peak.missing_pct
        ),
        state=found.state,
        why_not=why_not if found.detail is None else in_english(found.detail),
        parts=found.parts,
        solved_parts=found.solved_parts,
        asked_by=found.asked_by,
        asked_at=found.asked_at,
        kept=found.kept_at is not None,
        shared=found.shared_at is not None,
        own=found.is_own,
        superseded=found.is_superseded,
        answer=answer,
    )


_ONE = "/v1/what-ifs/{what_if_id}"

WHAT_IFS: Sequence[Operation[Any, Any]] = (
    Operation(
        "GET",
        "/v1/what-ifs",
        Permission.FIGURES_READ,
        mark("The what-ifs that one asked, and those that are shared"),
        PageQuery,
        WhatIfs,
        list_what_ifs,
    ),
    Operation(
        "POST",
        "/v1/what-ifs",
        Permission.ROUNDS_REQUEST,
        mark("Ask a what-if beside the latest round, which stays as it is"),
        WhatIfAsked,
        WhatIfTold,
        ask_one,
        conflict="a later version of a round is done",
        located="/v1/what-ifs/{id}",
    ),
    Operation(
        "GET",
        _ONE,
        Permission.FIGURES_READ,
        mark("One what-if with its answer"),
        Query,
        WhatIfTold,
        show_one,
    ),
    Operation(
        "POST",
        f"{_ONE}/keep",
        Permission.ROUNDS_REQUEST,
        mark("Keep a what-if"),
        Nothing,
        WhatIfTold,
        keep_one,
        conflict="it has no answer yet",
    ),
    Operation(
        "POST",
        f"{_ONE}/share",
        Permission.ROUNDS_REQUEST,
        mark("Share a what-if with the fleet unit and the heads of its departments"),
        Nothing,
        WhatIfTold,
        share_one,
        conflict="it has no answer yet",
    ),
    Operation(
        "POST",
        f"{_ONE}/unshare",
        Permission.ROUNDS_REQUEST,
        mark("Share a what-if no more"),
        Nothing,
        WhatIfTold,
        unshare_one,
        conflict="it has no answer yet",
    ),
    Operation(
        "POST",
        f"{_ONE}/cancel",
        Permission.ROUNDS_REQUEST,
        mark("Cancel a what-if that is being calculated"),
        Nothing,
        WhatIfTold,
        cancel_one,
        conflict="it has ended",
    ),
    Operation(
        "DELETE",
        _ONE,
        Permission.ROUNDS_REQUEST,
        mark("Throw a what-if away"),
        Nothing,
        WhatIfTold,
        throw_one,
    ),
)
