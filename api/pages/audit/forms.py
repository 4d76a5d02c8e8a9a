"""Reads what an address asks of the audit log; see `frame.forms`."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from api.pages.audit.views import AuditChoice
from api.pages.frame.forms import DaysQuery, enum_member
from db.audit.entry import Act, Subject
from db.storable_values import UNSTORABLE_CHARACTERS
from fleet.localtime import EARLIEST_DAY, LATEST_DAY

#: The days of a page whose address asks for none.
DAYS_SHOWN = 30

#: More characters than any name or id has.
_TEXT_MAX = 200


def read_choice(query: Mapping[str, str], today: date) -> AuditChoice:
    """The entries that an address asks for. What cannot be read counts as absent, since addresses
    are typed, and the page says so."""
    days = DaysQuery.read(query)
    act = enum_member(Act, query.get("act", ""))
    subject = enum_member(Subject, query.get("subject", ""))
    read = {"act": act, "subject": subject, "from": days.first, "to": days.last}
    if days.typed is not None:
        read |= {"from": days.typed[0], "to": days.typed[1]}
    is_whole = all(found is not None for name, found in read.items() if query.get(name))
    last = days.last or max(today, days.first or today)
    first = days.first or min(last, today) - timedelta(days=DAYS_SHOWN)
    return AuditChoice(
        first=first,
        last=last,
        typed=days.typed or (first, last),
        person=_text(query.get("person", "")),
        act=act,
        subject=subject,
        subject_id=_text(query.get("id", "")),
        errors=days.errors,
        is_cut=not is_whole,
    )


def read_before(query: Mapping[str, str]) -> tuple[datetime, int] | None:
    """The moment and the id of the last entry of the page before:
    `?before=2026-11-20T10:00:00+00:00~17`."""
    moment, _, number = query.get("before", "").rpartition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    if at.tzinfo is None or not EARLIEST_DAY <= at.date() <= LATEST_DAY:
        return None
    if not number.isdecimal() or len(number) > 18:
        return None
    return at, int(number)


def before(at: datetime, entry_id: int) -> str:
    """The text that `read_before` reads."""
    return f"{at.isoformat()}~{entry_id}"


def read_month(query: Mapping[str, str], today: date) -> date:
    """The first day of the month that an address asks for, or of this month."""
    try:
        asked = date.fromisoformat(f"{query.get('month', '')}-01")
    except ValueError:
        return today.replace(day=1)
    return today.replace(day=1) if asked < EARLIEST_DAY else min(asked, today.replace(day=1))


def _text(given: str) -> str:
    return UNSTORABLE_CHARACTERS.sub("", given).strip()[:_TEXT_MAX]
