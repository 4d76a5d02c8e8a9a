"""What is said is kept as a code and values, and put into words when it is shown."""

import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.saying import Saying, SayingValue, in_words

SENTENCES = {
    "far": "%(trip)s: %(km)s km, with %(others)s",
    "other": "%(name)s (%(share)s %%)",
}
FAR = Saying(
    "far",
    {
        "trip": "100 % {x} %(km)s",
        "km": 12.5,
        "others": (
            Saying("other", {"name": "a", "share": 5}),
            Saying("other", {"name": "b", "share": 0.1}),
        ),
    },
)

scalars = st.text() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)


def values(inner: st.SearchStrategy[Saying]) -> st.SearchStrategy[dict[str, SayingValue]]:
    return st.dictionaries(st.text(), scalars | st.lists(inner, max_size=3).map(tuple), max_size=3)


sayings = st.recursive(
    st.builds(Saying, st.text()),
    lambda inner: st.builds(Saying, st.text(), values(inner)),
    max_leaves=6,
)


@given(sayings)
def test_a_saying_is_the_same_after_it_was_kept(saying: Saying) -> None:
    assert Saying.from_json(json.loads(json.dumps(saying.to_json()))) == saying
    assert pickle.loads(pickle.dumps(saying)) == saying


def test_signs_in_a_value_are_no_places_and_a_list_is_joined() -> None:
    said = in_words(FAR, SENTENCES.__getitem__)
    assert said == "100 % {x} %(km)s: 12.5 km, with a (5 %), b (0.1 %)"


def test_each_language_shows_values_its_own_way() -> None:
    def shown(name: str, value: str | float) -> str:
        return str(value).replace(".", ",") if name in ("km", "share") else f"»{value}«"

    said = in_words(FAR, SENTENCES.__getitem__, shown)
    assert said == "»100 % {x} %(km)s«: 12,5 km, with »a« (5 %), »b« (0,1 %)"


def test_an_unknown_code_or_a_missing_value_is_told() -> None:
    with pytest.raises(KeyError, match="near"):
        in_words(Saying("near"), SENTENCES.__getitem__)
    with pytest.raises(KeyError, match="km"):
        in_words(Saying("far", {"trip": "t"}), SENTENCES.__getitem__)
