"""The night's trial over four simulated weeks with a planted bad week: every miss is named and none
is invented; late data, days without data, changed clocks and changed versions."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import pytest

from api.settings import Settings
from db.connect import Pool
from fleet.localtime import LOCAL_ZONE, local_now
from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import Decision
from optimiser.rounds.decisions import Verdict, decide
from optimiser.rounds.requests import request_version
from optimiser.studies.read_bodies import decision_of
from optimiser.trial.nightly import TrialRun, try_days
from optimiser.workers import Workers
from register.private_periods import set_private
from register.private_time import PrivatePeriod
from tests.factories.actors import SOMEBODY
from tests.factories.rounds import answer_round
from tests.factories.trial_weeks import (
    VEHICLES,
    Driven,
    TrialWeeks,
    days_from,
    drive,
    hear,
    missed_anew,
    planted,
    trial_weeks,
    usual,
)

CAR, VAN = (frozenset[str](), 1.0), (frozenset({"lift"}), 2.0)


@pytest.fixture
async def weeks(pool: Pool, settings: Settings, workers: Workers) -> TrialWeeks:
    return await trial_weeks(pool, settings, workers)


@pytest.fixture
def night(settings: Settings, workers: Workers) -> "Night":
    return Night(settings, workers)


class Night:
    """The nightly job at a moment."""

    def __init__(self, settings: Settings, workers: Workers) -> None:
        self.settings, self.workers = settings, workers

    async def comes(self, weeks: TrialWeeks, now: datetime | None = None) -> TrialRun:
        return await try_days(weeks.pool, self.settings, self.workers, now or weeks.now)


async def states(pool: Pool, depot: str = "home") -> Mapping[date, tuple[str, int, int]]:
    """Of each tried day its state, trips and misses."""
    rows = await pool.fetch("SELECT * FROM trial_day WHERE depot_id = $1 ORDER BY day", depot)
    return {row["day"]: (row["state"], row["trips"], row["missed"]) for row in rows}


async def named(pool: Pool) -> set[tuple[str, date, time]]:
    """The misses by who drove them when."""
    rows = await pool.fetch(
        "SELECT vehicle_id, start_ts, m.day FROM trial_miss m JOIN round_trip USING (trip_number)"
    )
    assert len(rows) == await pool.fetchval("SELECT count(*) FROM trial_miss")
    starts = [(row["vehicle_id"], row["start_ts"].astimezone(LOCAL_ZONE)) for row in rows]
    assert [row["day"] for row in rows] == [start.date() for _, start in starts]
    return {(vehicle, start.date(), start.time()) for vehicle, start in starts}


async def decisions(pool: Pool) -> dict[str, tuple[int, Decision]]:
    rows = await pool.fetch("SELECT proposal_id, key, content::text AS content FROM proposal")
    return {row["key"]: (row["proposal_id"], decision_of(row["content"])) for row in rows}


async def proposed_at_home(pool: Pool) -> list[tuple[frozenset[str], float]]:
    """The proposed fleet at `home`, from the proposals alone."""
    found = [one for _, one in (await decisions(pool)).values()]
    leaving = {
        one.vehicle_id
        for one in found
        if one.action in (Action.DISPOSE, Action.REPLACE, Action.MOVE)
    }
    assert not [one for one in found if one.new_kind is not None]
    here = [one for one in VEHICLES if one != "o1" and one not in leaving]
    return [VAN if one == "v1" else CAR for one in here]


def expected(
    weeks: TrialWeeks, fleet: list[tuple[frozenset[str], float]], *more: Driven
) -> set[tuple[str, date, time]]:
    trips = [one for day in days_from(weeks.first, 28) for one in usual(day)]
    trips += [*planted(weeks.first), *more]
    at_home = [(f"{n}", one) for n, one in enumerate(trips) if one.vehicle != "o1"]
    missed = missed_anew(at_home, fleet, timedelta(minutes=10))
    return {(one.vehicle, one.day, one.begins) for name, one in at_home if name in missed}


async def test_every_miss_of_the_bad_week_is_named_and_none_invented(
    weeks: TrialWeeks, night: Night
) -> None:
    fleet = await proposed_at_home(weeks.pool)
    assert sorted(map(str, fleet)) == sorted(map(str, [CAR, CAR, VAN]))
    run = await night.comes(weeks)
    assert run == TrialRun(tried=56, left=0)
    found = await named(weeks.pool)
    assert found == expected(weeks, fleet)
    bad = {weeks.day(2, weekday) for weekday in range(5)}
    assert {day for _, day, _ in found} <= bad
    assert {(day.weekday(), begins) for _, day, begins in found} == {
        (0, time(9, 30)),
        (2, time(10)),
        (4, time(10, 29)),
    }
    assert len(found) == 4
    assert await weeks.pool.fetchval("SELECT rules ->> 'turnaround_min' FROM round") == "10"
    of_days = await states(weeks.pool)
    assert list(of_days) == days_from(weeks.first, 28)
    for day, (state, trips, missed) in of_days.items():
        own = [one for one in found if one[1] == day]
        driven = [*usual(day), *(one for one in planted(weeks.first) if one.day == day)]
        at_home = [one for one in driven if one.vehicle != "o1"]
        wanted = "missed" if own else "coped" if at_home else "still"
        assert (state, trips, missed) == (wanted, len(at_home), len(own)), day
    km = sum(one.km for one in planted(weeks.first))
    row = await weeks.pool.fetchrow(
        "SELECT sum(missed_km) AS km, sum(missed_kr) AS kr, sum(missed_co2_kg) AS kg FROM trial_day"
    )
    misses = await weeks.pool.fetchrow(
        "SELECT sum(km) AS km, sum(kr) AS kr, sum(co2_kg) AS kg FROM trial_miss"
    )
    assert row == misses
    assert row is not None
    assert 0 < row["km"] < km + 100
    rules = await weeks.pool.fetchval("SELECT rules FROM round")
    kr = len(found) * rules["fallback_kr_trip"] + row["km"] * rules["fallback_kr_km"]
    assert row["kr"] == pytest.approx(kr)
    assert row["kg"] == pytest.approx(row["km"] * rules["fallback_co2_g_km"] / 1000)
    assert {state for state, _, _ in (await states(weeks.pool, "other")).values()} == {
        "coped",
        "still",
    }
    # Nothing changed: nothing is tried again.
    assert await night.comes(weeks) == TrialRun(0, 0)


async def test_nights_without_a_server_are_made_up_for_in_turn(
    weeks: TrialWeeks, night: Night
) -> None:
    at_once = Night(night.settings.model_copy(update={"trial_at_once": 10}), night.workers)
    monday = datetime.combine(weeks.first + timedelta(days=1), time(4), LOCAL_ZONE)
    assert await at_once.comes(weeks, monday) == TrialRun(2, 0)
    assert list(await states(weeks.pool)) == [weeks.first]
    early = datetime.combine(weeks.first + timedelta(days=2), time(2), LOCAL_ZONE)
    assert await at_once.comes(weeks, early) == TrialRun(0, 0), "most are not back at night"
    assert await at_once.comes(weeks) == TrialRun(10, 44)
    assert list(await states(weeks.pool)) == days_from(weeks.first, 6)
    for left in (34, 24, 14, 4, 0):
        assert (await at_once.comes(weeks)).left == left
    assert await named(weeks.pool) == expected(weeks, await proposed_at_home(weeks.pool))


async def test_late_data_change_the_day(weeks: TrialWeeks, night: Night) -> None:
    pool, day = weeks.pool, weeks.day(1, 2)
    await night.comes(weeks)
    assert (await states(pool))[day] == ("coped", 3, 0)
    late = Driven("c4", day, time(10), 1, 44)
    await drive(pool, [late])
    run = await night.comes(weeks)
    # The day itself, and those whose batteries and vehicles it may touch.
    assert run == TrialRun(8, 0)
    assert (await states(pool))[day] == ("missed", 4, 1)
    fleet = await proposed_at_home(pool)
    assert await named(pool) == expected(weeks, fleet, late)
    await pool.execute("DELETE FROM round_trip WHERE km = 44")
    await night.comes(weeks)
    assert (await states(pool))[day] == ("coped", 3, 0)
    assert await named(pool) == expected(weeks, fleet)


async def test_a_day_without_data_is_unknown_until_they_come(
    weeks: TrialWeeks, night: Night
) -> None:
    pool, silent, bad = weeks.pool, weeks.day(1, 1), weeks.day(2, 2)
    await pool.execute(
        "DELETE FROM device_day WHERE device = 'd-c3' AND day = ANY ($1::date[])", [silent, bad]
    )
    # A tracker that was heard in the morning only.
    await pool.execute(
        "UPDATE device_day SET heard = 255 WHERE device = 'd-c4' AND day = $1", weeks.day(1, 5)
    )
    await night.comes(weeks)
    found = await states(pool)
    assert found[silent] == ("unknown", 3, 0)
    assert found[weeks.day(1, 5)] == ("unknown", 0, 0)
    assert found[bad][0] == "missed", "what is known to have no vehicle is told"
    unknown = "SELECT unknown FROM trial_day WHERE depot_id = 'home' AND day = $1"
    assert await pool.fetchval(unknown, silent) == ["c3"]
    assert await pool.fetchval(unknown, bad) == ["c3"]
    # The driving log comes in: it covers the days.
    await hear(pool, [silent], [], ["c3"])
    assert await night.comes(weeks) == TrialRun(1, 0)
    assert (await states(pool))[silent] == ("coped", 3, 0)


@pytest.mark.parametrize("first", [date(2026, 10, 5), date(2026, 3, 9)])
async def test_days_on_which_clocks_change_are_local_ones(
    pool: Pool, settings: Settings, workers: Workers, first: date
) -> None:
    weeks = await trial_weeks(pool, settings, workers, first)
    changed = weeks.day(2, 6)
    assert changed in (date(2026, 10, 25), date(2026, 3, 29))
    night = [Driven(f"c{n}", changed, time(0, 30), 3, 7) for n in (1, 2, 3, 4)]
    night.append(Driven("c4", changed, time(23, 30), 3, 7))
    await drive(pool, night)
    await hear(pool, [changed], night, VEHICLES)
    await Night(settings, workers).comes(weeks)
    assert await named(pool) == expected(weeks, await proposed_at_home(pool), *night)
    assert (await states(pool))[changed] == ("missed", 5, 1)
    assert (await states(pool))[changed + timedelta(days=1)] == ("coped", 3, 0)


async def test_a_decision_and_a_version_change_the_days_from_theirs_on(
    weeks: TrialWeeks, night: Night
) -> None:
    pool = weeks.pool
    await night.comes(weeks)
    before = await named(pool)
    rejected_on, version_on = weeks.day(2, 2), weeks.day(2, 3)
    key = next(key for key in await decisions(pool) if key.startswith("dispose:"))
    proposal_id, decision = (await decisions(pool))[key]
    await decide(pool, SOMEBODY, proposal_id, Verdict.REJECTED, "Den skal blive")
    # History cannot be changed but by a session that takes the place of a replica.
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        at = datetime.combine(rejected_on, time(12), LOCAL_ZONE)
        await connection.execute("UPDATE decision SET at = $1", at)
    await night.comes(weeks)
    with_three = {one for one in expected(weeks, [CAR, CAR, CAR, VAN]) if one[1] >= rejected_on} | {
        one for one in before if one[1] < rejected_on
    }
    assert await named(pool) == with_three
    assert with_three < before
    vehicles = "SELECT vehicles FROM trial_day WHERE depot_id = 'home' AND day = $1"
    assert await pool.fetchval(vehicles, weeks.day(2, 1)) == 3
    assert await pool.fetchval(vehicles, rejected_on) == 4
    # The next version keeps the vehicle, and says so itself.
    asked = night.settings.model_copy(update={"workshop_ready": False, "reserve_vehicles": 0})
    round_id = await request_version(pool, SOMEBODY, weeks.round_id)
    await answer_round(pool, round_id, asked, night.workers, studied=False)
    await pool.execute(
        "UPDATE round SET finished_at = $2 WHERE round_id = $1",
        round_id,
        datetime.combine(version_on, time(9), LOCAL_ZONE),
    )
    await night.comes(weeks)
    rows = await pool.fetch(
        "SELECT key FROM proposal WHERE round_id = $1 AND key ~ '^(dispose|replace|move)'", round_id
    )
    assert key not in {row["key"] for row in rows}
    then = expected(weeks, [CAR] * (4 - len(rows)) + [VAN])
    assert await named(pool) == {one for one in with_three if one[1] < version_on} | {
        one for one in then if one[1] >= version_on
    }
    of_version = "SELECT round_id FROM trial_day WHERE depot_id = 'home' AND day = $1"
    assert await pool.fetchval(of_version, rejected_on) == weeks.round_id
    assert await pool.fetchval(of_version, version_on) == round_id
    in_version = await pool.fetchval(vehicles, version_on)
    assert in_version == 5 - len(rows)
    assert decision.vehicle_id is not None
    await pool.execute(
        "UPDATE vehicle SET retired_at = $2 WHERE vehicle_id = $1",
        decision.vehicle_id,
        weeks.day(3, 0),
    )
    await night.comes(weeks)
    assert await pool.fetchval(vehicles, weeks.day(2, 6)) == in_version
    assert await pool.fetchval(vehicles, weeks.day(3, 0)) == in_version - 1


async def test_a_private_period_takes_its_trips_out_of_the_trial(
    weeks: TrialWeeks, night: Night
) -> None:
    pool, day = weeks.pool, weeks.day(2, 0)
    await night.comes(weeks)
    assert ("c3", day, time(9, 30)) in await named(pool)
    start = datetime.combine(day, time(0), LOCAL_ZONE)
    period = PrivatePeriod(start, start + timedelta(days=1))
    await set_private(pool, SOMEBODY, "c3", period)
    assert day not in await states(pool)
    await night.comes(weeks)
    assert day not in await states(pool), "it may have read what was not swept yet"
    await pool.execute("UPDATE private_period SET swept_at = swept_at - interval '1 hour'")
    await night.comes(weeks)
    state, trips, missed = (await states(pool))[day]
    assert (trips, missed) == (3, 0), state


async def test_a_round_of_earlier_software_is_not_tried(weeks: TrialWeeks, night: Night) -> None:
    await weeks.pool.execute("UPDATE round_part SET part_plan = part_plan - 'vehicles'")
    assert await night.comes(weeks) == TrialRun(0, 0)


async def test_a_night_without_a_finished_round_tries_nothing(
    pool: Pool, settings: Settings, workers: Workers
) -> None:
    assert await try_days(pool, settings, workers, local_now()) == TrialRun(tried=0, left=0)
