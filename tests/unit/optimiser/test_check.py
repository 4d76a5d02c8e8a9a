"""The checker finds what is wrong with a plan, whatever it is."""

import copy
import json
from collections.abc import Callable
from math import nan
from pathlib import Path
from typing import Any

import pytest

from optimiser.model.check import check_in_sum, check_plan

RULES: dict[str, Any] = {
    "turnaround_min": 10,
    "fallback_kr_trip": 100,
    "fallback_kr_km": 4,
    "fallback_co2_g_km": 100,
    "co2_kr_t": 1000,
    "green_only_new": True,
}

TRIPS = [
    {
        "trip_id": number,
        "start": f"2026-11-{day}T{start}:00+01:00",
        "end": f"2026-11-{day}T{end}:00+01:00",
        "km": km,
        "needs": needs,
    }
    for number, day, start, end, km, needs in (
        ("1", 16, "08:00", "09:00", "10", ""),
        ("2", 16, "09:10", "10:00", "61", ""),
        ("3", 16, "09:30", "10:00", "5", "cargo"),
        ("4", 17, "09:30", "10:00", "20", "cargo"),
    )
]

KINDS = [
    {
        "type": "ev",
        "count_now": "2",
        "max_count": "3",
        "energy": "electric",
        "fixed_kr_year": "50000",
        "kr_km": "0.5",
        "co2_g_km": "5",
        "range_km": "65",
        "charge_km_h": "30",
    },
    {
        "type": "van",
        "count_now": "1",
        "min_count": "1",
        "energy": "diesel",
        "fixed_kr_year": "60000",
        "kr_km": "2",
        "co2_g_km": "200",
        "offers": "cargo;towbar",
        "max_day_km": "30",
    },
]


def figures(ev: int, assignments: dict[str, str | None]) -> dict[str, Any]:
    kr_km = {"ev": 0.5, "van": 2.0}
    g_km = {"ev": 5, "van": 200}
    driving = grams = 0.0
    for row in TRIPS:
        km, vehicle = float(row["km"]), assignments[row["trip_id"]]
        kind = None if vehicle is None else vehicle.split("#")[0]
        driving += 100 + 4 * km if kind is None else kr_km[kind] * km
        grams += 100 * km if kind is None else g_km[kind] * km
    tonnes = 365 / 2 * grams / 1e6
    cost = ev * 50_000 + 60_000 + 365 / 2 * driving + 1000 * tonnes
    return {
        "status": "feasible",
        "cost_kr_year": cost,
        "lower_bound_kr_year": 0.99 * cost,
        "gap": 0.01,
        "co2_t_year": tonnes,
        "fleet": [
            {"type": "ev", "pool": "", "count": ev, "count_now": 2},
            {"type": "van", "pool": "", "count": 1, "count_now": 1},
        ],
        "assignments": [{"trip_id": t, "vehicle": v} for t, v in assignments.items()],
        "unserved_by_fleet": sum(v is None for v in assignments.values()),
    }


BEST: dict[str, str | None] = {"1": "van#1", "2": "ev#1", "3": None, "4": "van#1"}
TODAY: dict[str, str | None] = {"1": "ev#2", "2": "ev#1", "3": "van#1", "4": "van#1"}


def plan(best: dict[str, str | None] | None = None, ev: int = 1) -> dict[str, Any]:
    baseline = {**figures(2, TODAY), "period_days": 2}
    return {**figures(ev, best or BEST), "period_days": 2, "baseline": baseline, "seconds": 1.0}


def wrong(content: dict[str, Any], **rules: Any) -> list[str]:
    return check_plan(content, TRIPS, KINDS, RULES | rules)


def test_a_plan_that_is_right_has_nothing_wrong() -> None:
    assert wrong(plan()) == []


@pytest.mark.parametrize(
    ("trip", "vehicle", "reason"),
    [
        ("2", "van#1", "van#1: 2026-11-16: 71.000 km"),
        ("3", "ev#1", "ev#1: 3: needs ['cargo']"),
        ("3", "ev#1", "ev#1: 3: starts before 2 is over"),
        ("1", "ev#1", "ev#1: 2: the battery is 1.000 km short"),
        ("1", "van#2", "van#2: is not in the fleet"),
        ("1", "car#1", "car#1: is not in the fleet"),
    ],
)
def test_a_vehicle_that_breaks_a_rule_is_named(trip: str, vehicle: str, reason: str) -> None:
    content = plan()
    content["assignments"] = [
        {"trip_id": t, "vehicle": vehicle if t == trip else v} for t, v in BEST.items()
    ]
    assert reason in wrong(content)


def test_overlaps_count_the_turnaround() -> None:
    best = BEST | {"1": "ev#1"}
    assert any("2: starts before 1 is over" in t for t in wrong(plan(best), turnaround_min=11))
    assert not any("starts before" in t for t in wrong(plan(best), turnaround_min=10))


def _set(name: str, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda content: content.update({name: value})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda p: p.update(cost_kr_year=p["cost_kr_year"] + 1), "cost_kr_year is"),
        (lambda p: p.update(co2_t_year=p["co2_t_year"] * 1.01), "co2_t_year is"),
        (lambda p: p.update(lower_bound_kr_year=p["cost_kr_year"] + 10), "above the cost"),
        (_set("gap", 0.5), "gap is 0.5"),
        (_set("gap", nan), "gap is nan"),
        (_set("cost_kr_year", nan), "cost_kr_year is nan"),
        (_set("co2_t_year", nan), "co2_t_year is nan"),
        (_set("lower_bound_kr_year", nan), "nan is above the cost"),
        (_set("status", "optimal"), "called optimal"),
        (_set("unserved_by_fleet", 0), "unserved_by_fleet is 0"),
        (_set("period_days", 3), "period_days is 3"),
        (lambda p: p["assignments"].pop(), "not every trip exactly once"),
        (lambda p: p["assignments"].append(p["assignments"][0]), "not every trip exactly once"),
        (lambda p: p["fleet"].pop(), "not the kinds of the fleet file"),
        (lambda p: p["fleet"][1].update(count=0), "van: 0 is below min_count"),
        (lambda p: p["fleet"][1].update(count=2), "van: 2 is above 1, and diesel is not green"),
        (lambda p: p["fleet"][0].update(count=4), "ev: 4 is above max_count 3"),
        (lambda p: p["baseline"]["fleet"][0].update(count=1), "baseline: ev: count 1, today"),
        (lambda p: p["baseline"].update(cost_kr_year=1), "baseline: cost_kr_year is 1"),
    ],
)  # fmt: skip
def test_a_figure_that_is_off_is_named(
    change: Callable[[dict[str, Any]], object], reason: str
) -> None:
    content = copy.deepcopy(plan())
    change(content)
    assert any(reason in text for text in wrong(content)), wrong(content)


def test_a_plan_that_costs_nothing_has_no_gap() -> None:
    kinds = [kind | {"fixed_kr_year": "0", "kr_km": "0"} for kind in KINDS]
    rules = RULES | {"fallback_kr_trip": 0, "fallback_kr_km": 0, "co2_kr_t": 0}
    content = plan()
    for answer in (content, content["baseline"]):
        answer |= {"cost_kr_year": 0.0, "lower_bound_kr_year": 0.0, "gap": 0.0}
    assert check_plan(content, TRIPS, kinds, rules) == []
    content["gap"] = 0.01
    [text] = check_plan(content, TRIPS, kinds, rules)
    assert "gap is 0.01" in text


def test_a_cap_on_co2_binds_the_plan_and_not_the_baseline() -> None:
    tonnes = plan()["co2_t_year"]
    assert wrong(plan(), co2_max_t_year=tonnes) == []
    [text] = wrong(plan(), co2_max_t_year=tonnes - 0.1)
    assert "is above co2_max_t_year" in text


def test_a_window_is_local_time_on_one_day() -> None:
    kinds = [dict(kind) for kind in KINDS]
    kinds[1]["window"] = "08:00-10:00"
    assert check_plan(plan(), TRIPS, kinds, RULES) == []
    kinds[1]["window"] = "08:01-10:00"
    assert any("1: is outside the window" in t for t in check_plan(plan(), TRIPS, kinds, RULES))


def test_an_infeasible_plan_needs_a_reason() -> None:
    assert check_plan({"status": "infeasible", "reason": "cap"}, TRIPS, KINDS, RULES) == []
    assert check_plan({"status": "infeasible"}, TRIPS, KINDS, RULES) != []


@pytest.mark.parametrize("column", ["range_km", "charge_km_h", "max_trip_km", "max_day_km"])
def test_a_limit_that_is_no_number_is_not_taken_for_one_that_is_kept(column: str) -> None:
    kinds = [kind | {column: "nan"} for kind in KINDS]
    with pytest.raises(ValueError, match="'nan' is no number"):
        check_plan(plan(), TRIPS, kinds, RULES)


def test_rules_that_bind_several_plans_in_sum_are_counted_over_all_of_them(tmp_path: Path) -> None:
    """A diesel and an electric car change places, which neither depot might do by itself; a diesel
    more, or an electric car less, is told."""

    def found(counts: dict[tuple[str, str], int]) -> list[str]:
        files: list[tuple[Path, Path]] = []
        for pool, green, fossil in (("a", 1, 0), ("b", 0, 1)):
            plan, fleet = tmp_path / f"{pool}.json", tmp_path / f"{pool}.csv"
            lines = [
                {"pool": pool, "type": type_, "count": counts[pool, type_]}
                for type_ in ("ecar", "van")
            ]
            plan.write_text(json.dumps({"fleet": lines}))
            fleet.write_text(
                "pool,type,count_now,energy\n"
                f"{pool},ecar,{green},electric\n{pool},van,{fossil},diesel\n"
            )
            files.append((plan, fleet))
        return check_in_sum(files, {"green_only_new": True, "green_keep": True})

    swapped = {("a", "ecar"): 0, ("a", "van"): 1, ("b", "ecar"): 1, ("b", "van"): 0}
    assert found(swapped) == []
    assert found(swapped | {("b", "van"): 1}) == [
        "van: 2 in all pools is above 1, and is not green"
    ]
    assert found(swapped | {("b", "ecar"): 0}) == [
        "green_keep: 0 green in all pools, today 1, and 1 fossil left"
    ]
