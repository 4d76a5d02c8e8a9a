"""What a phone is set up with, so that it sends: as an address, a link and a QR code.

The Traccar Client takes all its settings from a link of its own scheme, or from a code with one. An
address with http would lose the key: the app takes only the path of such a one.
"""

import json
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import quote, urlencode

import segno
from yarl import URL

from ingest.settings import IngestSettings

_NO_NAME = "localhost"
_LOOPBACK = frozenset({_NO_NAME, "127.0.0.1", "::1"})

#: What OsmAnd puts in the place of each number: latitude, longitude, epoch in milliseconds, HDOP,
#: altitude, speed in m/s, bearing.
_OSMAND_VALUES = "lat={0}&lon={1}&timestamp={2}&hdop={3}&altitude={4}&speed={5}&bearing={6}"

#: A parked phone is heard this often, in seconds.
HEARTBEAT_S = 1_800
#: A turn by so many degrees is sent at once, for the length of a trip.
ANGLE_DEG = 30


class App(StrEnum):
    """What sends with a key."""

    TRACCAR = "traccar"
    OSMAND = "osmand"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Reach:
    """The addresses by which trackers and phones reach this server. `is_here_only`: no other
    machine reaches them by that name."""

    host: str
    osmand_url: str
    is_here_only: bool


@dataclass(frozen=True, slots=True)
class Setup:
    """What is entered where the key is used; it is shown once. `address` is that of an app; of a
    program it is a command that sends a position. `link` opens the app on a phone that
    shows the page, and `code` is the QR code, as SVG, that another one reads."""

    app: App
    key: str
    address: str
    link: str | None
    code: str | None


def reach_of(settings: IngestSettings, page_host: str) -> Reach:
    """The addresses in the settings, or those by which the visitor of a page reaches it, who sent
    `page_host` as its Host."""
    host = settings.tracker_host or _name_in(page_host)
    url = URL.build(scheme="http", host=host, port=settings.osmand_port, path="/")
    if settings.osmand_url is not None:
        url = URL(settings.osmand_url)
    return Reach(host, str(url), url.host in _LOOPBACK)


def _name_in(page_host: str) -> str:
    """The name in a Host header, without its port; one that is malformed is no name."""
    try:
        return URL(f"http://{page_host}/").host or _NO_NAME
    except ValueError:
        return _NO_NAME


def setup_of(
    app: App, device: str, key: str, reach: Reach, pages_address: str, settings: IngestSettings
) -> Setup:
    """What is entered in an app so that it sends for a device. Programs send to the server of the
    pages."""
    if app is App.PROGRAM:
        return Setup(app, key, _command(device, key, pages_address), None, None)
    if app is App.OSMAND:
        asked = urlencode({"id": device, "key": key}, quote_via=quote)
        address = f"{reach.osmand_url}?{asked}&{_OSMAND_VALUES}"
        return Setup(app, key, address, None, qr_code(address))
    address = f"{reach.osmand_url}?{urlencode({'key': key})}"
    link = traccar_link(device, address, settings.phone_interval_s, settings.phone_distance_m)
    return Setup(app, key, address, link, qr_code(link))


def _command(device: str, key: str, pages_address: str) -> str:
    """A command that sends a position of a device, measured now."""
    ts = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    body = json.dumps({"device": device, "ts": ts, "lat": 55.77, "lon": 12.5}, ensure_ascii=False)
    given = [f"Authorization: Bearer {key}", "Content-Type: application/json"]
    parts = [f"curl {pages_address}/v1/positions", *(f"-H {shlex.quote(one)}" for one in given)]
    return " \\\n  ".join([*parts, f"-d {shlex.quote(body)}"])


def traccar_link(device: str, address: str, interval_s: int, distance_m: int) -> str:
    """The link that sets up the Traccar Client, once its user agrees."""
    settings = {
        "id": device,
        "url": address,
        "accuracy": "highest",
        "interval": interval_s,
        "distance": distance_m,
        "angle": ANGLE_DEG,
        "heartbeat": HEARTBEAT_S,
        "buffer": "true",
        "stop_detection": "true",
    }
    return f"org.traccar.client://config?{urlencode(settings, quote_via=quote)}"


def qr_code(text: str) -> str:
    """The QR code of a text, as SVG that stands in a page."""
    return segno.make(text, error="m", micro=False).svg_inline(
        scale=4, border=4, dark="#000", light="#fff", svgclass="qr-code", lineclass=None
    )
