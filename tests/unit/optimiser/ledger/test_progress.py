"""A simulated year of accepted proposals: three done, one late, one leaking into taxi."""

from dataclasses import replace
from datetime import date

import pytest

from costs.budget import MoneyTerms
from fleet.localtime import is_working_day
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.ledger.leakage import HiredMonth, Means, Place
from optimiser.ledger.progress import (
    Account,
    Progress,
    Sign,
    State,
    TaskState,
    Undertaken,
    VehicleFacts,
    account,
)
from optimiser.ledger.steps import LeadTimes, PlannedStep, Step, VehicleDays, planned_steps

TODAY = date(2027, 1, 15)
KG_KM = 0.15


def undertaken(
    number: int,
    *,
    kr: float,
    left: date | None,
    department: str = "Hjemmepleje",
    depot: str = "nord",
    done_on: date | None = None,
    takes_hold: date = date(2026, 2, 1),
    heard_on: date | None = None,
) -> Undertaken:
    """A vehicle that goes, of which the register says that it `left`."""
    return Undertaken(
        number=number,
        action=Action.DISPOSE,
        accepted_on=date(2026, 1, 10),
        takes_hold=takes_hold,
        terms=MoneyTerms(saving_kr_year=kr + 1_500.0, unpaid_kr_year=1_500.0, sale_kr=10_000.0),
        co2_t_year=2.0,
        co2_kr_t=750.0,
        depot_ids=frozenset({depot}),
        departments=frozenset({department}),
        whole=(DecisionKey(Action.DISPOSE, str(number)),),
        tasks=[
            TaskState(step=Step.TELL_USERS, due=date(2026, 1, 31), owner="A", done_on=done_on),
            TaskState(step=Step.HAND_OVER, due=date(2026, 2, 28), owner="A", done_on=done_on),
        ],
        vehicle=VehicleFacts(retired_at=left, heard_on=heard_on),
    )


def taxi(month: date, kr: float, km: float, department: str = "Jobcenter") -> HiredMonth:
    place = Place(department, None)
    return HiredMonth(month=month, means=Means.TAXI, place=place, kr=kr, km=km)


#: Three that are done, one that is late and one that leaks: it is of another department, whose
#: taxis came to 1,000 kr. a month in the year before and to 3,000 kr. from June 2026 on.
YEAR = [
    undertaken(1, kr=36_000, left=date(2026, 2, 1), done_on=date(2026, 2, 1)),
    undertaken(2, kr=24_000, left=date(2026, 3, 10), done_on=date(2026, 3, 10)),
    undertaken(3, kr=12_000, left=date(2026, 7, 1), done_on=date(2026, 7, 1)),
    undertaken(4, kr=48_000, left=None),
    undertaken(
        5, kr=60_000, left=date(2026, 4, 1), done_on=date(2026, 4, 1), department="Jobcenter"
    ),
]
TAXIS = [taxi(date(2025, month, 1), 1_000, 100) for month in range(1, 13)] + [
    taxi(date(2026, month, 1), 3_000 if month >= 6 else 1_000, 300 if month >= 6 else 100)
    for month in range(1, 13)
]


def of_the_year(*, hired: list[HiredMonth] = TAXIS) -> Account:
    return account(YEAR, hired, TODAY, silent_days=14, leak_kg_km=KG_KM)


def test_three_are_done_one_is_late_and_one_leaks() -> None:
    states = [row.state for row in of_the_year().rows]
    assert states == [State.DONE, State.DONE, State.DONE, State.LATE, State.LEAKING]


def test_what_each_promised_and_achieved_is_what_one_counts_by_hand() -> None:
    found = of_the_year()
    # February to December are 11 months. By hand: the months in which each was out of the fleet.
    for row, kr, months in zip(
        found.rows, [36_000, 24_000, 12_000, 48_000, 60_000], [11, 9, 6, 0, 9], strict=True
    ):
        leaked = 7 * 2_000 if row.undertaken.number == 5 else 0
        km = 7 * 200 if row.undertaken.number == 5 else 0
        assert row.total.promised_kr == pytest.approx(kr / 12 * 11)
        assert row.total.achieved_kr == pytest.approx(kr / 12 * months - leaked)
        assert row.total.leaked_kr == pytest.approx(leaked)
        tonnes = 2.0 / 12 * months - km * KG_KM / 1000
        assert row.total.achieved_co2_t == pytest.approx(tonnes)
        assert row.total.achieved_co2_kr == pytest.approx(tonnes * 750)
        assert row.total.promised_once_kr == pytest.approx(10_000)
        assert row.total.achieved_once_kr == pytest.approx(10_000 if months else 0)
    assert found.accepted_kr_year == 180_000
    assert found.carried_kr_year == 132_000
    assert found.total.achieved_kr == pytest.approx(
        36_000 / 12 * 11 + 24_000 / 12 * 9 + 12_000 / 12 * 6 + 60_000 / 12 * 9 - 14_000
    )


def test_the_months_add_up_to_the_proposals() -> None:
    found = of_the_year()
    assert [month.month for month in found.months] == [date(2026, m, 1) for m in range(2, 13)]
    june = next(month for month in found.months if month.month == date(2026, 6, 1))
    assert june.promised_kr == pytest.approx(180_000 / 12)
    assert june.achieved_kr == pytest.approx((36_000 + 24_000 + 60_000) / 12 - 2_000)
    for name in ("promised_kr", "achieved_kr", "leaked_kr", "achieved_once_kr"):
        by_row = sum(getattr(row.total, name) for row in found.rows)
        assert getattr(found.total, name) == pytest.approx(by_row)


def test_without_figures_of_the_year_before_nothing_is_said_to_leak() -> None:
    found = of_the_year(hired=[one for one in TAXIS if one.month.year == 2026])
    assert found.rows[4].state is State.DONE
    assert found.total.leaked_kr == 0
    # January to March 2026 are months before the vehicle left, but not the same ones.
    assert found.leakage.unknown == {Place("Jobcenter", None)}


def test_journeys_that_the_proposal_counts_itself_have_not_leaked() -> None:
    year = [*YEAR[:4], replace(YEAR[4], planned_kr_month=500)]
    found = account(year, TAXIS, TODAY, silent_days=14, leak_kg_km=KG_KM)
    assert found.rows[4].total.leaked_kr == pytest.approx(7 * 1_500)


def test_sharing_is_achieved_when_its_users_know_it_and_not_when_keys_are_there() -> None:
    told, keys = (
        TaskState(step=step, due=date(2027, 1, 31), owner="A", done_on=done_on)
        for step, done_on in ((Step.TELL_USERS, None), (Step.KEYS, date(2027, 1, 2)))
    )
    one = replace(YEAR[0], action=Action.POOL, vehicle=None, tasks=[told, keys])
    found = account([one], [], TODAY, silent_days=14, leak_kg_km=KG_KM)
    assert (found.rows[0].state, found.carried_kr_year) == (State.ON_THE_WAY, 0)
    done = replace(one, tasks=[replace(told, done_on=date(2027, 1, 5)), keys])
    found = account([done], [], TODAY, silent_days=14, leak_kg_km=KG_KM)
    assert (found.rows[0].state, found.carried_kr_year) == (State.DONE, 36_000)
    assert found.rows[0].carried_on == date(2027, 1, 5)


def test_what_other_departments_share_is_in_no_sum_of_one_of_them() -> None:
    of_one = account(
        [replace(YEAR[0], is_shared=True), *YEAR[1:3]],
        [],
        TODAY,
        silent_days=14,
        leak_kg_km=KG_KM,
    )
    alone = account(YEAR[1:3], [], TODAY, silent_days=14, leak_kg_km=KG_KM)
    assert (len(of_one.rows), len(of_one.own), len(of_one.shared)) == (3, 2, 1)
    assert of_one.accepted_kr_year == alone.accepted_kr_year == 36_000
    assert of_one.carried_kr_year == alone.carried_kr_year
    assert of_one.carried_co2_t_year == alone.carried_co2_t_year
    assert of_one.months == alone.months


def test_a_rise_is_shared_by_those_that_are_carried_out_there() -> None:
    both = replace(YEAR[0], departments=frozenset({"Jobcenter"}))
    found = account([both, YEAR[4]], TAXIS, TODAY, silent_days=14, leak_kg_km=KG_KM)
    assert [row.total.leaked_kr for row in found.rows] == pytest.approx(
        [14_000 * 36 / 96, 14_000 * 60 / 96]
    )


def test_what_left_without_a_word_is_told_and_counts() -> None:
    one = undertaken(1, kr=36_000, left=date(2026, 5, 1))
    [row] = account([one], [], TODAY, silent_days=14, leak_kg_km=KG_KM).rows
    assert Sign.NOT_HANDED_OVER in row.signs
    assert row.total.achieved_kr == pytest.approx(36_000 / 12 * 8)


def test_nothing_is_saved_before_the_acceptance_whenever_the_vehicle_left() -> None:
    one = undertaken(1, kr=36_000, left=date(2001, 1, 1), done_on=date(2026, 2, 1))
    [row] = account([one], [], TODAY, silent_days=14, leak_kg_km=KG_KM).rows
    # It was accepted on 10 January, and saves from February to December.
    assert row.saves_since == row.months[0].month == date(2026, 2, 1)
    assert row.total.achieved_kr == pytest.approx(36_000 / 12 * 11)


def test_a_replacement_saves_when_the_new_vehicle_took_the_place_of_the_old() -> None:
    left = undertaken(1, kr=36_000, left=date(2026, 3, 1))

    def replaced(ordered: date | None, handed_over: date | None) -> Progress:
        tasks = [
            TaskState(step=Step.ORDER, due=date(2027, 6, 1), owner="A", done_on=ordered),
            TaskState(step=Step.HAND_OVER, due=date(2027, 6, 1), owner="A", done_on=handed_over),
        ]
        one = replace(left, action=Action.REPLACE, tasks=tasks)
        return account([one], [], TODAY, silent_days=14, leak_kg_km=KG_KM).rows[0]

    for waiting in (replaced(date(2026, 2, 1), None), replaced(None, date(2026, 5, 1))):
        assert (waiting.carried_on, waiting.carried_kr_year) == (None, 0)
        assert (waiting.state, waiting.total.achieved_kr) == (State.ON_THE_WAY, 0)
    assert replaced(date(2026, 2, 1), None).signs == [Sign.NOT_REPLACED]
    done = replaced(date(2026, 2, 1), date(2026, 5, 1))
    assert (done.state, done.saves_since) == (State.DONE, date(2026, 5, 1))
    assert done.total.achieved_kr == pytest.approx(36_000 / 12 * 8)


def test_months_without_a_list_and_months_ahead_are_told() -> None:
    months = [(2026, 6), (2026, 11), (2027, 5)]
    listed = [taxi(date(year, month, 1), 100, 1) for year, month in months]
    found = of_the_year(hired=listed).leakage
    assert found.watched_until == date(2026, 11, 1)
    assert found.gaps == [date(2026, month, 1) for month in (7, 8, 9, 10)]


def test_a_silent_vehicle_is_told_before_its_day() -> None:
    one = undertaken(
        1, kr=36_000, left=None, takes_hold=date(2027, 6, 1), heard_on=date(2026, 12, 1)
    )
    [row] = account([one], [], TODAY, silent_days=14, leak_kg_km=KG_KM).rows
    assert Sign.SILENT in row.signs
    assert row.months == []


def test_who_says_it_is_handed_over_saves_nothing_while_the_register_has_it() -> None:
    one = undertaken(1, kr=36_000, left=None, done_on=date(2026, 2, 20))
    [row] = account([one], [], TODAY, silent_days=14, leak_kg_km=KG_KM).rows
    assert row.signs == [Sign.STILL_REGISTERED]
    assert (row.state, row.total.achieved_kr) == (State.LATE, 0)


def test_a_day_in_the_future_is_not_achieved() -> None:
    one = undertaken(1, kr=36_000, left=date(2027, 3, 1), done_on=date(2027, 1, 10))
    [row] = account([one], [], TODAY, silent_days=14, leak_kg_km=KG_KM).rows
    assert row.carried_on is None
    assert row.total.achieved_kr == 0


LEAD = LeadTimes(order_months=6)


def test_steps_stand_at_the_end_of_the_contract() -> None:
    found = planned_steps(
        Action.DISPOSE,
        asked_on=date(2026, 1, 10),
        takes_hold=date(2026, 12, 1),
        days=VehicleDays(date(2026, 11, 30)),
        charge_points=0,
        lead=LEAD,
        notice_months=3,
    )
    assert [(one.step, one.due) for one in found] == [
        (Step.GIVE_NOTICE, date(2026, 8, 31)),
        (Step.TELL_USERS, date(2026, 10, 30)),
        (Step.HAND_OVER, date(2026, 11, 30)),
    ]


def test_no_step_is_late_on_the_day_of_the_acceptance() -> None:
    found = planned_steps(
        Action.REPLACE,
        asked_on=date(2026, 1, 10),
        takes_hold=date(2026, 2, 1),
        days=VehicleDays(date(2026, 1, 31)),
        charge_points=1,
        lead=LEAD,
        notice_months=3,
    )
    assert [one.step for one in found] == [
        Step.GIVE_NOTICE,
        Step.ORDER,
        Step.CHARGER,
        Step.HAND_OVER,
    ]
    # Two weeks after the acceptance is a Saturday.
    assert min(one.due for one in found) == date(2026, 1, 26)


def test_no_step_is_due_on_a_day_on_which_nobody_works() -> None:
    """Of a proposal that takes hold in March 2027, after 28 February, a Sunday, and of one in April
    2027, before which Easter lies: 29 March is Easter Monday."""
    for takes_hold, contract_end, last in (
        (date(2027, 3, 1), None, date(2027, 2, 26)),
        (date(2027, 4, 1), date(2027, 3, 29), date(2027, 3, 31)),
    ):
        found = planned_steps(
            Action.DISPOSE,
            asked_on=date(2026, 12, 1),
            takes_hold=takes_hold,
            days=VehicleDays(contract_end),
            charge_points=1,
            lead=LEAD,
            notice_months=1,
        )
        assert found[-1] == PlannedStep(Step.HAND_OVER, last)
        assert all(is_working_day(one.due) for one in found)


def test_a_vehicle_that_stays_has_no_steps() -> None:
    assert (
        planned_steps(
            Action.KEEP,
            asked_on=date(2026, 1, 10),
            takes_hold=date(2026, 2, 1),
            days=VehicleDays(None),
            charge_points=0,
            lead=LEAD,
            notice_months=3,
        )
        == []
    )


def test_notice_is_due_before_a_contract_that_ends_within_a_month() -> None:
    """The vehicle goes on 1 July, and three months before 15 June it is 15 March, a Sunday."""
    found = planned_steps(
        Action.DISPOSE,
        asked_on=date(2026, 1, 10),
        takes_hold=date(2026, 7, 1),
        days=VehicleDays(date(2026, 6, 15)),
        charge_points=0,
        lead=LEAD,
        notice_months=3,
    )
    assert found[0] == PlannedStep(Step.GIVE_NOTICE, date(2026, 3, 13))


def test_nothing_is_promised_by_a_vehicle_in_whose_place_another_goes_until_it_goes_itself() -> (
    None
):
    waits = undertaken(1, kr=36_000, left=None)
    goes = undertaken(2, kr=24_000, left=date(2026, 3, 10), done_on=date(2026, 3, 10))

    def told(one: Undertaken) -> Account:
        return account([one, goes], [], TODAY, silent_days=14, leak_kg_km=KG_KM)

    found, alone = told(replace(waits, is_stood_in=True)), told(waits)
    assert (found.accepted_kr_year, alone.accepted_kr_year) == (24_000, 60_000)
    assert (found.total.promised_kr, alone.total.promised_kr) == (22_000, 55_000)
    assert found.total.achieved_kr == alone.total.achieved_kr
    assert (found.rows[0].state, found.rows[0].signs[-1]) == (State.PLANNED, Sign.STOOD_IN)
    assert (found.late, len(alone.late)) == ([], 1)
    # What the latest plan has no room for is told apart, and late all the same.
    lacking = told(replace(waits, has_no_room=True))
    assert (lacking.accepted_kr_year, lacking.total.promised_kr) == (24_000, 22_000)
    assert (lacking.without_room, lacking.without_room_kr_year) == ([lacking.rows[0]], 36_000)
    assert lacking.late == [lacking.rows[0]]
    assert found.without_room == alone.without_room == []
    # Once both are gone, both save.
    gone = undertaken(1, kr=36_000, left=date(2026, 4, 1), done_on=date(2026, 4, 1))
    both = told(replace(gone, is_stood_in=True, has_no_room=True))
    assert both.total == told(gone).total
    assert both.accepted_kr_year == 60_000
