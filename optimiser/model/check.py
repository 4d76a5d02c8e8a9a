"""Verifies any `PLAN.json` against the files of its problem: every rule, and the cost to the krone.

The checker shares no code with the solver, nor with its reader of trips and kinds. It reads the
rows and adds up for itself, so that it does not repeat a mistake of the solver.
"""

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from fleet.files.csv_table import read_csv
from fleet.files.notation import AmbiguousNumberError
from fleet.files.refusal import TableError
from optimiser.model.check_duty import LIMIT_NUMBERS, ZONE, Cells, Journey, check_duty
from optimiser.model.check_rules import GREEN, broken_rules, check_fleet
from optimiser.model.check_workshop import WorkshopFound, check_workshop

#: The differences that the rounding of sums explains: half a krone, a gram.
KR_TOLERANCE, TONNES_TOLERANCE = 0.5, 1e-6

#: The columns in which a comma may be a decimal sign.
NUMBERS = frozenset(
    {
        *("km", "fixed_kr_year", "kr_km", "co2_g_km", "range_km", "charge_km_h"),
        *LIMIT_NUMBERS,
    }
)


def check_files(plan: Path, trips: Path, fleet: Path, rules: Path | None) -> list[str]:
    """The faults of a plan, a sentence each; none if it keeps every rule and its figures are right.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file is not in its format, as the module that reads it says.
    """
    return check_plan(orjson.loads(plan.read_bytes()), _rows(trips), _rows(fleet), _rules_of(rules))


def check_workshop_file(
    workshop: Path, plan: Path, trips: Path, fleet: Path, rules: Path | None
) -> WorkshopFound:
    """The findings on the rule of the workshop that stands beside a plan.

    Raises:
        OSError, ValueError: as `check_files`.
        KeyError, TypeError: the file of the rule is not in its format.
    """
    return check_workshop(
        orjson.loads(workshop.read_bytes()),
        orjson.loads(plan.read_bytes()),
        _rows(trips),
        _rows(fleet),
        _rules_of(rules),
    )


def check_in_sum(files: Sequence[tuple[Path, Path]], rules: Mapping[str, bool]) -> list[str]:
    """The faults of the fleets of several plans, each given with its fleet file, under the rules
    that bind them in sum since vehicles move between them: `green_only_new` and `green_keep`.

    Raises:
        OSError, ValueError: as `check_files`.
    """
    kinds: dict[str, Cells] = {}
    counts: dict[str, int] = {}
    for plan, fleet in files:
        kinds |= {_label(row.get("pool", ""), row["type"]): row for row in _rows(fleet)}
        for line in orjson.loads(plan.read_bytes())["fleet"]:
            counts[_label(line["pool"], line["type"])] = line["count"]
    return check_fleet(counts, kinds, {**rules, "moves": True})


def check_plan(
    plan: Mapping[str, Any],
    trips: Sequence[Cells],
    kinds: Sequence[Cells],
    rules: Mapping[str, Any],
) -> list[str]:
    """The faults of a plan, as in `check_files`, from rows of text and complete rules."""
    if plan["status"] == "infeasible":
        return [] if plan.get("reason") else ["infeasible without a reason"]
    journeys = {row["trip_id"]: Journey(row) for row in trips}
    days = rules.get("period_days") or _days(journeys.values())
    wrong = _check_answer(plan, journeys, kinds, rules, days, new_fleet=True)
    baseline = _check_answer(plan["baseline"], journeys, kinds, rules, days, new_fleet=False)
    if plan["period_days"] != days:
        wrong.append(f"period_days is {plan['period_days']}, the trips span {days}")
    return wrong + [f"baseline: {text}" for text in baseline]


def _check_answer(
    answer: Mapping[str, Any],
    journeys: Mapping[str, Journey],
    kinds: Sequence[Cells],
    rules: Mapping[str, Any],
    days: float,
    *,
    new_fleet: bool,
) -> list[str]:
    wrong: list[str] = []
    by_label = {_label(kind.get("pool", ""), kind["type"]): kind for kind in kinds}
    counts = {_label(line["pool"], line["type"]): line["count"] for line in answer["fleet"]}
    if set(counts) != set(by_label):
        return ["fleet: not the kinds of the fleet file"]
    for label, count in counts.items():
        wrong += _check_count(label, by_label[label], count, rules, new_fleet=new_fleet)

    assigned = Counter(row["trip_id"] for row in answer["assignments"])
    if set(assigned) != set(journeys) or max(assigned.values(), default=1) > 1:
        return [*wrong, "assignments: not every trip exactly once"]
    duties: defaultdict[str, list[Journey]] = defaultdict(list)
    fallback: list[Journey] = []
    for row in answer["assignments"]:
        journey = journeys[row["trip_id"]]
        if row["vehicle"] is None:
            fallback.append(journey)
        else:
            duties[row["vehicle"]].append(journey)
    for vehicle, duty in duties.items():
        label, _, number = vehicle.rpartition("#")
        if label not in counts or not number.isdigit() or not 1 <= int(number) <= counts[label]:
            wrong.append(f"{vehicle}: is not in the fleet")
            continue
        wrong += [f"{vehicle}: {text}" for text in check_duty(duty, by_label[label], rules)]
    known = {
        vehicle: duty for vehicle, duty in duties.items() if vehicle.rpartition("#")[0] in counts
    }
    broken = broken_rules(counts, by_label, known, fallback, rules)
    if new_fleet:
        wrong += check_fleet(counts, by_label, rules)
        wrong += [f"{rule}: broken in pool {pool!r} by {n}" for (rule, pool), n in broken.items()]
    told = {(one["rule"], one["pool"]): one["by"] for one in answer.get("broken_rules", ())}
    if told != ({} if new_fleet else broken):
        wrong.append(f"broken_rules are {told}, not {broken}")
    if answer["unserved_by_fleet"] != len(fallback):
        wrong.append(f"unserved_by_fleet is {answer['unserved_by_fleet']}, not {len(fallback)}")
    if wrong:
        return wrong
    return _check_figures(answer, counts, by_label, duties, fallback, rules, 365 / days)


def _check_count(
    label: str, kind: Cells, count: int, rules: Mapping[str, Any], *, new_fleet: bool
) -> list[str]:
    now = int(kind["count_now"])
    if not new_fleet:
        return [] if count == now else [f"{label}: count {count}, today's fleet has {now}"]
    most = kind.get("max_count", "").strip()
    wrong: list[str] = []
    if count < int(kind.get("min_count", "").strip() or 0):
        wrong.append(f"{label}: {count} is below min_count")
    if most and count > int(most):
        wrong.append(f"{label}: {count} is above max_count {most}")
    may_move = rules.get("moves", False)
    if rules["green_only_new"] and kind["energy"] not in GREEN and count > now and not may_move:
        wrong.append(f"{label}: {count} is above {now}, and {kind['energy']} is not green")
    return wrong


def _check_figures(
    answer: Mapping[str, Any],
    counts: Mapping[str, int],
    by_label: Mapping[str, Cells],
    duties: Mapping[str, Sequence[Journey]],
    fallback: Sequence[Journey],
    rules: Mapping[str, Any],
    year: float,
) -> list[str]:
    fixed = sum(count * float(by_label[label]["fixed_kr_year"]) for label, count in counts.items())
    driving = grams = 0.0
    for vehicle, duty in duties.items():
        kind = by_label[vehicle.rpartition("#")[0]]
        km = sum(journey.km for journey in duty)
        driving += float(kind["kr_km"]) * km
        grams += float(kind["co2_g_km"]) * km
    for journey in fallback:
        driving += rules["fallback_kr_trip"] + rules["fallback_kr_km"] * journey.km
        grams += rules["fallback_co2_g_km"] * journey.km
    tonnes = year * grams / 1e6
    cost = fixed + year * driving + rules["co2_kr_t"] * tonnes
    bound, gap = answer["lower_bound_kr_year"], answer["gap"]
    wrong: list[str] = []
    if _is_off(answer["cost_kr_year"], cost, KR_TOLERANCE):
        wrong.append(f"cost_kr_year is {answer['cost_kr_year']}, it adds up to {cost:.2f}")
    if _is_off(answer["co2_t_year"], tonnes, TONNES_TOLERANCE * max(1.0, tonnes)):
        wrong.append(f"co2_t_year is {answer['co2_t_year']}, it adds up to {tonnes:.6f}")
    if not bound <= cost + KR_TOLERANCE:
        wrong.append(f"lower_bound_kr_year {bound} is above the cost {cost:.2f}")
    gap_due = max(0.0, (cost - bound) / cost) if cost > 0 else 0.0
    if _is_off(gap, gap_due, 1e-6):
        wrong.append(f"gap is {gap}, the cost and the bound give {gap_due:.9f}")
    if answer["status"] == "optimal" and cost - bound > max(KR_TOLERANCE, 1e-5 * cost):
        wrong.append("called optimal with a gap")
    cap = rules.get("co2_max_t_year")
    is_new = "baseline" in answer
    if cap is not None and is_new and not tonnes <= cap + TONNES_TOLERANCE * max(1.0, cap):
        wrong.append(f"{tonnes:.6f} t a year is above co2_max_t_year {cap}")
    return wrong


def _is_off(told: float, due: float, tolerance: float) -> bool:
    """Whether a figure is not the one due; one that is no number (NaN) is not either."""
    return not abs(told - due) <= tolerance


def _days(journeys: Iterable[Journey]) -> int:
    dates = [journey.start.astimezone(ZONE).date() for journey in journeys]
    return (max(dates) - min(dates)).days + 1


def _label(pool: str, kind: str) -> str:
    return f"{pool.strip()}/{kind.strip()}" if pool.strip() else kind.strip()


def _rules_of(path: Path | None) -> dict[str, Any]:
    """The rules of a file, and for those that it does not name the defaults."""
    defaults = tomllib.loads(
        (Path(__file__).parent / "rules_default.toml").read_text(encoding="utf-8")
    )
    given = {} if path is None else tomllib.loads(path.read_text(encoding="utf-8-sig"))
    return defaults | given


def _rows(path: Path) -> list[Cells]:
    table = read_csv(path, NUMBERS)
    rows: list[Cells] = []
    for line, cells in table.rows:
        plain = dict(cells)
        for name in NUMBERS & plain.keys():
            try:
                plain[name] = table.number(cells[name])
            except AmbiguousNumberError as error:
                raise TableError(f"{path}: row {line}: {name}: {error}") from None
        rows.append(plain)
    return rows
