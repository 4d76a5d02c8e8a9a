"""What quarantine says of an item, as a code with values."""

from collections.abc import Mapping
from enum import StrEnum

from fleet.saying import Saying, put
from ingest.protocols.mistake import MISTAKES


class Detail(StrEnum):
    """The codes, beside those of what decoders cannot read (`Mistake`)."""

    NOT_ENROLLED = "not_enrolled"
    NO_KEY = "no_key"
    NETWORK = "network"
    CERTIFICATE = "certificate"
    TOPIC = "topic"
    NO_MOMENT = "no_moment"
    NO_PLACE = "no_place"
    TOO_EARLY = "too_early"
    FUTURE = "future"
    ZERO_ISLAND = "zero_island"
    COORDINATES = "coordinates"
    JUMP = "jump"
    SAME_MOMENT = "same_moment"
    ATTEMPTS = "attempts"
    DATABASE = "database"


#: In English, as interfaces and commands say them.
DETAILS: Mapping[str, str] = {
    Detail.NOT_ENROLLED: "the device is not enrolled",
    Detail.NO_KEY: "the key is missing or is not this device's",
    Detail.NETWORK: "%(address)s is in no network allowed for it",
    Detail.CERTIFICATE: "the certificate is of %(name)s",
    Detail.TOPIC: "the topic is another device's",
    Detail.NO_MOMENT: "its time is no moment",
    Detail.NO_PLACE: "its latitude or longitude is no number",
    Detail.TOO_EARLY: "%(ts)s is before %(earliest)s",
    Detail.FUTURE: "%(ts)s is in the future",
    Detail.ZERO_ISLAND: "latitude 0, longitude 0: a tracker without a fix",
    Detail.COORDINATES: "latitude %(lat)s, longitude %(lon)s",
    Detail.JUMP: "%(km)s km and %(seconds)s s from the last",
    Detail.SAME_MOMENT: "another position is stored for %(ts)s",
    Detail.ATTEMPTS: "not stored in %(attempts)s attempts",
    Detail.DATABASE: "the database refuses a value: %(kind)s",
    **MISTAKES,
}

NOT_ENROLLED = Saying(Detail.NOT_ENROLLED)
NO_KEY = Saying(Detail.NO_KEY)
TOPIC = Saying(Detail.TOPIC)


def value_refused(error: Exception) -> Saying:
    """What is kept of why the database refused a value: the kind, for the message quotes it."""
    return Saying(Detail.DATABASE, {"kind": type(error).__name__})


def in_english(detail: Saying) -> str:
    """A detail in English; one with a code of another version is its code."""
    return put(detail, lambda code: DETAILS.get(code) or code.replace("%", "%%"), _shown, "; ")


def _shown(_name: str, value: str | float) -> str:
    return str(value)
