"""The mistakes for which a decoder cannot read a message, as codes with values, and their English
sentences."""

import re
from collections.abc import Mapping
from enum import StrEnum

import msgspec

from fleet.saying import Saying, SayingValue, in_words


class Mistake(StrEnum):
    """The codes of mistakes. `AT` holds another mistake with its place in the message, `SEVERAL`
    holds several."""

    AT = "at"
    SEVERAL = "several"
    IN_PIECE = "in_piece"
    FIELD_MISSING = "field_missing"
    NO_FIELD = "no_field"
    NO_OBJECT = "no_object"
    NO_TIME = "no_time"
    NOT_A_MOMENT = "not_a_moment"
    NO_NUMBER = "no_number"
    NOT_FINITE = "not_finite"
    NO_NAME = "no_name"
    NO_PART = "no_part"
    NO_VALUE = "no_value"
    NUL = "nul"
    WRONG_TYPE = "wrong_type"
    OUT_OF_LIMITS = "out_of_limits"
    TOO_DEEP = "too_deep"
    NOT_JSON = "not_json"
    NOT_CUT = "not_cut"
    NOT_DECODED = "not_decoded"
    NOT_UNPACKED = "not_unpacked"
    INCOMPLETE = "incomplete"
    FIELDS = "fields"
    MISTAKES = "mistakes"
    POSITIONS = "positions"
    REFUSED_ALREADY = "refused_already"
    CHECKSUM = "checksum"
    STATED = "stated"
    NO_RECORDS = "no_records"
    CODEC = "codec"
    COUNTS = "counts"
    CUT = "cut"
    ELEMENTS = "elements"
    DIFFER = "differ"
    START = "start"
    SIZE = "size"
    NO_LOGIN = "no_login"
    NO_DEVICE = "no_device"
    NO_PACKET = "no_packet"
    NO_POSITIONS = "no_positions"
    UNEXPECTED = "unexpected"


#: The sentence of each code in English, for interfaces and commands.
MISTAKES: Mapping[str, str] = {
    Mistake.AT: "%(place)s: %(mistake)s",
    Mistake.SEVERAL: "%(mistakes)s",
    Mistake.IN_PIECE: "%(mistake)s (in what begins at byte %(at)s)",
    Mistake.FIELD_MISSING: "Field required",
    Mistake.NO_FIELD: "there is no such field",
    Mistake.NO_OBJECT: "must be a JSON object",
    Mistake.NO_TIME: "must be ISO 8601 text or epoch seconds, milliseconds or microseconds",
    Mistake.NOT_A_MOMENT: "is no moment in time",
    Mistake.NO_NUMBER: "is no number",
    Mistake.NOT_FINITE: "is not finite",
    Mistake.NO_NAME: "is missing, too long or not text",
    Mistake.NO_PART: "is missing or not an object",
    Mistake.NO_VALUE: "is missing or no number",
    Mistake.NUL: "holds the character U+0000",
    Mistake.WRONG_TYPE: "Expected `%(wanted)s`, got `%(found)s`",
    Mistake.OUT_OF_LIMITS: "Expected `%(wanted)s` %(limit)s",
    Mistake.TOO_DEEP: "is nested more than %(most)s levels deep",
    Mistake.NOT_JSON: "is not JSON: %(error)s",
    Mistake.NOT_CUT: (
        "is not JSON from byte %(at)s on, or an element there is nested more than %(most)s levels"
        " deep or larger than %(size)s bytes"
    ),
    Mistake.NOT_DECODED: "%(error)s",
    Mistake.NOT_UNPACKED: "is not %(encoding)s, which Content-Encoding says",
    Mistake.INCOMPLETE: "does not arrive as its head says",
    Mistake.FIELDS: "more than %(most)s fields",
    Mistake.MISTAKES: "more than %(most)s mistakes; what follows was not read",
    Mistake.POSITIONS: "more than %(most)s positions",
    Mistake.REFUSED_ALREADY: "the message holds refused telemetry",
    Mistake.CHECKSUM: "checksum %(stated)s is stated, the bytes have %(found)s",
    Mistake.STATED: "bytes stated: %(stated)s, there: %(found)s",
    Mistake.NO_RECORDS: "no records are in it; its size in bytes is %(found)s",
    Mistake.CODEC: "%(codec)s is not known",
    Mistake.COUNTS: "is %(before)s before the records and %(after)s after",
    Mistake.CUT: "ends after the packet does",
    Mistake.ELEMENTS: "elements announced: %(stated)s, there: %(found)s",
    Mistake.DIFFER: "bytes that differ from the records': %(found)s",
    Mistake.START: "no packet begins with %(start)s",
    Mistake.SIZE: "a packet whose size in bytes is %(found)s",
    Mistake.NO_LOGIN: "no login with an IMEI",
    Mistake.NO_DEVICE: "names no device",
    Mistake.NO_PACKET: "no login with one packet of records",
    Mistake.NO_POSITIONS: "codec %(codec)s carries no positions",
    Mistake.UNEXPECTED: "unexpected error: %(kind)s",
}

#: The texts of msgspec's errors on a value.
_WRONG_TYPE = re.compile(r"Expected `(?P<wanted>.+)`, got `(?P<found>.+)`")
_OUT_OF_LIMITS = re.compile(r"Expected `(?P<wanted>.+)` (?P<limit>.+)")


class MistakenError(ValueError):
    """A value cannot be read; `saying` is the mistake in it."""

    def __init__(self, code: Mistake, **values: SayingValue) -> None:
        self.saying = Saying(code, values)
        super().__init__(mistake_in_english(self.saying))


def mistake_in(error: ValueError | msgspec.DecodeError) -> Saying:
    """The mistake behind an error that a decoder or msgspec raised on a value."""
    if isinstance(error, MistakenError):
        return error.saying
    text = str(error)
    if isinstance(error, msgspec.DecodeError):
        if found := _WRONG_TYPE.fullmatch(text):
            return Saying(Mistake.WRONG_TYPE, found.groupdict())
        if found := _OUT_OF_LIMITS.fullmatch(text):
            return Saying(Mistake.OUT_OF_LIMITS, found.groupdict())
    return Saying(Mistake.NOT_DECODED, {"error": text})


def mistake_in_english(saying: Saying) -> str:
    """A mistake in English."""
    return in_words(saying, MISTAKES.__getitem__, joint="; ")
