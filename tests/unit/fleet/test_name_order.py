"""Names stand in the order in which people look for them."""

from hypothesis import given
from hypothesis import strategies as st

from fleet.names.order import name_order


def test_numbers_stand_by_their_size_and_danish_letters_last() -> None:
    ordered = [
        *("bil", "Bil 2", "bil 07", "Bil 10", "Bil 10 A", "Bil 100", "Depot 1-2", "Depot 1-10"),
        *("Vogn 3", "Zebra", "Ærtevej 9", "Ærtevej 11", "Østre Plads", "Åvænget"),
    ]
    shuffled = [*ordered[5:], *ordered[:5]]
    assert sorted(shuffled, key=name_order) == ordered


@given(st.integers(0, 10**15), st.integers(0, 10**15))
def test_of_two_names_the_one_with_the_lower_number_stands_first(one: int, other: int) -> None:
    assert (name_order(f"B{one}") < name_order(f"B{other}")) == (one < other)
