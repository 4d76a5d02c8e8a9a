"""A stranger is given a little, many strangers are given a bounded lot."""

from hypothesis import given
from hypothesis import strategies as st

from ingest.gate import stranger_quota as strangers
from ingest.gate.stranger_quota import StrangerQuota


def test_a_source_has_its_minute_and_others_have_theirs() -> None:
    bound = StrangerQuota(1_000, 10_000)
    assert [bound.admits("a", 400, 0) for _ in range(3)] == [True, True, False]
    assert bound.admits("b", 400, 0)
    assert not bound.admits("a", 400, 5)
    assert bound.admits("a", 400, 20)


def test_all_together_are_bound_however_many_they_are() -> None:
    bound = StrangerQuota(1_000, 10_000)
    admitted = sum(bound.admits(f"{n}", 1_000, 0) for n in range(3 * strangers.SOURCES_MAX))
    assert admitted == 10


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3_000), st.floats(0, 30)), max_size=200)
)
def test_never_more_than_two_minutes_worth_in_any_minute(
    sent: list[tuple[int, int, float]],
) -> None:
    bound, now, admitted = StrangerQuota(2_000, 10_000), 0.0, list[tuple[float, int]]()
    for source, size, pause in sent:
        now += pause
        if bound.admits(f"{source}", size, now):
            admitted.append((now, size))
    for begin, _ in admitted:
        assert sum(size for at, size in admitted if begin <= at < begin + 60) <= 20_000
