"""What is wrong with a refused message, in the language of the visitor."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime

from api.pages.language import mark
from ingest.detail import Detail

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

#: A moment with its offset, as details have it.
_ISO = re.compile(r"\d{4}-\d\d-\d\d.*(?:Z|[-+]\d\d:\d\d)\Z")


def say_detail(
    text: str,
    translate: Callable[[str], str],
    decimal: str,
    moment: Callable[[datetime], str],
) -> str | None:
    """A stored detail in other words, numbers with this decimal sign and moments as `moment` says
    them; None for a decoder's own."""
    found = Detail.read(text)
    if found is None:
        return None
    detail, values = found
    shown = {name: _shown(value, decimal, moment) for name, value in values.items()}
    return translate(DETAILS[detail]) % shown


def _shown(value: str, decimal: str, moment: Callable[[datetime], str]) -> str:
    if not _ISO.match(value):
        return with_sign(value, decimal)
    try:
        return moment(datetime.fromisoformat(value))
    except (ValueError, OverflowError):  # a tracker's clock may say a year that has no local time
        return value


def with_sign(value: str, decimal: str) -> str:
    """A number in a sentence with this decimal sign; other words as they are."""
    try:
        float(value)
    except ValueError:
        return value
    return value.replace(".", decimal)
