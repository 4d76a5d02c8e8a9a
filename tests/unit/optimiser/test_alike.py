"""Of vehicles alike, the one goes whose contract ends first, then the oldest, then the one driven
furthest, then the least used; and the reason is told."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.vehicle import Energy
from optimiser.depot.alike import FirstBy, StaysBy, bound_alike, first_by
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.fate import Fate
from optimiser.depot.fleet_changes import stay_and_go
from optimiser.depot.vehicle_pool import PoolVehicle, VehiclePool, department_pool_id
from optimiser.depot.verdicts import Verdicts
from optimiser.parts.standing import standing_beside
from tests.unit.optimiser.depots import kind, pool_vehicle

NONE = Verdicts()
PLAIN = pool_vehicle(1, "car")
KINDS = {"car": kind("car", Energy.PETROL), "other": kind("other", Energy.PETROL)}
SOON, LATER = date(2027, 1, 31), date(2027, 6, 30)
OLD, NEWER = date(2016, 5, 1), date(2021, 5, 1)


def split(
    *vehicles: PoolVehicle, stay: int, verdicts: Verdicts = NONE
) -> tuple[list[PoolVehicle], list[PoolVehicle]]:
    return stay_and_go(VehiclePool("p", vehicles, ()), {"car": stay}, verdicts)


@pytest.mark.parametrize(
    ("goes", "stays", "reason"),
    [
        ({"ruled_to_go": True}, {"contract_end": SOON, "registered_on": OLD}, FirstBy.RULED),
        ({"contract_end": SOON}, {"contract_end": LATER, "registered_on": OLD}, FirstBy.CONTRACT),
        ({"contract_end": SOON}, {}, FirstBy.CONTRACT),
        (
            {"contract_end": SOON, "registered_on": OLD},
            {"contract_end": SOON, "registered_on": NEWER, "mileage_km": 200_000.0},
            FirstBy.AGE,
        ),
        ({"registered_on": NEWER}, {}, FirstBy.AGE),
        (
            {"registered_on": OLD, "mileage_km": 90_000.0},
            {"registered_on": OLD, "mileage_km": 40_000.0, "days_used": 1},
            FirstBy.MILEAGE,
        ),
        ({"mileage_km": 90_000.0}, {}, FirstBy.MILEAGE),
        # Fewer days count before fewer km.
        ({"days_used": 3, "km": 9.0}, {"days_used": 4, "km": 8.0}, FirstBy.DAYS),
        ({"km": 3.0}, {"km": 4.0}, FirstBy.KM),
        ({}, {}, FirstBy.EQUAL),
    ],
)
def test_the_first_that_differs_decides(
    goes: dict[str, object], stays: dict[str, object], reason: FirstBy
) -> None:
    leaving = replace(PLAIN, vehicle_id="v2", **goes)
    left = replace(PLAIN, vehicle_id="v1", **stays)
    for order in permutations((leaving, left)):
        staying, going = split(*order, stay=1)
        assert going == [leaving]
        told, instead = first_by(leaving, staying, NONE, KINDS)
        assert (told, [one.vehicle_id for one in instead]) == (reason, ["v1"])


def test_only_what_may_go_could_go_instead_the_next_one_first() -> None:
    bound = replace(PLAIN, vehicle_id="bound", fate=Fate.CONTRACT)
    rejected = replace(PLAIN, vehicle_id="rejected")
    old, new = (replace(PLAIN, vehicle_id=str(day), registered_on=day) for day in (OLD, NEWER))
    goes = replace(PLAIN, vehicle_id="goes", contract_end=SOON)
    verdicts = Verdicts(rejected=frozenset({DecisionKey(Action.DISPOSE, "rejected")}))
    staying, going = split(new, bound, goes, old, rejected, stay=4, verdicts=verdicts)
    assert going == [goes]
    reason, instead = first_by(goes, staying, verdicts, KINDS)
    assert reason is FirstBy.CONTRACT
    assert [one.vehicle_id for one in instead] == [str(OLD), str(NEWER)]
    assert first_by(goes, [bound, rejected], verdicts, KINDS) == (FirstBy.OTHERS_STAY, ())
    assert first_by(goes, [bound], verdicts, KINDS) == (FirstBy.OTHERS_BOUND, ())
    assert first_by(goes, [replace(bound, kind="other")], verdicts, KINDS) == (None, ())


def test_one_alike_that_stays_as_too_little_is_known_of_it_is_told() -> None:
    """It stands beside the pool, of which the plan keeps none."""
    silent = replace(PLAIN, vehicle_id="silent", name="CD 34 500", fate=Fate.UNKNOWN)
    bound = replace(PLAIN, vehicle_id="bound", name="CD 34 499", fate=Fate.CONTRACT)
    ruled = replace(PLAIN, vehicle_id="ruled", name="CD 34 498", fate=Fate.RULED)
    rejected = replace(PLAIN, vehicle_id="rejected", name="CD 34 497")
    verdicts = Verdicts(rejected=frozenset({DecisionKey(Action.DISPOSE, "rejected")}))
    goes, free = replace(PLAIN, vehicle_id="goes"), replace(PLAIN, vehicle_id="free")
    other = replace(silent, kind="other")
    every = [silent, bound, ruled, rejected, free, other]
    assert [(one.vehicle_id, one.why) for one in bound_alike(goes, every, verdicts)] == [
        ("rejected", StaysBy.DECIDED),
        ("ruled", StaysBy.DECIDED),
        ("bound", StaysBy.CONTRACT),
        ("silent", StaysBy.UNKNOWN),
    ]
    assert first_by(goes, [silent], NONE, KINDS) == (FirstBy.OTHERS_STAY, ())
    accepted = Verdicts(accepted=frozenset({DecisionKey(Action.DISPOSE, "goes")}))
    assert bound_alike(goes, [silent], accepted) == ()


def test_a_department_that_shares_nothing_has_only_its_own_beside_it() -> None:
    silent = [
        replace(PLAIN, vehicle_id=name, fate=Fate.UNKNOWN, department=name) for name in ("A", "B")
    ]
    standing = VehiclePool("d", silent, ())
    own = VehiclePool(department_pool_id("d", "A"), [PLAIN], ())
    assert list(standing_beside(own, standing)) == silent[:1]
    assert list(standing_beside(VehiclePool("d", [PLAIN], ()), standing)) == silent


def test_the_dearer_one_of_a_type_goes_for_its_cost() -> None:
    """The register has a lower cost of one of two alike, so that it is of a kind of its own."""
    cheaper = replace(KINDS["car"], kind="car 36000", own_of="car", fixed_kr_year=36_000)
    kinds = {**KINDS, cheaper.kind: cheaper}
    known = replace(PLAIN, vehicle_id="known", kind=cheaper.kind, contract_end=SOON)
    bound = replace(PLAIN, vehicle_id="bound", fate=Fate.CONTRACT)
    assert first_by(PLAIN, [known], NONE, kinds) == (FirstBy.COST, ())
    assert first_by(PLAIN, [bound, known], NONE, kinds) == (FirstBy.COST, ())
    # It may not go itself, or costs more: its cost is no reason.
    stays = replace(known, fate=Fate.CONTRACT)
    assert first_by(PLAIN, [bound, stays], NONE, kinds) == (FirstBy.OTHERS_BOUND, ())
    assert first_by(known, [PLAIN], NONE, kinds) == (None, ())


def test_what_was_accepted_goes_first_and_needs_no_reason() -> None:
    goes = replace(PLAIN, vehicle_id="goes")
    other = replace(PLAIN, vehicle_id="other", contract_end=SOON)
    verdicts = Verdicts(accepted=frozenset({DecisionKey(Action.DISPOSE, "goes")}))
    staying, going = split(goes, other, stay=1, verdicts=verdicts)
    assert going == [goes]
    assert first_by(goes, staying, verdicts, KINDS) == (None, ())


VEHICLES = st.builds(
    replace,
    st.just(PLAIN),
    contract_end=st.none() | st.dates(SOON, LATER),
    registered_on=st.none() | st.dates(OLD, NEWER),
    mileage_km=st.none() | st.floats(0, 1e6),
    days_used=st.integers(0, 60),
)


@given(st.lists(VEHICLES, min_size=2, max_size=6), st.data())
def test_who_goes_depends_on_no_order_of_the_register(
    drawn: list[PoolVehicle], data: st.DataObject
) -> None:
    vehicles = [replace(one, vehicle_id=f"v{number}") for number, one in enumerate(drawn)]
    stay = data.draw(st.integers(0, len(vehicles)))
    shuffled = data.draw(st.permutations(vehicles))
    _, going = split(*vehicles, stay=stay)
    assert split(*shuffled, stay=stay)[1] == going
