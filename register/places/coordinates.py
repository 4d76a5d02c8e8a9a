"""Reads coordinates as people have them: decimal degrees, degrees with minutes, or the Danish grid.

They are pasted from a map, a phone or a list: `55.7701, 12.5012`, `55,7701 12,5012`,
`55°46'12"N 12°30'4"E`, or east and north of UTM zone 32 (EPSG:25832).
"""

import re
from functools import cache
from math import isfinite

from pyproj import Transformer

#: The most characters of coordinates.
CHARS_MAX = 100

_NUMBER = re.compile(r"-?\d{1,9}(?:[.,]\d{1,15})?(?!\d)", re.ASCII)
#: The zone of the grid, which may stand before or behind a pair; other zones are none of Denmark's.
_ZONE = re.compile(r"(?:(?:utm|zone)[\s:]*|\b)32\s?[nuv]?(?=\s+\d{6,7}\b)", re.IGNORECASE)
_WORDS = re.compile(r"latitude|longitude|breddegrad|længdegrad|utm|lat|lon|lng", re.IGNORECASE)
#: The letters of the sides of the world in English and Danish: whether they are of the latitude,
#: and their sign.
_SIDES = {
    "n": (True, 1),
    "s": (True, -1),
    "e": (False, 1),
    "ø": (False, 1),
    "w": (False, -1),
    "v": (False, -1),
}
_ALLOWED = re.compile(r"[\s0-9.,;:=+°'\"()-]*")
_MARKS = str.maketrans({"º": "°", "′": "'", "’": "'", "″": '"', "”": '"', "−": "-"})

#: Where Denmark is, in degrees and on its grid: a pair that lies there only when it is read the
#: other way round is read that way.
_LAT, _LON = (54.0, 58.5), (7.0, 16.0)

#: The bounds of southern Sweden within these, east of Amager and Helsingør and north of Bornholm.
_SKANE_LAT, _SKANE_LON = (55.36, 58.5), (12.78, 16.0)
_EAST, _NORTH = (300_000.0, 1_000_000.0), (5_900_000.0, 6_500_000.0)


def read_coordinates(text: str) -> tuple[float, float] | None:
    """The latitude and longitude in a text, in degrees; None where it holds no place on earth."""
    if len(text) > CHARS_MAX:
        return None
    plain = _WORDS.sub(" ", _ZONE.sub(" ", text.translate(_MARKS))).replace("''", '"').lower()
    sides = [_SIDES[letter] for letter in plain if letter in _SIDES]
    rest = "".join(" " if letter in _SIDES else letter for letter in plain)
    if not _ALLOWED.fullmatch(rest):
        return None
    values = [float(found.replace(",", ".")) for found in _NUMBER.findall(rest)]
    if len(values) not in (2, 4, 6) or len(sides) not in (0, 2):
        return None
    half = len(values) // 2
    pair = _degrees(values[:half]), _degrees(values[half:])
    if None in pair:
        return None
    first, second = (float(one or 0.0) for one in pair)
    if sides:
        if sides[0][0] == sides[1][0]:
            return None
        first, second = first * sides[0][1], second * sides[1][1]
        if not sides[0][0]:
            first, second = second, first
    elif _within(second, _LAT) and _within(first, _LON):
        first, second = second, first
    return _place(first, second)


def in_denmark(lat: float, lon: float) -> bool:
    """Whether a place lies in the bounds of Denmark, in degrees; they hold the seas and coasts
    around it as well, but not Sweden between the Sound and Bornholm."""
    in_sweden = _within(lat, _SKANE_LAT) and _within(lon, _SKANE_LON)
    return _within(lat, _LAT) and _within(lon, _LON) and not in_sweden


def from_grid(east: float, north: float) -> tuple[float, float]:
    """The latitude and longitude of a place on the Danish grid, in degrees."""
    lon, lat = _from_grid().transform(east, north)
    return round(float(lat), 6), round(float(lon), 6)


def _place(lat: float, lon: float) -> tuple[float, float] | None:
    """The place of a pair, which may be north and east on the grid, in either order."""
    for north, east in ((lat, lon), (lon, lat)):
        if _within(north, _NORTH) and _within(east, _EAST):
            return from_grid(east, north)
    if not (isfinite(lat) and isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        return None
    return round(lat, 6), round(lon, 6)


def _degrees(parts: list[float]) -> float | None:
    """Degrees from degrees, minutes and seconds; None where these are no such."""
    whole, *smaller = parts
    if any(not 0 <= one < 60 for one in smaller):
        return None
    size = abs(whole) + sum(one / 60**power for power, one in enumerate(smaller, start=1))
    return -size if whole < 0 else size


def _within(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


@cache
def _from_grid() -> Transformer:
    return Transformer.from_crs(25832, 4326, always_xy=True)
