"""What the principles say of a wish, by hand and for any fleet."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.vehicle import GREEN_MOTOR_ENERGIES, Energy
from optimiser.purchases.check import (
    Advice,
    Check,
    Code,
    KeptCheck,
    OfferedKind,
    PoolVehicle,
    Replaced,
    Verdict,
    Wish,
    check,
)
from optimiser.purchases.principles import (
    Principle,
    PrincipleRow,
    Principles,
    principle_faults,
    shipped_principles,
)

DAY = date(2027, 3, 1)
WISH = Wish(
    depot_id="nord",
    kind=None,
    needs=frozenset({"cargo"}),
    energy=Energy.ELECTRIC,
    wanted_from=DAY,
    days_week=4.0,
)
IDLE = PoolVehicle(
    vehicle_id="v1",
    name="Varebil 1",
    department="Park",
    depot_id="syd",
    depot_name="Sydgården",
    kind="van",
    kind_name="Varebil",
    energy=Energy.DIESEL,
    offers=frozenset({"cargo", "lift"}),
    contract_end=None,
    days_week=0.5,
)
BUSY = replace(IDLE, vehicle_id="v2", name="Varebil 2", days_week=4.5)
EVAN = OfferedKind(
    kind="evan", name="Elvarebil", energy=Energy.ELECTRIC, offers=frozenset({"cargo"})
)
SHIPPED = shipped_principles()


def with_row(principle: Principle, **values: object) -> Principles:
    return SHIPPED.overlaid([replace(SHIPPED.of(principle), **values)])


def said(found: Check, principle: Principle) -> tuple[Verdict, str, dict[str, object]]:
    [one] = [one for one in found.findings if one.principle is principle]
    return one.verdict, one.saying.code, dict(one.saying.values)


def test_a_wish_that_keeps_every_principle_is_approved() -> None:
    found = check(WISH, SHIPPED, [BUSY], [EVAN])
    assert {one.principle: one.verdict for one in found.findings} == {
        Principle.GREEN: Verdict.KEPT,
        Principle.CONTRACT_END: Verdict.NO_MATTER,
        Principle.LEAST_USE: Verdict.KEPT,
        Principle.POOL_FIRST: Verdict.KEPT,
    }
    assert (found.advice, found.principle) == (Advice.APPROVE, Principle.LEAST_USE)


def test_a_vehicle_that_stands_still_is_offered_first_from_the_same_depot() -> None:
    near = replace(IDLE, vehicle_id="v3", name="Varebil 3", depot_id="nord", days_week=1.0)
    found = check(WISH, SHIPPED, [BUSY, IDLE, near], [EVAN])
    assert [one.vehicle_id for one in found.free] == ["v3", "v1"]
    assert said(found, Principle.POOL_FIRST) == (
        Verdict.BROKEN,
        Code.POOL_FREE,
        {"count": 2, "most": 1.0},
    )
    assert (found.advice, found.principle) == (Advice.OFFER, Principle.POOL_FIRST)


@pytest.mark.parametrize(
    "other",
    [
        {"offers": frozenset({"lift"})},
        {"energy": Energy.BICYCLE},
        {"by_hours": True},
        {"stays": True},
        {"taken": True},
        {"contract_end": DAY},
        {"days_week": 1.01},
    ],
)
def test_what_could_not_do_it_is_not_called_free(other: dict[str, object]) -> None:
    found = check(WISH, SHIPPED, [replace(IDLE, **other)], [EVAN])
    assert (list(found.free), found.advice) == ([], Advice.APPROVE)


def test_what_could_do_it_and_is_proposed_to_go_is_told_beside_the_answer() -> None:
    going = replace(BUSY, proposed=True)
    lacks = replace(BUSY, vehicle_id="v3", offers=frozenset(), proposed=True)
    idle = replace(IDLE, proposed=True)
    found = check(WISH, SHIPPED, [going, lacks, idle], [EVAN])
    assert (list(found.free), list(found.going)) == ([idle], [going])
    assert list(check(WISH, SHIPPED, [BUSY], [EVAN]).going) == []


def test_silence_is_not_idleness() -> None:
    found = check(WISH, SHIPPED, [replace(IDLE, days_week=None)], [EVAN])
    assert said(found, Principle.POOL_FIRST) == (
        Verdict.UNSURE,
        Code.POOL_UNKNOWN,
        {"unknown": 1, "most": 1.0},
    )
    assert list(found.free) == []


def test_a_machine_is_replaced_by_its_own_kind_only() -> None:
    mower = replace(IDLE, vehicle_id="m", kind="mower", by_hours=True)
    wish = replace(WISH, kind="mower")
    assert [one.vehicle_id for one in check(wish, SHIPPED, [IDLE, mower], []).free] == ["m"]


def test_too_few_days_of_use_are_refused_whoever_wishes() -> None:
    found = check(replace(WISH, days_week=2.5), SHIPPED, [], [EVAN])
    assert said(found, Principle.LEAST_USE) == (
        Verdict.BROKEN,
        Code.USE,
        {"wished": 2.5, "least": 3.0},
    )
    assert (found.advice, found.principle) == (Advice.REFUSE, Principle.LEAST_USE)


def test_what_was_measured_of_the_vehicle_before_counts_beside_what_is_hoped() -> None:
    before = Replaced(vehicle_id="old", name="Gammel", contract_end=DAY, days_week=1.5)
    found = check(replace(WISH, replaced=before), SHIPPED, [], [EVAN])
    assert said(found, Principle.LEAST_USE) == (
        Verdict.BROKEN,
        Code.USE_MEASURED,
        {"wished": 4.0, "least": 3.0, "vehicle": "Gammel", "measured": 1.5},
    )
    used = replace(before, days_week=5.0)
    # A rule of seven days cannot be measured on working days.
    found = check(
        replace(WISH, days_week=7.0, replaced=used),
        with_row(Principle.LEAST_USE, figure=7.0),
        [],
        [],
    )
    assert found.verdict_of(Principle.LEAST_USE) is Verdict.KEPT


@pytest.mark.parametrize(
    ("end", "verdict", "until"),
    [
        (DAY, Verdict.KEPT, None),
        (DAY - timedelta(days=400), Verdict.KEPT, None),
        # 30 days before the end it may be replaced, 31 days before it may not.
        (DAY + timedelta(days=30), Verdict.KEPT, None),
        (DAY + timedelta(days=31), Verdict.BROKEN, DAY + timedelta(days=1)),
        (None, Verdict.UNSURE, None),
    ],
)
def test_a_vehicle_is_replaced_when_its_contract_ends(
    end: date | None, verdict: Verdict, until: date | None
) -> None:
    before = Replaced(vehicle_id="old", name="Gammel", contract_end=end, days_week=None)
    found = check(replace(WISH, replaced=before), SHIPPED, [], [EVAN])
    assert found.verdict_of(Principle.CONTRACT_END) is verdict
    assert found.until == until
    assert found.advice is (Advice.WAIT if until else Advice.APPROVE)
    assert found.principle is Principle.CONTRACT_END


def test_green_where_possible_and_where_it_is_not_people_say_why() -> None:
    diesel = replace(WISH, energy=Energy.DIESEL)
    found = check(diesel, SHIPPED, [], [EVAN])
    assert said(found, Principle.GREEN) == (
        Verdict.BROKEN,
        Code.GREEN_POSSIBLE,
        {"kinds": "Elvarebil"},
    )
    assert (found.advice, found.principle) == (Advice.APPROVE_GREEN, Principle.GREEN)
    crane = replace(diesel, needs=frozenset({"crane"}))
    found = check(crane, SHIPPED, [], [EVAN])
    assert found.verdict_of(Principle.GREEN) is Verdict.UNSURE
    assert found.advice is Advice.APPROVE
    # HVO is none of the green energies of the purchase policy.
    assert check(replace(WISH, energy=Energy.HVO), SHIPPED, [], [EVAN]).advice is (
        Advice.APPROVE_GREEN
    )


def test_a_principle_that_is_not_in_force_or_not_yet_says_nothing() -> None:
    off = with_row(Principle.POOL_FIRST, in_force=False)
    found = check(WISH, off, [IDLE], [EVAN])
    assert found.verdict_of(Principle.POOL_FIRST) is None
    assert (list(found.free), found.advice) == ([], Advice.APPROVE)
    later = with_row(Principle.GREEN, from_year=2028)
    assert check(replace(WISH, energy=Energy.DIESEL), later, [], [EVAN]).advice is Advice.APPROVE


def test_the_figures_of_a_principle_have_bounds() -> None:
    row = SHIPPED.of(Principle.GREEN)
    assert principle_faults(row) == []
    for wrong, field in (
        ({"figure": 100.1}, "figure"),
        ({"figure": -1.0}, "figure"),
        ({"figure": float("nan")}, "figure"),
        ({"figure": float("inf")}, "figure"),
        ({"from_year": 1999}, "from_year"),
        ({"source": "  "}, "source"),
        ({"text_da": "x" * 2001}, "text_da"),
    ):
        assert [one.field for one in principle_faults(replace(row, **wrong))] == [field]


DAYS_WEEK = st.one_of(st.none(), st.floats(0, 5))
OFFERS = st.frozensets(st.sampled_from(["cargo", "lift", "crane"]))
VEHICLES = st.lists(
    st.builds(
        PoolVehicle,
        vehicle_id=st.integers(1, 10**9).map(str),
        name=st.sampled_from(["Bil 2", "Bil 10", "Å"]),
        department=st.just("D"),
        depot_id=st.sampled_from(["nord", "syd"]),
        depot_name=st.just("x"),
        kind=st.sampled_from(["van", "mower"]),
        kind_name=st.just("x"),
        energy=st.sampled_from(Energy),
        offers=OFFERS,
        contract_end=st.none() | st.dates(date(2026, 1, 1), date(2029, 1, 1)),
        days_week=DAYS_WEEK,
        by_hours=st.booleans(),
        stays=st.booleans(),
        leaves=st.booleans(),
        taken=st.booleans(),
    ),
    max_size=12,
    unique_by=lambda one: one.vehicle_id,
)
WISHES = st.builds(
    Wish,
    depot_id=st.sampled_from(["nord", "syd"]),
    kind=st.sampled_from([None, "van", "mower"]),
    needs=OFFERS,
    energy=st.sampled_from(Energy),
    wanted_from=st.dates(date(2026, 1, 1), date(2029, 1, 1)),
    days_week=st.floats(0.1, 7),
    replaced=st.none()
    | st.builds(
        Replaced,
        vehicle_id=st.just("old"),
        name=st.just("Gammel"),
        contract_end=st.none() | st.dates(date(2026, 1, 1), date(2029, 1, 1)),
        days_week=DAYS_WEEK,
    ),
)
KINDS = st.lists(
    st.builds(
        OfferedKind,
        kind=st.just("k"),
        name=st.sampled_from(["A", "B"]),
        energy=st.sampled_from(Energy),
        offers=OFFERS,
    ),
    max_size=4,
)


@st.composite
def principles(draw: st.DrawFn) -> Principles:
    rows: list[PrincipleRow] = [
        replace(
            SHIPPED.of(one),
            figure=draw(st.floats(0, 5)),
            from_year=draw(st.sampled_from([2024, 2027, 2030])),
            in_force=draw(st.booleans()),
        )
        for one in Principle
    ]
    return SHIPPED.overlaid(rows)


@given(WISHES, principles(), VEHICLES, KINDS)
def test_the_answer_follows_from_what_is_broken(
    wish: Wish, rules: Principles, fleet: list[PoolVehicle], kinds: list[OfferedKind]
) -> None:
    found = check(wish, rules, fleet, kinds)
    holding = [one for one in Principle if rules.of(one).holds(wish.wanted_from.year)]
    assert [one.principle for one in found.findings] == holding
    broken = [one.principle for one in found.findings if one.verdict is Verdict.BROKEN]
    assert (found.advice is Advice.APPROVE) == (not broken)
    if broken:
        assert found.principle in broken
    assert (found.advice is Advice.OFFER) == bool(found.free)
    assert (found.until is not None) == (found.advice is Advice.WAIT)
    if found.until is not None:
        # Who waits until then keeps the principle of the contract's end.
        later = check(replace(wish, wanted_from=found.until), rules, [], [])
        assert later.verdict_of(Principle.CONTRACT_END) is not Verdict.BROKEN
    most = rules.of(Principle.POOL_FIRST).figure
    for one in found.free:
        assert one.days_week is not None
        assert one.days_week <= most
        assert wish.needs <= one.offers
        assert not one.stays
        assert not one.taken
    # What is kept says the same.
    kept = KeptCheck.from_json(found.to_json())
    assert list(kept.findings) == list(found.findings)
    assert (kept.free, kept.advice, kept.until) == (len(found.free), found.advice, found.until)


@given(WISHES, principles(), VEHICLES, KINDS, st.randoms(use_true_random=False))
def test_the_order_of_vehicles_and_kinds_changes_nothing(
    wish: Wish, rules: Principles, fleet: list[PoolVehicle], kinds: list[OfferedKind], random
) -> None:
    found = check(wish, rules, fleet, kinds)
    random.shuffle(fleet)
    assert check(wish, rules, fleet, kinds) == found


@given(WISHES, VEHICLES, KINDS, st.floats(0, 5), st.floats(0, 5))
def test_a_stricter_rule_never_lets_more_pass(
    wish: Wish, fleet: list[PoolVehicle], kinds: list[OfferedKind], one: float, other: float
) -> None:
    less, more = sorted((one, other))
    for principle in (Principle.POOL_FIRST, Principle.LEAST_USE):
        lax = check(wish, with_row(principle, figure=less), fleet, kinds).verdict_of(principle)
        strict = check(wish, with_row(principle, figure=more), fleet, kinds).verdict_of(principle)
        if lax is Verdict.BROKEN:
            assert strict is Verdict.BROKEN


@given(WISHES, VEHICLES)
def test_a_green_wish_never_breaks_the_green_principle(
    wish: Wish, fleet: list[PoolVehicle]
) -> None:
    if wish.energy in GREEN_MOTOR_ENERGIES:
        found = check(wish, SHIPPED, fleet, [EVAN])
        assert found.verdict_of(Principle.GREEN) in (Verdict.KEPT, None)
