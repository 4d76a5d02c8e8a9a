"""A calendar is iCalendar as RFC 5545 has it, whatever its texts are."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from icalendar import Calendar

from reports.calendar import CalendarDay, calendar

AT = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
DAY = CalendarDay(uid="milestone-m1@flaade", day=date(2026, 12, 31), summary="Standere sat op")


def parsed(content: bytes) -> list[dict[str, str]]:
    """The days of a calendar, read by the rules of the standard and no others."""
    assert content.endswith(b"\r\n")
    lines = content[:-2].split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    unfolded: list[str] = []
    for line in lines:
        text = line.decode()  # no character is cut
        if text.startswith(" "):
            unfolded[-1] += text[1:]
        else:
            unfolded.append(text)
    assert (unfolded[0], unfolded[1], unfolded[-1]) == (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "END:VCALENDAR",
    )
    days: list[dict[str, str]] = []
    for line in unfolded:
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            days.append({})
        elif days and name != "END":
            assert name not in days[-1]
            days[-1][name] = plain(value)
    return days


def plain(value: str) -> str:
    """The text of a value."""
    found, rest = "", iter(value)
    for character in rest:
        assert character not in ";,", "it would end the value"
        if character == "\\":
            escaped = next(rest)
            assert escaped in "\\;,n"
            found += "\n" if escaped == "n" else escaped
        else:
            found += character
    return found


def test_a_day_is_a_whole_day_with_what_the_standard_asks_for() -> None:
    (day,) = parsed(calendar("Plan", [DAY], AT))
    assert day == {
        "UID": "milestone-m1@flaade",
        "DTSTAMP": "20261201T093000Z",
        "SEQUENCE": "0",
        "DTSTART;VALUE=DATE": "20261231",
        "DTEND;VALUE=DATE": "20270101",
        "SUMMARY": "Standere sat op",
        "TRANSP": "TRANSPARENT",
    }


@examples(max_examples=50, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])))
def test_any_text_comes_back(text: str) -> None:
    long = f"{text}\nÆØÅ;,\\ {text * 9}"
    day = CalendarDay(uid="u", day=DAY.day, summary=f"x{text}", description=long)
    (found,) = parsed(calendar(text, [day], AT))
    assert (found["SUMMARY"], found["DESCRIPTION"]) == (f"x{text}", long)


@examples(max_examples=50, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"])))
def test_a_reader_of_calendars_that_is_not_ours_reads_the_same(text: str) -> None:
    long = f"{text}\nÆØÅ;,\\ {text * 9}"
    days = [
        CalendarDay(uid="u1", day=DAY.day, summary=f"x{text}", description=long, sequence=3),
        CalendarDay(uid="u2", day=date(2028, 2, 29), summary="y", url="https://x.dk/plan?a=1&b=2"),
    ]
    read = Calendar.from_ical(calendar(text, days, AT))
    first, second = read.events
    assert [each for part in (read, first, second) for each in part.errors] == []
    assert (str(first["SUMMARY"]), str(first["DESCRIPTION"])) == (f"x{text}", long)
    assert (str(first["UID"]), first["SEQUENCE"], first.DTSTAMP) == ("u1", 3, AT)
    assert [(one.start, one.end) for one in (first, second)] == [
        (date(2026, 12, 31), date(2027, 1, 1)),
        (date(2028, 2, 29), date(2028, 3, 1)),
    ]
    assert str(second["URL"]) == "https://x.dk/plan?a=1&b=2"


def test_no_text_makes_a_line_of_its_own() -> None:
    text = "x\r\nEND:VEVENT\nBEGIN:VALARM\x0b\x00y"
    day = CalendarDay(uid="u", day=DAY.day, summary=text)
    (found,) = parsed(calendar(text, [day], AT))
    assert found["SUMMARY"] == "x\nEND:VEVENT\nBEGIN:VALARM\n\x00y".replace("\x00", "")
