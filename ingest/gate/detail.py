"""What quarantine says of an item: a sentence with values in it."""

from fleet.sentence import Sentence


class Detail(Sentence):
    """The sentences, with the names of their values in braces."""

    NOT_ENROLLED = "the device is not enrolled"
    NO_KEY = "the key is missing or is not this device's"
    NETWORK = "{address} is in no network allowed for it"
    CERTIFICATE = "the certificate is of {name}"
    TOPIC = "the topic is another device's"
    NO_MOMENT = "its time is no moment"
    NO_PLACE = "its latitude or longitude is no number"
    TOO_EARLY = "{ts} is before {earliest}"
    FUTURE = "{ts} is in the future"
    NO_FIX = "satellites 0: the place is old or made up"
    ZERO_ISLAND = "latitude 0, longitude 0: a tracker without a fix"
    COORDINATES = "latitude {lat}, longitude {lon}"
    SPEED = "speed_kmh {value}"
    VALUE = "{field} {value} is not what a sensor can say"
    JUMP = "{km} km and {seconds} s from the last"
    SAME_MOMENT = "another position is stored for {ts}"
    ATTEMPTS = "not stored in {attempts} attempts"
    DATABASE = "the database refuses a value: {kind}"


class Mistake(Sentence):
    """What decoders say of what they cannot read, behind the name of its place where there is one;
    `ingest.protocols` and msgspec word them."""

    FIELD_MISSING = "Field required"
    NO_FIELD = "there is no such field"
    NO_OBJECT = "must be a JSON object"
    NO_TIME = "must be ISO 8601 text or epoch seconds, milliseconds or microseconds"
    NO_MOMENT = "is no moment in time"
    NO_NUMBER = "is no number"
    NOT_FINITE = "is not finite"
    NO_NAME = "is missing, too long or not text"
    NO_PART = "is missing or not an object"
    NO_VALUE = "is missing or no number"
    WRONG_TYPE = "Expected `{wanted}`, got `{found}`"
    OUT_OF_LIMITS = "Expected `{wanted}` {limit}"
    TOO_DEEP = "is nested more than {most} levels deep"
    NOT_JSON = "is not JSON: {error}"
    FIELDS = "more than {most} fields"
    MISTAKES = "more than {most} mistakes; what follows was not read"
    POSITIONS = "more than {most} positions"
    CHECKSUM = "checksum {stated} is stated, the bytes have {found}"
    STATED = "{stated} bytes are stated, {found} are there"
    NO_RECORDS = "{found} bytes hold no records"
    CODEC = "{codec} is not known"
    COUNTS = "is {before} before the records and {after} after"
    CUT = "ends after the packet does"
    ELEMENTS = "{stated} elements are announced and {found} are there"
    DIFFER = "{found} bytes differ from the records'"
    START = "no packet begins with {start}"
    SIZE = "a packet of {found} bytes"
    NO_LOGIN = "no login with an IMEI"
    NO_DEVICE = "names no device"
    NO_PACKET = "no login with one packet of records"
    NO_POSITIONS = "codec {codec} carries no positions"
    NOT_CUT = (
        "is not JSON from byte {at} on, or an element there is nested more"
        " than {most} levels deep or larger than {size} bytes"
    )
    UNEXPECTED = "unexpected error: {kind}"


def value_refused(error: Exception) -> str:
    """What is kept of why the database refused a value: the kind, for the message quotes it."""
    return Detail.DATABASE.text(kind=type(error).__name__)
