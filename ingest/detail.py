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


def value_refused(error: Exception) -> str:
    """What is kept of why the database refused a value: the kind, for the message quotes it."""
    return Detail.DATABASE.text(kind=type(error).__name__)
