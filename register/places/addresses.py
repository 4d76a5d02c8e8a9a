"""Looks addresses up at the service that the settings name, where they name one.

Danish services answer with a JSON list of addresses in one of a few shapes: a text, and a place as
`x` and `y`, as coordinates of a point of access, or as a geometry; in degrees or on the Danish
grid.
Only a person who asks for an address causes a request, and it goes to that service alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast
from urllib.parse import quote

import aiohttp
import orjson

from fleet.errors import ExpectedError
from register.places.coordinates import from_grid
from register.settings import AddressSettings

#: The place of the question in the address of a service.
QUESTION = "{q}"

#: The most characters of a question and of the text of an address, and the most addresses.
QUESTION_MAX = 200
TEXT_MAX = 200
FOUND_MAX = 10

_TEXTS = ("visningstekst", "betegnelse", "adressebetegnelse", "tekst", "forslagstekst")
_INSIDE = ("adgangsadresse", "adresse", "data", "properties", "adgangspunkt")


class AddressTrouble(StrEnum):
    """Why nothing is known of an address. NO_ANSWER: the service is away, slow, or refuses."""

    NO_ANSWER = "no_answer"
    NOT_UNDERSTOOD = "not_understood"


class AddressError(ExpectedError):
    """The service of addresses cannot be used now."""

    def __init__(self, trouble: AddressTrouble, detail: str) -> None:
        super().__init__(f"the address service: {detail}")
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Address:
    """An address that a service knows, and its place in degrees."""

    text: str
    lat: float
    lon: float


async def find_addresses(settings: AddressSettings, question: str) -> list[Address]:
    """Ask the service of the settings for addresses, within their bounds on time and size.

    Raises:
        AddressError: it does not answer, or not with addresses.
    """
    if settings.address_url is None or not question:
        return []
    url = settings.address_url.replace(QUESTION, quote(question[:QUESTION_MAX], safe=""))
    timeout = aiohttp.ClientTimeout(total=settings.address_wait_max_s)
    most = settings.address_answer_max_bytes
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, trust_env=True) as session,
            # Followed, a redirect would ask a server that no setting names.
            session.get(url, allow_redirects=False) as answer,
        ):
            if answer.status != 200:
                raise AddressError(AddressTrouble.NO_ANSWER, f"status {answer.status}")
            content = bytearray()
            async for chunk in answer.content.iter_any():
                content += chunk
                if len(content) > most:
                    raise AddressError(AddressTrouble.NOT_UNDERSTOOD, f"more than {most} bytes")
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise AddressError(AddressTrouble.NO_ANSWER, type(error).__name__) from None
    return read_addresses(bytes(content))


def read_addresses(content: bytes) -> list[Address]:
    """The first addresses in the answer of a service; what has no text or no place is left out.

    Raises:
        AddressError: it is no list of addresses.
    """
    try:
        answer: Any = orjson.loads(content)
    except ValueError:
        raise AddressError(AddressTrouble.NOT_UNDERSTOOD, "no JSON") from None
    if isinstance(answer, dict):
        answer = cast(dict[str, Any], answer).get("features")
    if not isinstance(answer, list):
        raise AddressError(AddressTrouble.NOT_UNDERSTOOD, "no list")
    found: list[Address] = []
    for one in cast(list[Any], answer):
        address = _address(one)
        if address is not None and address not in found:
            found.append(address)
        if len(found) == FOUND_MAX:
            break
    return found


def _address(one: Any) -> Address | None:
    parts = list(_objects(one))
    texts = (part.get(name) for part in parts for name in _TEXTS)
    text = next((one for one in texts if isinstance(one, str) and one.strip()), None)
    pairs = (pair for part in parts for pair in _pairs(part))
    place = next(filter(None, (_place(x, y) for x, y in pairs)), None)
    if text is None or place is None:
        return None
    shown = "".join(letter for letter in text.strip() if letter.isprintable())
    return Address(shown[:TEXT_MAX], *place)


def _objects(one: Any, depth: int = 3) -> Iterator[dict[str, Any]]:
    """An object, and those of its parts that may hold the text or the place."""
    if isinstance(one, dict) and depth:
        parts = cast(dict[str, Any], one)
        yield parts
        for name in _INSIDE:
            yield from _objects(parts.get(name), depth - 1)


def _pairs(part: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """The pairs in an object that may be its place: east or longitude first."""
    yield part.get("x"), part.get("y")
    geometries = (part.get(name) for name in ("geometri", "geometry", "koordinater"))
    for given in geometries:
        points: Any = (
            cast(dict[str, Any], given).get("coordinates") if isinstance(given, dict) else given
        )
        while (flat := _list(points)) and _list(flat[0]):
            points = flat[0]
        if len(flat) >= 2:
            yield flat[0], flat[1]


def _list(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []


def _place(x: Any, y: Any) -> tuple[float, float] | None:
    """The latitude and longitude of a pair in degrees or on the Danish grid."""
    if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in (x, y)):
        return None
    east, north = float(x), float(y)
    if abs(east) <= 180 and abs(north) <= 90:
        return round(north, 6), round(east, 6)
    if 100_000 <= east <= 1_000_000 and 5_000_000 <= north <= 7_000_000:
        return from_grid(east, north)
    return None
