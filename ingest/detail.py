"""What quarantine says of an item: a sentence with values in it.

Logs, the command and `/v1/quarantine` have it in English, as it is stored. The pages find the
sentence and its values again (`read_detail`) and say it in the language of the visitor.
"""

import re
from enum import StrEnum
from functools import cache


class Detail(StrEnum):
    """The sentences, with the names of their values in braces."""

    NOT_ENROLLED = "the device is not enrolled"
    NO_KEY = "the key is missing or is not this device's"
    NETWORK = "{address} is in no network allowed for it"
    CERTIFICATE = "the certificate is of {name}"
    TOPIC = "the topic is another device's"
    TOO_EARLY = "{ts} is before {earliest}"
    FUTURE = "{ts} is in the future"
    NO_FIX = "satellites 0: the place is old or made up"
    ZERO_ISLAND = "latitude 0, longitude 0: a tracker without a fix"
    COORDINATES = "latitude {lat}, longitude {lon}"
    SPEED = "speed_kmh {value}"
    VALUE = "{field} {value} is not what a sensor can say"
    JUMP = "{km} km and {seconds} s from the last"
    ATTEMPTS = "not stored in {attempts} attempts"

    def text(self, **values: object) -> str:
        """The sentence in English."""
        return self.value.format(**values)


def read_detail(text: str) -> tuple[Detail, dict[str, str]] | None:
    """The sentence that a text is, and its values; None for one in a decoder's own words."""
    for detail in Detail:
        found = _pattern(detail).fullmatch(text)
        if found is not None:
            return detail, found.groupdict()
    return None


@cache
def _pattern(detail: Detail) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+)", re.escape(detail.value)))
