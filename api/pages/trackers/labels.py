"""The words for trackers and the lines of a list that is enrolled; see `words.vocabulary`."""

from collections.abc import Mapping
from datetime import date

from api.pages.trackers.phone_setup import App
from api.pages.trackers.views import Notice
from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from api.pages.words.vocabulary import Labels, Vocabulary
from register.enrolment.enrol import Outcome
from register.enrolment.tracker_list import LineReason, RefusedLine

LABELS: Labels = {
    App: {
        App.TRACCAR: mark("A phone with the Traccar Client"),
        App.OSMAND: mark("A phone with OsmAnd"),
        App.PROGRAM: mark("A tracker or program that sends over HTTP"),
    },
    Outcome: {
        Outcome.ENROLLED: mark("enrolled"),
        Outcome.SEATED: mark("was enrolled, and has a vehicle now"),
        Outcome.UNCHANGED: mark("was so already"),
    },
    Notice: {
        Notice.MOVED: mark("The tracker's vehicle is changed. Its trips are found again."),
        Notice.NETWORKS_SET: mark("The networks are changed. It takes effect within seconds."),
        Notice.KEY_REVOKED: mark("The key is revoked. It stops working within seconds."),
    },
}

#: The sentences on refused lines, each with what to do.
REFUSED_LINES: Mapping[LineReason, str] = {
    LineReason.NO_NAME: mark("There is no IMEI or name in the first column: write it."),
    LineReason.TOO_LONG: mark("The name has more than {most} characters: shorten it."),
    LineReason.STRANGE: mark("A character cannot be seen: write the name by hand."),
    LineReason.SHORTENED: mark(
        "A spreadsheet shortened the IMEI: set the column's format to text, and copy it again."
    ),
    LineReason.DRIVING_LOG: mark("Names that begin with log: are those of driving logs."),
    LineReason.TWICE: mark("It stands in line {line} already: delete one of the two."),
    LineReason.NO_VEHICLE: mark(
        "There is no vehicle {vehicle}: add it to the register, or correct the name."
    ),
    LineReason.SEVERAL_VEHICLES: mark(
        "{vehicles} vehicles are called {vehicle}: write the id of the right one."
    ),
    LineReason.VEHICLE_TWICE: mark(
        "{vehicle} gets the tracker of line {line}: correct one of them."
    ),
    LineReason.VEHICLE_TAKEN: mark(
        "Tracker {device} sits in {vehicle}: take it out on its page first."
    ),
    LineReason.SITS_ELSEWHERE: mark("It sits in {sits_in}: move it on its own page."),
    LineReason.SEAT_TAKEN: mark(
        "Tracker {device} sat in {vehicle} until {until}: choose that day as the first, or a later."
    ),
}


def say_refused_line(refused: RefusedLine, /, language: Language) -> str:
    """Why a line is refused, and what to do."""
    formats = Formats(language)
    shown: dict[str, str] = {
        name: formats.number(value) if isinstance(value, int) else value
        for name, value in refused.values.items()
    }
    if "until" in shown:
        shown["until"] = formats.day(date.fromisoformat(shown["until"]))
    return translations(language).gettext(REFUSED_LINES[refused.reason]).format(**shown)


VOCABULARY = Vocabulary(labels=LABELS, filters={"refused_line": say_refused_line})
