"""What is wrong with a refused message, in the language of the visitor."""

import re
from collections.abc import Mapping
from datetime import datetime

from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from ingest.gate.detail import Detail, Mistake

DETAILS: Mapping[Detail, str] = {
    Detail.NOT_ENROLLED: mark("The device is not enrolled."),
    Detail.NO_KEY: mark("The key is missing, or is another device's."),
    Detail.NETWORK: mark("It sent from %(address)s, which is in no network allowed for it."),
    Detail.CERTIFICATE: mark("The certificate is that of %(name)s."),
    Detail.TOPIC: mark("The MQTT topic is another device's."),
    Detail.NO_MOMENT: mark("What it gave as its time is no moment."),
    Detail.NO_PLACE: mark("What it gave as its latitude or longitude is no number."),
    Detail.TOO_EARLY: mark("The clock said %(ts)s; nothing before %(earliest)s is believed."),
    Detail.FUTURE: mark("The clock said %(ts)s, which was in the future."),
    Detail.NO_FIX: mark("No satellites: the place is old or made up."),
    Detail.ZERO_ISLAND: mark("Latitude 0, longitude 0: no place was found."),
    Detail.COORDINATES: mark("Latitude %(lat)s, longitude %(lon)s."),
    Detail.SPEED: mark("The speed was said to be %(value)s km/h."),
    Detail.VALUE: mark("%(field)s was said to be %(value)s."),
    Detail.JUMP: mark("%(km)s km and %(seconds)s seconds from the last position."),
    Detail.SAME_MOMENT: mark("Another position is stored for the moment %(ts)s."),
    Detail.ATTEMPTS: mark("It could not be stored in %(attempts)s attempts."),
    Detail.DATABASE: mark("The database does not take a value of it: %(kind)s."),
}

#: Each follows the name of a place in a message, or stands alone.
MISTAKES: Mapping[Mistake, str] = {
    Mistake.FIELD_MISSING: mark("is missing"),
    Mistake.NO_FIELD: mark("is no field that there is"),
    Mistake.NO_OBJECT: mark("is no JSON object"),
    Mistake.NO_TIME: mark(
        "is neither a time as ISO 8601 nor a number of seconds, milliseconds or microseconds"
    ),
    Mistake.NO_MOMENT: mark("is no moment"),
    Mistake.NO_NUMBER: mark("is no number"),
    Mistake.NOT_FINITE: mark("is no finite number"),
    Mistake.NO_NAME: mark("is missing, too long or no text"),
    Mistake.NO_PART: mark("is missing or no object"),
    Mistake.NO_VALUE: mark("is missing or no number"),
    Mistake.WRONG_TYPE: mark("should be %(wanted)s and is %(found)s"),
    Mistake.OUT_OF_LIMITS: mark("should be %(wanted)s %(limit)s"),
    Mistake.TOO_DEEP: mark("is nested more than %(most)s levels deep"),
    Mistake.NOT_JSON: mark("is not JSON (%(error)s)"),
    Mistake.FIELDS: mark("has more than %(most)s fields"),
    Mistake.MISTAKES: mark("has more than %(most)s mistakes; the rest was not read"),
    Mistake.POSITIONS: mark("has more than %(most)s positions"),
    Mistake.CHECKSUM: mark("The checksum %(stated)s is stated, and the bytes have %(found)s"),
    Mistake.STATED: mark("%(stated)s bytes are stated, and %(found)s are there"),
    Mistake.NO_RECORDS: mark("%(found)s bytes hold no records"),
    Mistake.CODEC: mark("%(codec)s is not known"),
    Mistake.COUNTS: mark("is %(before)s before the records and %(after)s after them"),
    Mistake.CUT: mark("ends after the packet does"),
    Mistake.ELEMENTS: mark("%(stated)s elements are announced, and %(found)s are there"),
    Mistake.DIFFER: mark("%(found)s bytes differ from what the records take"),
    Mistake.START: mark("No packet begins with %(start)s"),
    Mistake.SIZE: mark("A packet of %(found)s bytes"),
    Mistake.NO_LOGIN: mark("There was no login with an IMEI"),
    Mistake.NO_DEVICE: mark("names no device"),
    Mistake.NO_PACKET: mark("There was no login with one packet of records"),
    Mistake.NO_POSITIONS: mark("codec %(codec)s carries no positions"),
    Mistake.NOT_CUT: mark(
        "is not JSON from byte %(at)s on, or an element there is nested more"
        " than %(most)s levels deep or larger than %(size)s bytes"
    ),
    Mistake.UNEXPECTED: mark("An error that nobody foresaw (%(kind)s)"),
}

#: A moment with its offset, as details have it.
_ISO = re.compile(r"\d{4}-\d\d-\d\d.*(?:Z|[-+]\d\d:\d\d)\Z")

#: The place of a mistake in a message, and what is between two mistakes.
_PLACE = re.compile(r"(?:(?:\[\d+\]\.)?(?:a field|[\w.]+): )+")
_PARTS = re.compile(rf"; (?={_PLACE.pattern})")


def say_detail(text: str, language: Language) -> str | None:
    """A stored detail in the language of a reader, with numbers and moments as people write them;
    None for one in words that nobody knows here."""
    found = Detail.read(text)
    if found is None:
        return _mistakes(text, language)
    detail, values = found
    formats = Formats(language)
    shown = {name: _shown(value, formats) for name, value in values.items()}
    return translations(language).gettext(DETAILS[detail]) % shown


def _mistakes(text: str, language: Language) -> str | None:
    """The mistakes that decoders name, each with its place; None where one of them is not known."""
    translate = translations(language).gettext
    said: list[str] = []
    for part in _PARTS.split(text):
        place = _PLACE.match(part)
        found = Mistake.read(part if place is None else part[place.end() :])
        if found is None:
            return None
        mistake, values = found
        said.append(("" if place is None else place[0]) + translate(MISTAKES[mistake]) % values)
    return "; ".join(said)


def _shown(value: str, formats: Formats) -> str:
    if not _ISO.match(value):
        return formats.with_sign(value)
    try:
        return formats.moment(datetime.fromisoformat(value))
    except (ValueError, OverflowError):  # a tracker's clock may say a year that has no local time
        return value
