"""What the optimiser says of a problem, in the language of the visitor."""

import re
from collections.abc import Mapping
from datetime import datetime

from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from optimiser.model.remark import Remark

REMARKS: Mapping[Remark, str] = {
    Remark.NO_KIND: mark(
        "%(trip)s: no kind of vehicle is at its depot. It goes by taxi, hire or own car."
    ),
    Remark.NO_OFFER: mark("%(trip)s: no kind offers %(needs)s. It goes by taxi, hire or own car."),
    Remark.TOO_LONG: mark(
        "%(trip)s: %(km)s km is more than any kind that can do the rest can go, %(longest)s km."
        " It goes by taxi, hire or own car."
    ),
    Remark.TOO_FAST: mark("%(trip)s: %(km_h)s km/h on average. It is counted as it stands."),
    Remark.OVERLAP: mark(
        "%(trip)s: it begins before %(earlier)s of the same vehicle is over. Both are counted, with"
        " two vehicles."
    ),
    Remark.CAP_TOO_LOW: mark(
        "At most %(cap)s tonnes of CO₂e a year cannot be kept: these trips and kinds cause at least"
        " %(least)s tonnes, %(share)s of it by %(trips)s."
    ),
    Remark.CAP_NOT_REACHED: mark(
        "At most %(cap)s tonnes of CO₂e a year cannot be kept; of the least that can be, %(share)s"
        " is caused by %(trips)s."
    ),
    Remark.CAP_NOT_PROVEN: mark(
        "No plan within %(cap)s tonnes of CO₂e a year was found in the time given. That there is"
        " none is not proven: give it more time, or raise the limit."
    ),
    Remark.COUNTS: mark(
        "At least %(least)s of %(kind)s must stay, but the purchase policy and the limits allow"
        " %(most)s at most."
    ),
    Remark.NO_TRIPS: mark("There are no trips in the period."),
    Remark.NO_NUMBER: mark("%(row)s: %(name)s is %(value)s, which is no number."),
    Remark.NEGATIVE: mark("%(row)s: %(name)s is %(value)s, but cannot be below 0."),
    Remark.ZERO_LIMIT: mark(
        "%(row)s: %(name)s is 0, which allows no trip. An empty field means no limit."
    ),
    Remark.PLAN_WRONG: mark(
        "The plan did not pass its check, so it is not shown. Tell those who run the system:"
        " %(wrong)s"
    ),
}

#: In the place of a trip whose time here is over, or that was private.
GONE = mark("a trip that is no longer kept")

#: How much of the CO2e some trips cause.
SHARES: Mapping[str, str] = {"all": mark("all"), "most": mark("most")}

#: A round trip, as the optimiser calls it; and as pages do: whose, and when it began.
_NUMBERED = re.compile(r"'round trip (-?\d+)'")
_TRIP = re.compile(r"'([^']+) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)'")

_TONNES = re.compile(r"\((\d+\.\d+) t\)")


def say_remark(text: str, language: Language) -> str:
    """A remark in the language of a reader, with numbers as people write them, and trips by vehicle
    and time; other texts as they are."""
    translate, formats = translations(language).gettext, Formats(language)

    def trip(found: re.Match[str]) -> str:
        return f"{found[1]} {formats.short_moment(datetime.fromisoformat(found[2]))}"

    read = Remark.read(text)
    if read is None:
        return text
    remark, values = read
    shown = {name: formats.with_sign(value) for name, value in values.items()}
    if "share" in shown:
        shown["share"] = translate(SHARES[shown["share"]])
        shown["trips"] = _TONNES.sub(
            lambda found: f"({formats.with_sign(found[1])} t)", shown["trips"]
        )
    said = _TRIP.sub(trip, translate(REMARKS[remark]) % shown)
    return _NUMBERED.sub(lambda _: translate(GONE), said)
