"""Gap, time and memory at any size: `python -m benchmarks.optimiser.scale`.

    --vehicles 60 --pools 1 --trips 25000 --days 365 --kinds 12     the municipality
    --seconds 30 --gap 0.002 --workers 2                            the limits
    --charge 7                      km regained per hour by every electric kind, if not the pilot's
    --day-km 120                    the most km a day of every vehicle, if not without limit
    --fallback 150                  kr. for each trip that falls back, besides its km
    --rules each                    without and with each rule on the whole fleet, and with all
    --rules all                     without and with all of them at once; else their names
    --growth PICTURE.svg            time against trips, days and kinds, as a table and a picture

The benchmark prints the proven gap, seconds on the clock and of CPU, and peak memory. Each run is
compared with its own limits: its gap with `--gap`, and its seconds with `--seconds`. With
`--rules`, the first row is of the same problem without the rules.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.optimiser.measure import measure
from benchmarks.optimiser.municipality import add_options, problem_of_options
from optimiser.duties.conflicts import all_blocks
from optimiser.duties.make_arrays import make_arrays
from optimiser.model.problem import Problem

#: November to March.
WINTER = (11, 12, 1, 2, 3)

#: The rules on the whole fleet, each with what is asked here: a spare vehicle at every depot, and
#: no taxi for needs that a green kind on the market offers.
RULES: dict[str, dict[str, Any]] = {
    "reserve": {"reserve": 1},
    "no_fallback_needs": {"no_fallback_needs": ("cargo", "lift")},
    "no_fallback_pools": {},
    "moves": {"moves": True},
    "green_keep": {"green_keep": True},
}

#: The fractions of the size that `--growth` measures besides the whole, and the number of runs.
SHARES = (0.125, 0.25, 0.5)
RUNS = 3


def main() -> None:
    parser = argparse.ArgumentParser()
    add_options(parser, vehicles=60, pools=1, trips=25_000, days=365, kinds=12)
    for name, default in (("workers", 2), ("seed", 1), ("runs", 1)):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name, default in (("seconds", 30.0), ("gap", 0.002)):
        parser.add_argument(f"--{name}", type=float, default=default)
    parser.add_argument("--growth", type=Path)
    parser.add_argument("--rules", default="")
    given = parser.parse_args()
    if given.growth is not None:
        growth(given)
        return
    problem = problem_of_options(given, given.seed)
    days, winter = binding_days(problem)
    print(f"an electric kind's range may bind on {days} days, {winter} of them November to March")
    for _ in range(given.runs):
        for name, ruled in with_rules(problem, given.rules):
            print(name + row(ruled, given), flush=True)


def with_rules(problem: Problem, named: str) -> Iterator[tuple[str, Problem]]:
    """The problem without and with the rules of `named`, and a heading for each."""
    if not named:
        yield "", problem
        return
    # The pool with the most trips is one that no taxi serves, as home care is.
    busiest = Counter(trip.pool for trip in problem.trips).most_common(1)[0][0]
    asked = RULES | {"no_fallback_pools": {"no_fallback_pools": (busiest,)}}
    groups = {"each": [*([name] for name in asked), [*asked]], "all": [[*asked]]}
    for names in ([], *groups.get(named, [named.split(",")])):
        values = {key: value for name in names for key, value in asked[name].items()}
        heading = "all rules" if names == [*asked] else ", ".join(names) or "no rules"
        yield f"{heading}: ", replace(problem, rules=replace(problem.rules, **values))


def binding_days(problem: Problem) -> tuple[int, int]:
    """Days on which trips that one vehicle has time for would empty a battery.

    Returns:
        The number of such days, and how many of them are in winter.
    """
    days: set[int] = set()
    for pool in {kind.pool for kind in problem.kinds}:
        kinds = [kind for kind in problem.kinds if kind.pool == pool]
        trips = [trip for trip in problem.trips if trip.pool == pool]
        arrays = make_arrays(problem, trips, kinds, [(0, None)] * len(kinds), None)
        blocks = [block for of_kind in all_blocks(arrays, lambda: False) for block in of_kind]
        days |= {int(day) for block in blocks for day in arrays.day[block.trips]}
    winter = [day for day in days if date.fromordinal(day).month in WINTER]
    return len(days), len(winter)


def row(problem: Problem, given: argparse.Namespace) -> str:
    found = measure(problem, seconds=given.seconds, gap=given.gap, workers=given.workers)
    best, today = found.plan.best, found.plan.baseline
    assert best.gap is not None
    assert today.gap is not None
    return (
        f"{sum(kind.count_now for kind in problem.kinds)} vehicles, {given.pools} pools,"
        f" {len(problem.trips)} trips, {given.kinds} kinds: {best.status},"
        f" {best.cost_kr_year:,.0f} kr (today {today.cost_kr_year:,.0f}, gap {today.gap:.4%}),"
        f" {best.unserved_by_fleet / len(problem.trips):.1%} of the trips fall back,"
        f" gap {best.gap:.4%} = {best.gap / given.gap:.2f} of the limit,"
        f" {found.plan.seconds:.1f} s = {found.plan.seconds / given.seconds:.2f} of the limit,"
        f" {found.cpu_s:.1f} s CPU, {found.own_mb:.0f} MB and {found.worker_mb:.0f} MB a worker,"
        " checked"
    )


def growth(given: argparse.Namespace) -> None:
    """Prints and draws CPU seconds, median of `RUNS`, while one size grows and the others stay."""
    lines: dict[str, list[tuple[int, float]]] = {}
    print(f"{'':8s} {'size':>8s} {'trips':>8s} {'CPU s':>8s} {'gap':>9s}")

    def point(name: str, size: int, problem: Problem) -> float:
        runs = [
            measure(problem, seconds=given.seconds, gap=given.gap, workers=given.workers)
            for _ in range(RUNS)
        ]
        cpu_s = median(run.cpu_s for run in runs)
        gap = max(run.plan.best.gap or 0.0 for run in runs)
        print(f"{name:8s} {size:8d} {len(problem.trips):8d} {cpu_s:8.1f} {gap:9.4%}", flush=True)
        return cpu_s

    whole_s = point("whole", given.trips, problem_of_options(given, given.seed))
    for name in ("trips", "days", "kinds"):
        lines[name] = []
        for share in SHARES:
            size = max(1, round(getattr(given, name) * share))
            trips = round(given.trips * share) if name == "days" else given.trips
            problem = problem_of_options(given, given.seed, **{"trips": trips, name: size})
            lines[name].append((size, point(name, size, problem)))
        lines[name].append((getattr(given, name), whole_s))
    draw(lines, given.growth)


def draw(lines: dict[str, list[tuple[int, float]]], path: Path) -> None:
    """Draws the table as a picture, with a panel for each size that grows."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    figure = Figure(figsize=(9, 3), layout="constrained")
    panels = figure.subplots(1, len(lines), sharey=True)
    for axes, (name, points) in zip(panels, lines.items(), strict=True):
        sizes, seconds = zip(*points, strict=True)
        axes.plot(sizes, seconds, marker="o", clip_on=False)
        for size, second in points:
            axes.annotate(
                f"{second:.1f}", (size, second), (-4, 4), "data", "offset points", ha="right"
            )
        axes.set(xlabel=name, xlim=(0, max(sizes)), ylim=(0, None))
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.axes[0].set_ylabel("seconds of CPU")
    figure.savefig(path)


if __name__ == "__main__":
    main()
