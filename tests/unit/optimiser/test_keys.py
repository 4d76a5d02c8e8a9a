"""Keys are read back as they were, whatever signs are in the names of pools, kinds and vehicles."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.model.vehicle_slot import VehicleSlot, kinds_by_label

#: Names in which the signs between the parts of a key are common, and what escapes them.
NAMES = st.text("ab/#:%3A25 ", max_size=8) | st.text(max_size=8)
TYPES = NAMES.filter(bool)
ABOUT_ONE = [action for action in Action if action not in (Action.BUY, Action.MOVE)]


@given(st.lists(st.tuples(NAMES, TYPES), min_size=1, max_size=4, unique=True), st.data())
def test_a_vehicle_of_a_plan_is_read_back(
    kinds: list[tuple[str, str]], data: st.DataObject
) -> None:
    known = kinds_by_label(kinds)
    assume(len(known) == len(kinds))  # a problem refuses two kinds with one label
    pool, kind = data.draw(st.sampled_from(kinds))
    slot = VehicleSlot(pool, kind, data.draw(st.integers(1, 10_000)))
    assert VehicleSlot.parse(str(slot), known) == slot


def test_a_vehicle_is_called_as_the_format_says() -> None:
    assert str(VehicleSlot("", "el", 2)) == "el#2"
    assert str(VehicleSlot("nord", "el", 12)) == "nord/el#12"
    kinds = kinds_by_label([("d / Hjemmepleje", "el"), ("", "bil/stor")])
    assert VehicleSlot.parse("d / Hjemmepleje/el#3", kinds) == VehicleSlot(
        "d / Hjemmepleje", "el", 3
    )
    assert VehicleSlot.parse("bil/stor#1", kinds) == VehicleSlot("", "bil/stor", 1)


@pytest.mark.parametrize("text", ["", "el", "el#", "el#x", "el#-1", "syd/el#1", "#1"])
def test_what_names_no_vehicle_of_the_plan_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="names no vehicle"):
        VehicleSlot.parse(text, kinds_by_label([("", "el")]))


KEYS = st.builds(DecisionKey, st.sampled_from(ABOUT_ONE), NAMES) | st.builds(
    DecisionKey, st.just(Action.BUY), NAMES, NAMES
)
KEYS |= st.builds(DecisionKey, st.just(Action.MOVE), NAMES, to=NAMES)


@given(KEYS, KEYS)
def test_a_key_is_read_back_and_names_one_decision(one: DecisionKey, other: DecisionKey) -> None:
    assert DecisionKey.parse(str(one)) == one
    assert (str(one) == str(other)) == (one == other)


def test_a_key_is_stored_as_it_always_was() -> None:
    assert str(DecisionKey(Action.REPLACE, "LTK/0:42")) == "replace:LTK/0:42"
    assert str(DecisionKey(Action.BUY, "50 % / Vej", "el:lang")) == "buy:50 % / Vej:el:lang"
    assert str(DecisionKey(Action.MOVE, "LTK:42", to="a:b")) == "move:a%3Ab:LTK:42"
    assert DecisionKey.parse("buy:d / Vej & Park:elbil") == DecisionKey(
        Action.BUY, "d / Vej & Park", "elbil"
    )


@pytest.mark.parametrize("text", ["", "buy", "buy:d", "sell:d", "d"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no key|is not a valid Action"):
        DecisionKey.parse(text)


def test_only_a_purchase_has_a_kind() -> None:
    with pytest.raises(ValueError, match="kind"):
        DecisionKey(Action.DISPOSE, "v1", "elbil")
    with pytest.raises(ValueError, match="kind"):
        DecisionKey(Action.BUY, "d")


def test_a_vehicle_leaves_its_pool_in_one_way_only() -> None:
    ways = [
        DecisionKey(Action.DISPOSE, "v5"),
        DecisionKey(Action.REPLACE, "v5"),
        DecisionKey(Action.MOVE, "v5", to="a"),
        DecisionKey(Action.MOVE, "v5", to="b"),
    ]
    for one in ways:
        assert [other for other in ways if not one.excludes(other)] == [one]
    others = [
        DecisionKey(Action.REPLACE, "v6"),
        DecisionKey(Action.KEEP, "v5"),
        DecisionKey(Action.POOL, "v5"),
        DecisionKey(Action.BUY, "v5", kind="el"),
    ]
    assert not any(one.excludes(other) or other.excludes(one) for one in ways for other in others)
