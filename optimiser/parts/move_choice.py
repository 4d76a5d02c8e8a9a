"""Chooses which of the vehicles that depots let go serve at other depots instead.

The depots were planned apart. A step puts a vehicle that its pool lets go into another pool: in
place of one that is to be bought there, in place of a fossil one if it is green itself, or beside
what is there. Each step is worth the cost of the pool before it less the cost after it, which the
solver prices for all trips of the pool; the pool that lets the vehicle go stays as it was. The step
worth most is taken first, and then all are priced again where the fleet has changed.

Over all pools, green vehicles are to be no fewer than today as long as a fossil one is left. Where
the depots apart let too many go, the cheapest steps mend that first: a green vehicle moves, or
stays where it is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import inf
from typing import NamedTuple

from optimiser.depot.alike import going_order
from optimiser.depot.charge_points import ChargePoints, with_points
from optimiser.depot.fleet_changes import stay_and_go
from optimiser.depot.nearest_today import NEGLIGIBLE_KR
from optimiser.depot.pool_cost import PoolCost, PoolCostFunction
from optimiser.depot.vehicle_pool import PoolVehicle, VehicleMove, VehiclePool, is_pool_of
from optimiser.depot.verdicts import Verdicts
from optimiser.model.problem import Kind, Problem

#: Tonnes of CO2e a year that rounding may change.
_NEGLIGIBLE_T = 1e-6


@dataclass(slots=True)
class PoolFleet:
    """A pool with its fleet in the plan, which the choice changes: its `counts` by kind, how many
    of these `came` from other pools, and how many that it lets go `left` for others. `now` are the
    counts of today. `evaluate` is the cost of counts without charge points."""

    pool: VehiclePool
    problem: Problem
    verdicts: Verdicts
    evaluate: PoolCostFunction
    points: ChargePoints
    now: Mapping[str, int]
    counts: dict[str, int]
    came: Counter[str] = field(default_factory=Counter[str])
    left: Counter[str] = field(default_factory=Counter[str])
    kinds: Mapping[str, Kind] = field(init=False)

    def __post_init__(self) -> None:
        self.kinds = {k.type: k for k in self.problem.kinds if k.pool == self.pool.pool_id}

    def cost(self, counts: Mapping[str, int], came: Mapping[str, int]) -> PoolCost:
        """What counts cost with the charge points that they must have built, if vehicles `came`."""
        return with_points(self.evaluate, self.points.with_arrivals(came))(counts)

    @property
    def present_cost(self) -> PoolCost:
        return self.cost(self.counts, self.came)

    def own(self, kind: str) -> int:
        """The vehicles of a kind without those that came from other pools."""
        return self.counts.get(kind, 0) - self.came[kind]

    def is_bought(self, kind: str) -> bool:
        return self.own(kind) > self.now[kind]

    def going(self) -> list[PoolVehicle]:
        """The vehicles that the pool lets go."""
        own = {kind: self.own(kind) for kind in self.counts}
        return stay_and_go(self.pool, own, self.verdicts)[1]

    def may_move(self, kind: str) -> list[PoolVehicle]:
        """The vehicles of a kind that it lets go and that may move, the last to go first: those of
        which no departure was decided."""
        verdicts = self.verdicts
        found = [
            one
            for one in self.going()
            if one.kind == kind and not verdicts.leaving_accepted(one.vehicle_id)
        ]
        return sorted(found, key=lambda one: going_order(one, verdicts))


@dataclass(frozen=True, slots=True)
class MoveChoice:
    """The moves that are chosen, and the counts of each pool with them, by its id. `mended_kr` is
    what it costs each pool a year that too few green vehicles were left."""

    moves: Sequence[VehicleMove]
    counts: Mapping[str, Mapping[str, int]]
    mended_kr: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Step:
    """A vehicle of `kind` comes to the pool `to` in place of one of the kind `instead`, if that is
    not None; or, if `stays`, it stays in that pool, which let it go. It is to save `least_kr`."""

    saving_kr: float
    to: str
    kind: str
    instead: str | None
    stays: bool
    least_kr: float

    @property
    def order(self) -> tuple[float, bool, str, str, str]:
        """The first is worth most; of those worth the same, one by which a vehicle stays."""
        return (-self.saving_kr, not self.stays, self.to, self.kind, self.instead or "")

    def applied_to(self, counts: Mapping[str, int]) -> dict[str, int]:
        after = dict(counts)
        after[self.kind] += 1
        if self.instead is not None:
            after[self.instead] -= 1
        return after

    def came_to(self, fleet: PoolFleet) -> Counter[str]:
        """The vehicles that came to a pool after the step."""
        return fleet.came if self.stays else fleet.came + Counter([self.kind])


class _Green(NamedTuple):
    """How many green motor vehicles all pools have beyond those of today, and how many fossil
    ones are left."""

    spare: int
    fossil: int


def choose_moves(
    fleets: Sequence[PoolFleet],
    *,
    least_saving_kr_year: float,
    green_keep: bool,
    is_chosen: bool = False,
) -> MoveChoice:
    """The moves between the pools of `fleets`, whose problems know every kind that may come.

    A step that saves a purchase is worth taking if it costs no more; any other one must save
    `least_saving_kr_year`, as every change of a round does. A vehicle moves where somebody decided
    so, and one of which another departure was decided does not move.

    Of fleets that people chose (`is_chosen`), beside what they decided only purchases are saved,
    and only where the pool then emits no more and is no less green: so it stays as good as chosen.
    """
    choice = _Choice({fleet.pool.pool_id: fleet for fleet in fleets}, green_keep, is_chosen)
    choice.as_decided()
    while choice.take_best_step(least_saving_kr_year):
        pass
    return MoveChoice(
        moves=choice.moves,
        counts={pool: dict(fleet.counts) for pool, fleet in choice.fleets.items()},
        mended_kr=choice.mended_kr,
    )


class _Choice:
    """The state of the choice: the fleets as the steps so far have changed them."""

    def __init__(self, fleets: Mapping[str, PoolFleet], green_keep: bool, is_chosen: bool) -> None:
        self.fleets = fleets
        self._decided: list[VehicleMove] = []
        self._chosen: list[tuple[str, str, str]] = []
        self.mended_kr: defaultdict[str, float] = defaultdict(float)
        self._keeps_green = green_keep
        self._is_chosen = is_chosen
        self._least_driving: dict[tuple[str, frozenset[str]], float] = {}

    def as_decided(self) -> None:
        """Take the moves that somebody accepted."""
        for fleet in self.fleets.values():
            for vehicle in fleet.going():
                target = fleet.verdicts.moved_to(vehicle.vehicle_id)
                if target is None:
                    continue
                steps = [
                    step
                    for pool, other in self.fleets.items()
                    if other is not fleet and (is_pool_of(pool, target) or is_pool_of(target, pool))
                    for most in self._into(other, vehicle.kind, -inf)
                    if (step := self._priced(most, -inf)) is not None
                ]
                if steps:
                    step = min(steps, key=lambda one: one.order)
                    self._put(step)
                    self._decided.append(
                        VehicleMove(vehicle=vehicle, from_pool=fleet.pool.pool_id, to_pool=step.to)
                    )

    def take_best_step(self, least_saving_kr_year: float) -> bool:
        """Take the step worth most; returns whether there was one worth taking."""
        green = self._green()
        mending = not self._is_green_enough(green)
        allowed = [
            step
            for step in self._steps(-inf if mending else least_saving_kr_year, mending=mending)
            if self._is_green_enough(after := self._green(step))
            or (mending and after.spare > green.spare)
        ]
        best: _Step | None = None
        for most in sorted(allowed, key=lambda step: step.order):
            if best is not None and most.saving_kr < best.saving_kr:
                break
            step = self._priced(most, most.least_kr, emits_no_more=self._is_chosen)
            if step is not None and (best is None or step.order < best.order):
                best = step
        if best is None:
            return False
        if mending:
            self.mended_kr[best.to] -= best.saving_kr
        self._take(best)
        return True

    def _take(self, step: _Step) -> None:
        """Take a step. Of the pools that could spare the vehicle, that one does of which it would
        go last."""
        if not step.stays:
            spared: list[tuple[tuple[object, ...], str]] = []
            for pool, fleet in self.fleets.items():
                if pool != step.to and self._is_free(fleet, step.kind):
                    vehicle = fleet.may_move(step.kind)[fleet.left[step.kind]]
                    spared.append((going_order(vehicle, fleet.verdicts), pool))
            pool = min(spared)[1]
            self.fleets[pool].left[step.kind] += 1
            self._chosen.append((pool, step.kind, step.to))
        self._put(step)

    @property
    def moves(self) -> list[VehicleMove]:
        """The moves of the steps that are taken. Of the vehicles alike that a pool lets go, the
        last to go move."""
        found = list(self._decided)
        taken = Counter[tuple[str, str]]()
        for pool, kind, to in self._chosen:
            vehicle = self.fleets[pool].may_move(kind)[taken[pool, kind]]
            taken[pool, kind] += 1
            found.append(VehicleMove(vehicle=vehicle, from_pool=pool, to_pool=to))
        return found

    def _put(self, step: _Step) -> None:
        fleet = self.fleets[step.to]
        fleet.counts = step.applied_to(fleet.counts)
        if not step.stays:
            fleet.came[step.kind] += 1

    @staticmethod
    def _is_free(fleet: PoolFleet, kind: str) -> bool:
        """Whether a pool lets a vehicle of a kind go that may move and does not yet."""
        return len(fleet.may_move(kind)) > fleet.left[kind]

    def _steps(self, least_kr: float, *, mending: bool) -> Iterator[_Step]:
        """The steps that there are, each with the most that it can save."""
        free = {
            (pool, kind)
            for pool, fleet in self.fleets.items()
            for kind in {vehicle.kind for vehicle in fleet.going()}
            if self._is_free(fleet, kind)
        }
        for kind in sorted({kind for _, kind in free}):
            for pool, fleet in self.fleets.items():
                # A pool that lets one of its own go needs none of another.
                needs_none = fleet.own(kind) < fleet.now.get(kind, 0)
                if not needs_none and any(other != pool and of == kind for other, of in free):
                    steps = self._into(fleet, kind, least_kr)
                    yield from filter(self._keeps_choice, steps) if self._is_chosen else steps
                if mending and (pool, kind) in free:
                    yield from self._at_most(fleet, kind, None, -inf, stays=True)

    def _into(self, fleet: PoolFleet, kind: str, least_kr: float) -> Iterator[_Step]:
        """The steps by which a vehicle of `kind` comes to a pool and that may save `least_kr`, or a
        purchase."""
        # A pool is not planned with kinds of which another one lets a vehicle go only since one
        # came in its place.
        if kind not in fleet.counts:
            return
        kinds = fleet.kinds
        change_kr = least_kr if least_kr == -inf else max(least_kr, NEGLIGIBLE_KR)
        for instead in sorted(fleet.counts):
            if fleet.is_bought(instead):
                if fleet.own(instead) > kinds[instead].min_count:
                    least = min(least_kr, -NEGLIGIBLE_KR if instead == kind else NEGLIGIBLE_KR)
                    yield from self._at_most(fleet, kind, instead, least)
            elif (
                kinds[kind].is_green_motor
                and kinds[instead].is_fossil
                and fleet.own(instead) > kinds[instead].min_count
            ):
                yield from self._at_most(fleet, kind, instead, change_kr)
        yield from self._at_most(fleet, kind, None, change_kr)

    def _keeps_choice(self, step: _Step) -> bool:
        """Whether a step saves a purchase and leaves its pool no less green."""
        fleet = self.fleets[step.to]
        if step.instead is None or not fleet.is_bought(step.instead):
            return False
        return fleet.kinds[step.kind].is_green_motor or not fleet.kinds[step.instead].is_green_motor

    def _at_most(
        self,
        fleet: PoolFleet,
        kind: str,
        instead: str | None,
        least_kr: float,
        *,
        stays: bool = False,
    ) -> Iterator[_Step]:
        """The step with the most that it can save, if that is `least_kr`."""
        step = _Step(inf, fleet.pool.pool_id, kind, instead, stays, least_kr)
        most = self._saves_at_most(fleet, step)
        if most >= least_kr:
            yield replace(step, saving_kr=most)

    def _priced(self, step: _Step, least_kr: float, *, emits_no_more: bool = False) -> _Step | None:
        """The step with what it saves, if that is `least_kr` and it breaks no rule further."""
        fleet = self.fleets[step.to]
        before = fleet.present_cost
        then = fleet.cost(step.applied_to(fleet.counts), step.came_to(fleet))
        saving = before.cost_kr_year - then.cost_kr_year
        if saving < least_kr or not then.keeps_rules_as(before):
            return None
        if emits_no_more and then.co2_t_year > before.co2_t_year + _NEGLIGIBLE_T:
            return None
        return replace(step, saving_kr=saving)

    def _saves_at_most(self, fleet: PoolFleet, step: _Step) -> float:
        """The step saves no more: each trip costs at least what the cheapest vehicle that could do
        it by itself makes of it."""
        before = fleet.present_cost.cost_kr_year
        after = step.applied_to(fleet.counts)
        kinds = fleet.kinds
        kept = sum(kinds[kind].fixed_kr_year * count for kind, count in after.items())
        built = fleet.points.with_arrivals(step.came_to(fleet)).cost_kr_year(after)
        return before - kept - built - self._driving_least(fleet, after)

    def _driving_least(self, fleet: PoolFleet, counts: Mapping[str, int]) -> float:
        """The least that the trips of a pool can cost a year with vehicles of the kinds of
        `counts`."""
        used = frozenset(kind for kind, count in counts.items() if count)
        key = (fleet.pool.pool_id, used)
        if key not in self._least_driving:
            problem, kinds = fleet.problem, fleet.kinds
            own = [kinds[kind] for kind in used]
            rules = problem.rules
            kr = 0.0
            for trip in problem.trips:
                if trip.pool != fleet.pool.pool_id:
                    continue
                taxi = rules.fallback_kr_trip + trip.km * (
                    rules.fallback_kr_km + rules.co2_kr_t * rules.fallback_co2_g_km / 1e6
                )
                kr += min(
                    [
                        trip.km * (kind.kr_km + rules.co2_kr_t * kind.co2_g_km / 1e6)
                        for kind in own
                        if trip.needs <= kind.offers
                    ]
                    + [taxi]
                )
            self._least_driving[key] = kr * problem.year_factor
        return self._least_driving[key]

    def _green(self, step: _Step | None = None) -> _Green:
        """The green and the fossil vehicles of all pools, after a further step if there is one."""
        spare = fossil = 0
        for pool, fleet in self.fleets.items():
            is_changed = step is not None and step.to == pool
            counts = step.applied_to(fleet.counts) if step and is_changed else fleet.counts
            for type_, kind in fleet.kinds.items():
                if kind.is_green_motor:
                    spare += counts[type_] - fleet.now[type_]
                elif kind.is_fossil:
                    fossil += counts[type_]
        return _Green(spare, fossil)

    def _is_green_enough(self, green: _Green) -> bool:
        return not self._keeps_green or green.spare >= 0 or not green.fossil
