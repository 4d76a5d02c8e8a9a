"""Decisions of a bundle as one decision, and the bundle that each of them keeps."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from optimiser.bundles.choice import FleetCost, Units, left_out
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Bundle, Decision


def with_bundles(
    decisions: Iterable[Decision],
    bundles: Sequence[Units],
    fleets: Mapping[str, FleetCost],
    least_saving_kr_year: float,
    accepted: Collection[DecisionKey],
) -> list[Decision]:
    """The decisions, each with its bundle, if it has one.

    That departments share comes before the changes of their depot, which build on it. Where that
    saves less than the least saving, it is of the bundle of the first of them, or of several.
    """
    every = [_alone(one) for one in decisions]
    by_key = {one.key: one for one in every}
    decided = {unit.key for units in bundles for unit in units if unit.is_decided}
    parts = [[by_key[unit.key] for unit in units] for units in bundles]
    lacks = {units[0].key: _lacking(units, fleets) for units in bundles}
    for sharing in [one for one in every if one.action is Action.POOL]:
        if sharing.key in accepted:
            continue
        joined = [sharing]
        for found in list(parts):
            if _saving(joined) >= least_saving_kr_year:
                break
            if found[0].key not in decided and sharing.depot_id in _depots(found):
                parts.remove(found)
                joined += found
        parts.append(joined)
        lacks[sharing.key] = _own_lacking(sharing)
    of_bundles: dict[DecisionKey, Decision] = {}
    for found in parts:
        if len(found) > 1:
            later = _in_turn(found)
            whole = _bundle(later, lacks[found[0].key])
            of_bundles |= {one.key: replace(one, bundle=whole) for one in later}
    return [of_bundles.get(one.key, one) for one in every]


def joint(parts: Sequence[Decision]) -> Decision:
    """The parts of a bundle as one decision, which is about the vehicle of the first of them. What
    it saves is of the whole bundle, also where only some parts are given."""
    first = parts[0]
    bundle = first.bundle
    assert bundle is not None, "a decision by itself has no parts"
    return replace(
        first,
        departments=tuple(name for name in bundle.departments if name),
        saving_kr_year=bundle.saving_kr_year,
        saving_co2_t_year=bundle.saving_co2_t_year,
        left_out_kr_year=bundle.left_out_kr_year,
        left_out_trips=bundle.left_out_trips,
        left_out_spare=bundle.left_out_spare,
        left_out_workshop=bundle.left_out_workshop,
        upfront_kr=bundle.upfront_kr,
        charge_points=bundle.charge_points,
    )


def _alone(decision: Decision) -> Decision:
    """The decision without the bundle that it had."""
    money = decision.money
    return replace(decision, bundle=None, money=money and replace(money, after=()))


def _in_turn(parts: Sequence[Decision]) -> list[Decision]:
    """The parts of a bundle, each of which takes hold with those before it or later."""
    found: list[Decision] = []
    for one in parts:
        before = tuple(
            replace(other.money, after=())
            for other in parts[: len(found)]
            if other.money is not None and other.money.contract_end is not None
        )
        end = one.arrival
        found.append(
            replace(
                one,
                money=None if one.money is None else replace(one.money, after=before),
                arrival=end and replace(end, money=replace(end.money, after=before)),
            )
        )
    return found


#: What lacks without a bundle: `left_out_kr_year`, and trips, spare and workshop likewise.
_Lacking = tuple[float | None, int, int, int]


def _lacking(units: Units, fleets: Mapping[str, FleetCost]) -> _Lacking:
    found = left_out(units, fleets)
    is_lacking = found.trips or found.spare
    kr_year = None if is_lacking else found.kr_year
    return kr_year, found.trips, found.spare, found.workshop


def _own_lacking(decision: Decision) -> _Lacking:
    return (
        decision.left_out_kr_year,
        decision.left_out_trips,
        decision.left_out_spare,
        decision.left_out_workshop,
    )


def _saving(parts: Iterable[Decision]) -> float:
    return sum(one.saving_kr_year for one in parts)


def _depots(parts: Iterable[Decision]) -> set[str]:
    return {end.depot_id for one in parts for end in one.by_depot}


def _bundle(parts: Sequence[Decision], lacking: _Lacking) -> Bundle:
    upfront = [one.upfront_kr for one in parts]
    return Bundle(
        keys=tuple(one.key for one in parts),
        departments=tuple(sorted({name for one in parts for name in one.departments or ("",)})),
        saving_kr_year=_saving(parts),
        saving_co2_t_year=sum(one.saving_co2_t_year for one in parts),
        left_out_kr_year=lacking[0],
        left_out_trips=lacking[1],
        left_out_spare=lacking[2],
        left_out_workshop=lacking[3],
        upfront_kr=None if None in upfront else sum(kr or 0.0 for kr in upfront),
        charge_points=sum(one.charge_points for one in parts),
        terms=tuple(one.money for one in parts if one.money is not None),
    )
