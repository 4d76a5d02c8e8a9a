"""Says what a change of a milestone was, in the words of its page."""

from collections.abc import Mapping, Sequence
from datetime import date

from api.pages.plan.labels import LABELS
from api.pages.plan.views import HistoryEntry, ToldValue
from api.pages.words.formats import Formats
from api.pages.words.language import mark, translations
from tracker.facts import Fact
from tracker.milestone import MilestoneChange

#: The values that a page tells of, by their columns. The status and the note stand by themselves,
#: and the others are places in the document.
FIELDS: Mapping[str, str] = {
    "added": mark("Added with the document"),
    "postponed_quarter": mark("Postponed to"),
    "merged_into": mark("Merged into"),
    "owner_id": mark("Owner"),
    "deputy_id": mark("Deputy"),
    "centre": mark("Centre"),
    "decider": mark("Decision by"),
    "decision_before": mark("Decision before"),
    "is_political": mark("Goes to the committee"),
    "own_words": mark("Own words"),
    "text": mark("Words of the document"),
    "fact": mark("Answered by the system"),
    "quarter_to": mark("Quarter"),
    "gone_at": mark("Gone from the document"),
    "meeting_id": mark("On the agenda of a meeting"),
}

YES, NO, QUARTER = mark("yes"), mark("no"), mark("Q%(quarter)s %(year)s")

#: The columns of the year of a quarter.
_YEARS = {"postponed_quarter": "postponed_year", "quarter_to": "year"}


def entries(
    changes: Sequence[MilestoneChange],
    contacts: Mapping[int, str],
    titles: Mapping[str, str],
    formats: Formats,
) -> Sequence[HistoryEntry]:
    """The changes of a milestone; `contacts` and `titles` of milestones are known by their ids."""
    say = translations(formats.language).gettext

    def value(name: str, of: Mapping[str, object], known_year: object) -> str:
        given = of.get(name)
        if given is None or given == "":
            return ""
        if isinstance(given, bool) or name == "meeting_id":
            return say(YES if given else NO)
        if name in _YEARS:
            year = of.get(_YEARS[name], known_year)
            return say(QUARTER) % {"quarter": given, "year": year}
        if name in ("owner_id", "deputy_id"):
            return contacts.get(given, "") if isinstance(given, int) else ""
        text = str(given)
        if name == "fact":
            return say(LABELS[Fact][Fact(text)]) if text in set(Fact) else text
        if name == "merged_into":
            return titles.get(text, text)
        if name in ("decision_before", "gone_at"):
            return formats.day(date.fromisoformat(text[:10]))
        return text

    def entry(one: MilestoneChange) -> HistoryEntry:
        told: list[ToldValue] = []
        for name, label in FIELDS.items():
            if name not in one.content:
                continue
            year = one.content.get(_YEARS.get(name, ""), "")
            before = value(name, one.before, year)
            now = value(name, one.content, one.before.get(_YEARS.get(name, ""), ""))
            if name == "added":
                before = ""
            if now or before:
                told.append(ToldValue(label, before, now))
        return HistoryEntry(one.actor, one.at, one.status, one.note, told)

    return [entry(one) for one in changes]
