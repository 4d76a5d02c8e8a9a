"""Positions field by field are the same positions."""

from datetime import UTC, datetime, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from fleet.position import Position
from ingest.protocols.position_columns import PositionColumns
from ingest.store.copy_rows import server_microseconds

AT_TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)
POSITIONS = st.lists(
    st.builds(
        Position,
        device=st.sampled_from("abc"),
        ts=st.integers(0, 9).map(lambda second: AT_TEN + timedelta(seconds=second)),
        lat=st.floats(54, 58),
        lon=st.floats(8, 15),
        speed_kmh=st.none() | st.floats(0, 100),
    ),
    max_size=12,
)


@given(POSITIONS)
def test_what_goes_in_comes_out(positions: list[Position]) -> None:
    columns = PositionColumns.of(positions)
    assert list(columns) == positions
    assert len(columns) == len(positions)
    assert [columns[index] for index in range(-len(positions), len(positions))] == positions * 2
    assert list(columns[1:3]) == positions[1:3]
    assert PositionColumns.of(columns) is columns


@given(st.lists(POSITIONS, max_size=4))
def test_parts_are_joined_in_their_order(parts: list[list[Position]]) -> None:
    joined = PositionColumns.joined([PositionColumns.of(part) for part in parts])
    assert list(joined) == [position for part in parts for position in part]


@given(POSITIONS, st.data())
def test_some_of_them_and_what_most_steps_look_at(
    positions: list[Position], data: st.DataObject
) -> None:
    columns = PositionColumns.of(positions)
    assert columns.devices == {position.device for position in positions}
    assert columns.fixes == [(one.ts, one.lat, one.lon) for one in positions]
    chosen = data.draw(st.sets(st.sampled_from(range(len(positions))))) if positions else set()
    assert list(columns.chosen(sorted(chosen))) == [positions[index] for index in sorted(chosen)]


@given(st.lists(st.datetimes(timezones=st.just(UTC))))
@example([AT_TEN])
@example([AT_TEN, AT_TEN + timedelta(microseconds=1)])
@example([AT_TEN + timedelta(microseconds=1)])
@example([AT_TEN] * 70_000)
def test_moments_are_counted_exactly(moments: list[datetime]) -> None:
    microsecond = timedelta(microseconds=1)
    since = [(moment - datetime(2000, 1, 1, tzinfo=UTC)) // microsecond for moment in moments]
    assert list(server_microseconds(moments)) == since
