"""Whether any of many spans meets another, held to comparing all with all."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from trips.driving_log.overlaps import SpanIndex

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
#: Two moments out of few, so that many touch.
PAIRS = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(
    lambda pair: tuple(BEGIN + timedelta(minutes=one) for one in sorted(pair))
)


@given(st.lists(PAIRS), PAIRS)
def test_spans_meet_what_overlaps_any_of_them(
    spans: list[tuple[datetime, datetime]], asked: tuple[datetime, datetime]
) -> None:
    since, until = asked
    expected = any(begins < until and ends > since for begins, ends in spans)
    assert SpanIndex(spans).overlap(since, until) is expected
