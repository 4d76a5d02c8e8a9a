"""Puts the detail of a refused message into words, in the language of the visitor."""

from collections.abc import Mapping
from datetime import datetime

from api.pages.words.formats import Formats
from api.pages.words.language import Language, mark, translations
from fleet.saying import Saying, in_words
from ingest.gate.detail import RefusalDetail
from ingest.protocols.mistake import Mistake

#: The sentence of each code. A mistake follows the name of its place in a message, or stands alone.
DETAIL_SENTENCES: Mapping[str, str] = {
    RefusalDetail.NOT_ENROLLED: mark("The device is not enrolled."),
    RefusalDetail.NO_KEY: mark("The key is missing, or is another device's."),
    RefusalDetail.NETWORK: mark("It sent from %(address)s, which is in no network allowed for it."),
    RefusalDetail.CERTIFICATE: mark("The certificate is that of %(name)s."),
    RefusalDetail.TOPIC: mark("The MQTT topic is another device's."),
    RefusalDetail.NO_MOMENT: mark("What it gave as its time is no moment."),
    RefusalDetail.NO_PLACE: mark("What it gave as its latitude or longitude is no number."),
    RefusalDetail.PLACE_UNKNOWN: mark(
        "It has no fix, and where the tracker was at that moment is not known."
    ),
    RefusalDetail.TOO_EARLY: mark(
        "The clock said %(ts)s; nothing before %(earliest)s is believed."
    ),
    RefusalDetail.FUTURE: mark("The clock said %(ts)s, which was in the future."),
    RefusalDetail.ZERO_ISLAND: mark("Latitude 0, longitude 0: no place was found."),
    RefusalDetail.COORDINATES: mark("Latitude %(lat)s, longitude %(lon)s."),
    RefusalDetail.JUMP: mark("%(km)s km and %(seconds)s s from the last position."),
    RefusalDetail.SAME_MOMENT: mark("Another position is stored for the moment %(ts)s."),
    RefusalDetail.ATTEMPTS: mark("It could not be stored in %(attempts)s attempts."),
    RefusalDetail.DATABASE: mark("The database does not take a value of it: %(kind)s."),
    RefusalDetail.AS_IT_CAME: mark(
        "When it came: %(mistake)s. Only the values that the system knows are kept of it, and these"
        " cannot be read by themselves."
    ),
    Mistake.AT: mark("%(place)s: %(mistake)s"),
    Mistake.SEVERAL: mark("%(mistakes)s"),
    Mistake.IN_PIECE: mark("%(mistake)s (in what begins at byte %(at)s)"),
    Mistake.FIELD_MISSING: mark("is missing"),
    Mistake.NO_FIELD: mark("is no field that there is"),
    Mistake.NO_OBJECT: mark("is no JSON object"),
    Mistake.NO_TIME: mark(
        "is neither a time as ISO 8601 nor a number of seconds, milliseconds or microseconds"
    ),
    Mistake.NOT_A_MOMENT: mark("is no moment"),
    Mistake.NO_NUMBER: mark("is no number"),
    Mistake.NOT_FINITE: mark("is no finite number"),
    Mistake.NO_NAME: mark("is missing, too long or no text"),
    Mistake.NO_PART: mark("is missing or no object"),
    Mistake.NO_VALUE: mark("is missing or no number"),
    Mistake.NUL: mark("has the character U+0000 in it"),
    Mistake.WRONG_TYPE: mark("should be %(wanted)s and is %(found)s"),
    Mistake.OUT_OF_LIMITS: mark("should be %(wanted)s %(limit)s"),
    Mistake.TOO_DEEP: mark("is nested more than %(most)s levels deep"),
    Mistake.NOT_JSON: mark("is not JSON (%(error)s)"),
    Mistake.NOT_CUT: mark(
        "is not JSON from byte %(at)s on, or an element there is nested more"
        " than %(most)s levels deep or larger than %(size)s bytes"
    ),
    Mistake.NOT_DECODED: mark("cannot be read (%(error)s)"),
    Mistake.NOT_UNPACKED: mark("is not packed with %(encoding)s, which Content-Encoding says"),
    Mistake.INCOMPLETE: mark("did not arrive as its head says"),
    Mistake.FIELDS: mark("has more than %(most)s fields"),
    Mistake.MISTAKES: mark("has more than %(most)s mistakes; the rest was not read"),
    Mistake.POSITIONS: mark("has more than %(most)s positions"),
    Mistake.REFUSED_ALREADY: mark("holds what was refused already"),
    Mistake.CHECKSUM: mark("The checksum %(stated)s is stated, and the bytes have %(found)s"),
    Mistake.STATED: mark("bytes stated: %(stated)s, and there: %(found)s"),
    Mistake.NO_RECORDS: mark("has no records in it; its size in bytes is %(found)s"),
    Mistake.CODEC: mark("%(codec)s is not known"),
    Mistake.COUNTS: mark("is %(before)s before the records and %(after)s after them"),
    Mistake.CUT: mark("ends after the packet does"),
    Mistake.ELEMENTS: mark("elements announced: %(stated)s, and there: %(found)s"),
    Mistake.DIFFER: mark("bytes that differ from what the records take: %(found)s"),
    Mistake.START: mark("No packet begins with %(start)s"),
    Mistake.SIZE: mark("A packet whose size in bytes is %(found)s"),
    Mistake.NO_LOGIN: mark("There was no login with an IMEI"),
    Mistake.NO_DEVICE: mark("names no device"),
    Mistake.NO_PACKET: mark("There was no login with one packet of records"),
    Mistake.NO_POSITIONS: mark("codec %(codec)s carries no positions"),
    Mistake.UNEXPECTED: mark("An error that nobody foresaw (%(kind)s)"),
}

#: The places in sentences that hold moments.
_MOMENTS = frozenset({"ts", "earliest"})


def say_detail(detail: Saying, language: Language) -> str:
    """A detail in words, with numbers and moments as people write them. A detail with a code of
    another version is shown as its code."""
    formats = Formats(language)
    translate = translations(language).gettext

    def sentence(code: str) -> str:
        known = DETAIL_SENTENCES.get(code)
        return code.replace("%", "%%") if known is None else translate(known)

    def shown(name: str, value: str | float) -> str:
        if name in _MOMENTS:
            return _local(str(value), formats)
        return formats.with_sign(str(value)) if isinstance(value, float) else str(value)

    return in_words(detail, sentence, shown, "; ")


def _local(value: str, formats: Formats) -> str:
    try:
        return formats.moment(datetime.fromisoformat(value))
    except (ValueError, OverflowError):  # the year on a tracker's clock may have no local time
        return value
