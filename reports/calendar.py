"""Days as a calendar that other programs subscribe to: iCalendar, as RFC 5545 has it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

CONTENT_TYPE = "text/calendar"

#: The octets of a line, its end not among them.
_LINE_OCTETS = 75
#: What a text may not hold; its ends of lines are written as `\\n`.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarDay:
    """Something on a day. `uid` names the same thing in each reading, and `sequence` grows when it
    changes."""

    uid: str
    day: date
    summary: str
    description: str = ""
    url: str = ""
    sequence: int = 0


def calendar(name: str, days: Sequence[CalendarDay], at: datetime) -> bytes:
    """The calendar with these days, as it is at a moment."""
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//flaadestyring//plan//DA",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        "X-PUBLISHED-TTL:PT12H",
    ]
    for one in days:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{_text(one.uid)}",
            f"DTSTAMP:{stamp}",
            f"SEQUENCE:{one.sequence}",
            f"DTSTART;VALUE=DATE:{one.day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{one.day + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(one.summary)}",
            *([f"DESCRIPTION:{_text(one.description)}"] if one.description else []),
            *([f"URL:{one.url}"] if one.url else []),
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return b"".join(folded + b"\r\n" for line in lines for folded in _folded(line))


def _text(text: str) -> str:
    """A text as a value: what would end it is escaped."""
    lines = "\n".join(text.splitlines())
    plain = _CONTROL.sub("", lines).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\n", "\\n")


def _folded(line: str) -> Iterator[bytes]:
    """The lines of a line, each after the first with a space before it; no character is cut."""
    piece = b""
    for character in line:
        octets = character.encode(errors="replace")
        if len(piece) + len(octets) > _LINE_OCTETS:
            yield piece
            piece = b" "
        piece += octets
    yield piece
