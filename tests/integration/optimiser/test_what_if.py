"""What-ifs beside a round of a generated pilot: they are the round where nothing differs, never
change it, and are seen by whom they concern."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pytest

from access.accounts import account_actor, account_named
from access.roles import Role
from api.settings import Settings
from benchmarks.optimiser.what_if import answer_all, page_times
from costs.assumptions import FigureKey
from costs.peak_days import PeakDayName
from db.connect import Pool
from db.scope.seen import seen_by
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import ChangedSinceError
from optimiser.depot.decisions import Decision
from optimiser.rounds.decisions import Verdict, decide
from optimiser.rounds.overview import latest_round
from optimiser.rounds.proposals import read_proposals
from optimiser.rounds.requests import request_round, request_version
from optimiser.what_if.answer import Fate
from optimiser.what_if.changes import (
    AddedNeed,
    ChangedFigure,
    Changes,
    MoreOfKind,
    ReadyFor,
)
from optimiser.what_if.checking import askable
from optimiser.what_if.faults import (
    Fault,
    NotDoneError,
    NotOwnError,
    NoWhatIfError,
    RoundSupersededError,
    WhatIfError,
)
from optimiser.what_if.jobs import solve_what_if
from optimiser.what_if.requests import (
    WhatIfRequest,
    ask,
    cancel,
    keep,
    share,
    throw_away,
)
from optimiser.what_if.solving import Effort, answer_part
from optimiser.what_if.stored import (
    WhatIf,
    WhatIfState,
    differing_vehicles,
    history,
    what_if,
    what_ifs,
)
from optimiser.what_if.stored_question import read_question
from optimiser.workers import Workers
from tests.conftest import empty_tables
from tests.factories.accounts import person
from tests.factories.pilot import load_pilot
from tests.factories.rounds import FEW_STUDIES, answer_round
from trips.use.fleet_use import data_period

#: The øre to which figures of a what-if without a difference are those of the round.
ORE = 0.005
EFFORT = Effort(seconds_max=20, gap=0.001)

#: Whatever a round says, as it is stored.
OF_ROUND = (
    "SELECT round_id, state, rules, summary, assumptions, kinds FROM round",
    "SELECT round_id, part, depots, digest, verdicts, part_plan, study FROM round_part",
    "SELECT * FROM proposal",
    "SELECT * FROM decision",
    "SELECT * FROM round_register",
    "SELECT * FROM vehicle",
)


@dataclass(frozen=True)
class Asked:
    """A pilot with a round that is done, and who asks."""

    pool: Pool
    settings: Settings
    workers: Workers
    round_id: int
    unit: Actor
    other: Actor

    async def decisions(self) -> Sequence[Decision]:
        return [one.decision for one in await read_proposals(self.pool, self.round_id)]

    async def going(self) -> Decision:
        """A vehicle that leaves its depot for good and has none alike that could go instead."""
        found = [one for one in await self.decisions() if one.action.value == "dispose"]
        return next((one for one in found if not one.instead), found[0])

    async def staying(self, depot_id: str) -> Decision:
        return next(
            one
            for one in await self.decisions()
            if one.depot_id == depot_id and one.action.value == "keep" and one.why != "unknown"
        )

    async def ask(self, depot_id: str, changes: Changes, name: str = "x") -> int:
        asked = WhatIfRequest(
            round_id=self.round_id, name=name, depots=(depot_id,), changes=changes
        )
        return await ask(self.pool, self.unit, asked)

    async def answer(self, depot_id: str, changes: Changes) -> WhatIf:
        """A what-if that is asked and solved."""
        what_if_id = await self.ask(depot_id, changes)
        await solve_what_if(self.pool, what_if_id, self.settings, self.workers)
        found = await what_if(self.pool, self.unit, what_if_id)
        assert found is not None
        return found

    async def refused(self, depot_id: str, changes: Changes) -> Fault:
        with pytest.raises(WhatIfError) as refused:
            await self.ask(depot_id, changes)
        return refused.value.fault


async def actor_of(pool: Pool, name: str, role: Role, *departments: str) -> Actor:
    await person(pool, name, role=role, departments=departments)
    found = await account_named(pool, name)
    assert found is not None
    return account_actor(found, "")


@pytest.fixture(scope="module")
async def asked(
    shared_pool: Pool, tmp_path_factory: pytest.TempPathFactory, workers: Workers
) -> Asked:
    await empty_tables(shared_pool)
    directory = tmp_path_factory.mktemp("what-if")
    settings = Settings.model_validate({"data_dir": directory} | FEW_STUDIES)
    await load_pilot(shared_pool, directory, start=date(2026, 9, 7), weeks=2, vehicles=60)
    period = await data_period(shared_pool, settings.period_weeks)
    assert period is not None
    unit = await actor_of(shared_pool, "Unit", Role.FLEET_UNIT)
    other = await actor_of(shared_pool, "Other", Role.FLEET_UNIT)
    round_id = await request_round(shared_pool, unit, period)
    await answer_round(shared_pool, round_id, settings, workers, studied=False)
    return Asked(shared_pool, settings, workers, round_id, unit, other)


async def test_without_a_difference_it_is_the_round_to_the_ore(asked: Asked) -> None:
    """At every depot: the same vehicles, the same money, the same tonnes, whatever moved."""
    told = await latest_round(asked.pool)
    assert told is not None
    assert told.summary is not None
    cost = 0.0
    for part in await askable(asked.pool, asked.round_id):
        question = await read_question(
            asked.pool, asked.round_id, part.part, Changes(), asked.settings
        )
        assert question.is_current
        answer = answer_part(lambda: False, question, EFFORT)
        before, after = answer.before, answer.after
        assert after.figures.cost_kr_year == pytest.approx(before.figures.cost_kr_year, abs=ORE)
        assert after.figures.co2_t_year == pytest.approx(before.figures.co2_t_year, abs=1e-6)
        assert after.figures.vehicles == before.figures.vehicles
        assert (answer.vehicles, answer.bought) == ((), ()), part.depots
        assert not answer.is_anew
        cost += before.figures.cost_kr_year
    assert cost == pytest.approx(told.summary.proposed.cost_kr_year, abs=ORE)


async def test_it_never_changes_the_round(asked: Asked) -> None:
    before = [await asked.pool.fetch(statement) for statement in OF_ROUND]
    going = await asked.going()
    assert going.vehicle_id is not None
    found = await asked.answer(going.depot_id, Changes(stay=(going.vehicle_id,)))
    assert found.state is WhatIfState.DONE, found.detail
    await keep(asked.pool, asked.unit, found.what_if_id)
    await share(asked.pool, asked.unit, found.what_if_id)
    await throw_away(asked.pool, asked.unit, found.what_if_id)
    assert [await asked.pool.fetch(statement) for statement in OF_ROUND] == before


async def test_a_vehicle_that_is_kept_stays_and_costs_no_less(asked: Asked) -> None:
    going = await asked.going()
    assert going.vehicle_id is not None
    found = await asked.answer(going.depot_id, Changes(stay=(going.vehicle_id,)))
    assert found.answer is not None, found.detail
    least = asked.settings.least_saving_kr_year
    before, after = found.answer.before, found.answer.after
    assert after.figures.cost_kr_year >= before.figures.cost_kr_year - least
    assert after.lower_bound_kr_year <= after.figures.cost_kr_year
    rows = {one.vehicle_id: one for one in await differing_vehicles(asked.pool, found.what_if_id)}
    assert rows[going.vehicle_id].before.fate is Fate.LEAVES
    assert rows[going.vehicle_id].after.fate is Fate.STAYS


async def test_one_more_of_a_kind_is_one_more(asked: Asked) -> None:
    going = await asked.going()
    kind = await asked.pool.fetchval(
        "SELECT kind FROM vehicle WHERE vehicle_id = $1", going.vehicle_id
    )
    more = MoreOfKind(depot_id=going.depot_id, kind=kind)
    found = await asked.answer(going.depot_id, Changes(more=(more,)))
    assert found.answer is not None, found.detail
    fixed = await asked.pool.fetchval(
        "SELECT count(*) FROM what_if_vehicle WHERE what_if_id = $1 AND in_answer ->> 'fate' ="
        " 'stays' AND in_round ->> 'fate' = 'leaves'",
        found.what_if_id,
    )
    assert fixed >= 1
    more = MoreOfKind(depot_id=going.depot_id, kind=kind, count=20)
    found = await asked.answer(going.depot_id, Changes(more=(more,)))
    assert (found.state, found.answer) == (WhatIfState.FAILED, None)
    assert found.detail is not None
    assert found.detail.code == "no_more"


async def test_a_price_is_told_apart_from_the_fleet(asked: Asked) -> None:
    """The fleet of the round at the other price is told beside the cheapest one at it."""
    going = await asked.going()
    figures = (ChangedFigure(key=FigureKey.ELECTRICITY_KR_KWH, value=9.0),)
    found = await asked.answer(going.depot_id, Changes(figures=figures))
    answer = found.answer
    assert answer is not None, found.detail
    assert answer.unchanged is not None
    assert answer.unchanged.figures.vehicles == answer.before.figures.vehicles
    assert answer.after.figures.cost_kr_year <= answer.unchanged.figures.cost_kr_year + ORE
    assert answer.unchanged.figures.co2_t_year == pytest.approx(
        answer.before.figures.co2_t_year, abs=1e-6
    )
    # Money that is paid, and the value of CO2e, stand apart and add up.
    after = answer.after
    assert after.paid_kr_year + after.co2_kr_year == pytest.approx(after.figures.cost_kr_year)


async def test_needs_and_peak_days_make_a_fleet_no_cheaper(asked: Asked) -> None:
    going = await asked.going()
    stay = await asked.staying(going.depot_id)
    assert stay.vehicle_id is not None
    least = asked.settings.least_saving_kr_year
    for changes in (
        Changes(peak=ReadyFor(name=PeakDayName.SNOW, more_trips_pct=100.0)),
        Changes(needs=(AddedNeed(vehicle_id=stay.vehicle_id, capability="cargo"),)),
    ):
        found = await asked.answer(going.depot_id, changes)
        assert found.answer is not None, found.detail
        before, after = found.answer.before, found.answer.after
        assert after.figures.cost_kr_year >= before.figures.cost_kr_year - least
        assert (found.answer.peak_is_met is None) is (changes.peak is None)


async def test_what_cannot_be_asked_is_told(asked: Asked) -> None:
    going = await asked.going()
    depot, vehicle = going.depot_id, going.vehicle_id
    assert vehicle is not None
    figure = FigureKey.PETROL_KR_L
    cases = {
        Fault.NOTHING: Changes(),
        Fault.VEHICLE_UNKNOWN: Changes(stay=("nobody",)),
        Fault.STAYS_AND_GOES: Changes(stay=(vehicle,), go=(vehicle,)),
        Fault.FIGURE_NO_NUMBER: Changes(figures=(ChangedFigure(key=figure, value=float("nan")),)),
        Fault.FIGURE_BOUNDS: Changes(figures=(ChangedFigure(key=figure, value=-1.0),)),
        Fault.FIGURE_TWICE: Changes(
            figures=(
                ChangedFigure(key=figure, value=20.0),
                ChangedFigure(key=figure, value=21.0),
            )
        ),
        Fault.NEED_UNKNOWN: Changes(needs=(AddedNeed(vehicle_id=vehicle, capability="wings"),)),
        Fault.KIND_UNKNOWN: Changes(more=(MoreOfKind(depot_id=depot, kind="rocket"),)),
        Fault.MORE_BOUNDS: Changes(more=(MoreOfKind(depot_id=depot, kind="lille elbil", count=0),)),
        Fault.PEAK_BOUNDS: Changes(peak=ReadyFor(name=PeakDayName.SNOW, missing_pct=101.0)),
        Fault.PEAK_NOTHING: Changes(
            peak=ReadyFor(name=PeakDayName.SNOW, more_trips_pct=0.0, missing_pct=0.0)
        ),
    }
    for fault, changes in cases.items():
        assert await asked.refused(depot, changes) is fault
    assert await asked.refused("moon", Changes(stay=(vehicle,))) is Fault.DEPOT_UNKNOWN
    elsewhere = next(one.depot_id for one in await asked.decisions() if one.depot_id != depot)
    assert await asked.refused(elsewhere, Changes(stay=(vehicle,))) is Fault.VEHICLE_ELSEWHERE
    with pytest.raises(WhatIfError) as refused:
        await asked.ask(depot, Changes(stay=(vehicle,)), name="  ")
    assert refused.value.fault is Fault.NAME_MISSING
    # A vehicle that was sold since, and a depot that closed.
    sold = "UPDATE vehicle SET retired_at = '2026-01-01' WHERE"
    await asked.pool.execute(f"{sold} vehicle_id = $1", vehicle)
    assert await asked.refused(depot, Changes(stay=(vehicle,))) is Fault.VEHICLE_GONE
    await asked.pool.execute(f"{sold} depot_id = $1", depot)
    assert await asked.refused(depot, Changes(stay=(vehicle,))) is Fault.DEPOT_CLOSED
    await asked.pool.execute("UPDATE vehicle SET retired_at = NULL WHERE depot_id = $1", depot)


async def test_who_sees_and_changes_a_what_if(asked: Asked) -> None:
    going = await asked.going()
    assert going.vehicle_id is not None
    pool, unit, other = asked.pool, asked.unit, asked.other
    department = await pool.fetchval(
        "SELECT department FROM vehicle WHERE vehicle_id = $1", going.vehicle_id
    )
    head = await actor_of(pool, "Head", Role.DEPARTMENT_HEAD, department)
    away = await actor_of(pool, "Away", Role.DEPARTMENT_HEAD, "Nowhere")
    reader = await actor_of(pool, "Reader", Role.READER)
    with pytest.raises(NotAllowedError):
        await ask(
            pool,
            head,
            WhatIfRequest(
                round_id=asked.round_id,
                name="x",
                depots=(going.depot_id,),
                changes=Changes(stay=(going.vehicle_id,)),
            ),
        )
    waiting = await asked.ask(going.depot_id, Changes(stay=(going.vehicle_id,)))
    with pytest.raises(NotDoneError):
        await share(pool, unit, waiting)
    assert await cancel(pool, unit, waiting)
    assert not await cancel(pool, unit, waiting)
    found = await asked.answer(going.depot_id, Changes(stay=(going.vehicle_id,)))
    one = found.what_if_id

    async def seen(reader: Actor) -> bool:
        with seen_by(reader.departments):
            return await what_if(pool, reader, one) is not None

    assert [await seen(who) for who in (unit, other, head, away, reader)] == [True] + [False] * 4
    with pytest.raises(NoWhatIfError):
        await keep(pool, other, one)
    await share(pool, unit, one, seen=found.revision)
    assert [await seen(who) for who in (unit, other, head, away, reader)] == [
        *(True, True, True),
        *(False, False),
    ]
    # Another person of the fleet unit sees it, and does nothing with it; two cannot both act.
    with pytest.raises(NotOwnError):
        await throw_away(pool, other, one)
    with pytest.raises(ChangedSinceError):
        await throw_away(pool, unit, one, seen=found.revision)
    with seen_by(head.departments):
        rows = await differing_vehicles(pool, one)
        own = await pool.fetch("SELECT vehicle_id FROM vehicle")
        assert {row.vehicle_id for row in rows} <= {row["vehicle_id"] for row in own}
    await share(pool, unit, one, shared=False)
    assert not await seen(head)
    acts = [entry.content["act"] for entry in await history(pool, one)]
    assert acts == ["changed", "changed", "requested"]
    await throw_away(pool, unit, one)
    assert not await seen(unit)
    assert one not in [row.what_if_id for row in await what_ifs(pool, unit, 100)]
    program = Actor("a program", frozenset({Permission.ROUNDS_REQUEST}))
    assert await what_ifs(pool, program, 100) == []


async def test_the_benchmark_measures_each_sort_and_the_pages(
    asked: Asked, database_url: str
) -> None:
    pool = asked.pool
    answered = await answer_all(pool, database_url, asked.settings, asked.round_id, depots_most=2)
    assert {one.sort for one in answered} >= {"price", "peak"}
    assert {one.state for one in answered if one.sort == "price"} == {"done"}
    took = await page_times(pool, database_url, answered[0].what_if_id, 2)
    assert len(took) == 4
    assert all(len(each) == 2 for each in took.values())


async def test_decisions_bind_and_an_older_version_is_not_asked(asked: Asked) -> None:
    """Last, as it makes a new version of the round."""
    going = await asked.going()
    assert going.vehicle_id is not None
    pool, unit = asked.pool, asked.unit
    proposals = await read_proposals(pool, asked.round_id)
    proposal = next(one for one in proposals if one.decision.key == going.key)
    stay = Changes(stay=(going.vehicle_id,))
    await decide(pool, unit, proposal.proposal_id, Verdict.ACCEPTED, "")
    assert await asked.refused(going.depot_id, stay) is Fault.DECIDED_TO_GO
    await decide(pool, unit, proposal.proposal_id, Verdict.REOPENED, "back to undecided")
    assert (await asked.answer(going.depot_id, stay)).state is WhatIfState.DONE
    await decide(pool, unit, proposal.proposal_id, Verdict.REJECTED, "we need it")
    go = Changes(go=(going.vehicle_id,))
    assert await asked.refused(going.depot_id, go) is Fault.DECIDED_TO_STAY
    # A rejection since the round: the round is calculated anew to compare with.
    figures = (ChangedFigure(key=FigureKey.PETROL_KR_L, value=30.0),)
    found = await asked.answer(going.depot_id, Changes(figures=figures))
    assert found.answer is not None, found.detail
    assert found.answer.is_anew
    later = await request_version(pool, unit, asked.round_id)
    await answer_round(pool, later, asked.settings, asked.workers, studied=False)
    with pytest.raises(RoundSupersededError) as superseded:
        await asked.ask(going.depot_id, stay)
    assert superseded.value.newer == later
    again = await what_if(pool, unit, found.what_if_id)
    assert again is not None
    assert again.is_superseded
