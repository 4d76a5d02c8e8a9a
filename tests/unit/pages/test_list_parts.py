"""A list in parts: together they are the list, and no address leads beside it."""

from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from api.pages.choices.list_parts import PART_ROWS, asked_part


@given(st.integers(0, 5 * PART_ROWS), st.dictionaries(st.text(), st.text()))
def test_the_parts_of_a_list_are_the_list_in_its_order(rows: int, query: dict[str, str]) -> None:
    whole = range(rows)
    seen: list[int] = []
    address: str | None = "/vehicles"
    while address is not None:
        asked = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
        part = asked_part(whole, asked, "/vehicles", query)
        assert part.before is None or part.number > 1
        assert (part.first, part.last) == (len(seen) + 1, len(seen) + len(part.rows))
        seen += part.rows
        address = part.after
    assert seen == list(whole)


@given(st.text())
def test_a_part_that_is_none_is_the_first(asked: str) -> None:
    part = asked_part(range(2 * PART_ROWS), {"part": asked}, "/", {})
    assert part.number == (2 if asked.strip() == "2" else 1)


def test_two_lists_of_one_page_are_turned_each_by_itself() -> None:
    zones = asked_part(range(2 * PART_ROWS), {"asleep": "2"}, "/zones")
    asleep = asked_part(range(2 * PART_ROWS), {"asleep": "2"}, "/zones", name="asleep")
    assert (zones.number, zones.after) == (1, "/zones?part=2")
    assert (asleep.number, asleep.before) == (2, "/zones?asleep=1")
