"""The detail of a refusal, a code with values, which quarantine stores with the item."""

from collections.abc import Mapping
from enum import StrEnum

from fleet.saying import Saying, in_words
from ingest.protocols.mistake import MISTAKES


class RefusalDetail(StrEnum):
    """The codes of the gate; those of decoders are in `Mistake`."""

    NOT_ENROLLED = "not_enrolled"
    NO_KEY = "no_key"
    NETWORK = "network"
    CERTIFICATE = "certificate"
    TOPIC = "topic"
    NO_MOMENT = "no_moment"
    NO_PLACE = "no_place"
    PLACE_UNKNOWN = "place_unknown"
    TOO_EARLY = "too_early"
    FUTURE = "future"
    ZERO_ISLAND = "zero_island"
    COORDINATES = "coordinates"
    JUMP = "jump"
    SAME_MOMENT = "same_moment"
    ATTEMPTS = "attempts"
    DATABASE = "database"
    AS_IT_CAME = "as_it_came"


#: The sentence of each code in English, for interfaces and commands.
DETAILS: Mapping[str, str] = {
    RefusalDetail.NOT_ENROLLED: "the device is not enrolled",
    RefusalDetail.NO_KEY: "the key is missing or is not this device's",
    RefusalDetail.NETWORK: "%(address)s is in no network allowed for it",
    RefusalDetail.CERTIFICATE: "the certificate is of %(name)s",
    RefusalDetail.TOPIC: "the topic is another device's",
    RefusalDetail.NO_MOMENT: "its time is no moment",
    RefusalDetail.NO_PLACE: "its latitude or longitude is no number",
    RefusalDetail.PLACE_UNKNOWN: "it has no fix, and where its device was then is not known",
    RefusalDetail.TOO_EARLY: "%(ts)s is before %(earliest)s",
    RefusalDetail.FUTURE: "%(ts)s is in the future",
    RefusalDetail.ZERO_ISLAND: "latitude 0, longitude 0: a tracker without a fix",
    RefusalDetail.COORDINATES: "latitude %(lat)s, longitude %(lon)s",
    RefusalDetail.JUMP: "%(km)s km and %(seconds)s s from the last",
    RefusalDetail.SAME_MOMENT: "another position is stored for %(ts)s",
    RefusalDetail.ATTEMPTS: "not stored in %(attempts)s attempts",
    RefusalDetail.DATABASE: "the database refuses a value: %(kind)s",
    RefusalDetail.AS_IT_CAME: (
        "when it came: %(mistake)s; only known values of it are kept, and these cannot be read by"
        " themselves"
    ),
    **MISTAKES,
}

NOT_ENROLLED = Saying(RefusalDetail.NOT_ENROLLED)
NO_KEY = Saying(RefusalDetail.NO_KEY)
TOPIC = Saying(RefusalDetail.TOPIC)


def value_refused(error: Exception) -> Saying:
    """The detail of a value that the database refused: the kind of error alone, since the message
    of the error quotes the value."""
    return Saying(RefusalDetail.DATABASE, {"kind": type(error).__name__})


def as_it_came(detail: Saying) -> Saying:
    """The detail of a message that could not be read, after a release tried to read its kept bytes.

    Quarantine keeps only the known values of such a message, with zeros in the place of others or
    without them. Mistakes in these bytes, such as a wrong checksum, are not the sender's. So the
    detail stays the mistake that was found in the message itself.
    """
    if detail.code == RefusalDetail.AS_IT_CAME:
        return detail
    return Saying(RefusalDetail.AS_IT_CAME, {"mistake": (detail,)})


def detail_in_english(detail: Saying) -> str:
    """A detail in English; where another version wrote it, perhaps its code alone."""
    return in_words(detail, lambda code: DETAILS.get(code) or code.replace("%", "%%"), _shown, "; ")


def _shown(_name: str, value: str | float) -> str:
    return str(value)
