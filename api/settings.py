"""Composes every setting of the server from the groups of all rooms and those of the server
itself."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, cast
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from access.mail.settings import MailSettings
from access.openid.settings import OpenIdSettings
from access.settings import AccessSettings
from db.settings import DatabaseSettings
from fleet.files.own_process import ReadingBounds
from fleet.settings import Network, Port, SettingsGroup, load_group, parse_networks
from ingest.settings import IngestSettings
from optimiser.settings import OptimiserSettings
from register.municipality.own_name import NAME_MAX
from register.places.coordinates import read_coordinates
from register.settings import AddressSettings, ContactSettings, InventorySettings
from tracker.follow_up.settings import FollowUpSettings
from tracker.importer.source import DocumentBounds
from trips.settings import TripSettings


def _plain(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address of a host; an IPv4 address in a form of IPv6 becomes IPv4."""
    ip = ipaddress.ip_address(host)
    return (ip.ipv4_mapped or ip) if ip.version == 6 else ip


def _web_address(url: str | None) -> str | None:
    if url is None:
        return None
    if not url.startswith(("https://", "http://")) or not urlsplit(url).hostname:
        raise ValueError("must start with https:// or http://, and name a host")
    return url.rstrip("/")


def _middle(text: str | None) -> str | None:
    if text is not None and read_coordinates(text) is None:
        raise ValueError("must be latitude, longitude, such as 55.78, 12.50")
    return text


_HOST_NAME = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*|[0-9a-f:]+")


def _host_names(given: object) -> object:
    """Names of hosts from text with commas, as the environment has it, or from a list of text."""
    parts = cast(object, given.split(",") if isinstance(given, str) else given)
    if not isinstance(parts, list | tuple):
        return parts
    names = tuple(str(part).strip().lower() for part in cast(list[object], parts))
    for name in names:
        if not _HOST_NAME.fullmatch(name):
            raise ValueError(f"{name[:80]!r} is no name of a host: neither scheme nor port")
    return names


class ServerSettings(SettingsGroup):
    """The settings of the server and its pages."""

    port: Port = Field(8080, description="pages, JSON interface and /v1/positions")
    pages_url: Annotated[str | None, AfterValidator(_web_address)] = Field(
        None,
        description="address at which people reach the pages, as links to them begin; absent: "
        "http:// (with FLAADE_TLS_CERT https://) with host and port",
    )
    host_names: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_host_names)] = Field(
        (),
        description="further names by which people reach the pages, separated by commas; under a "
        "name that is neither in these nor in FLAADE_PAGES_URL they are not answered",
    )
    tls_cert: Path | None = Field(
        None,
        description="PEM file with the certificate of FLAADE_PORT, and those above it; absent: no "
        "TLS of our own",
    )
    tls_key: Path | None = Field(
        None, description="PEM file with the private key of that certificate"
    )
    tls_renew_s: float = Field(
        60.0, gt=0, description="how often it is looked whether that certificate was renewed"
    )
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(parse_networks)] = (
        Field(
            (),
            description="networks of the proxies in front of FLAADE_PORT, separated by commas; "
            "what X-Forwarded-For, -Proto and -Host say counts from there only",
        )
    )
    page_wait_max_s: float = Field(
        30.0,
        gt=0,
        description="how long a page waits for the database before it says that it is away",
    )
    upload_cells_max: int = Field(
        2_000_000,
        ge=1_000,
        description="cells of a file that people hand over, empty ones between others among them",
    )
    upload_unzipped_max_bytes: int = Field(
        200_000_000, ge=1_000_000, description="size of such a file when it is unpacked"
    )
    upload_memory_bytes: int = Field(
        1_000_000_000,
        ge=100_000_000,
        description="memory of the process that reads it; there is one at a time",
    )
    upload_seconds_max: float = Field(
        30.0, ge=1, description="how long reading it may take before it is refused"
    )
    plan_file_max_bytes: int = Field(
        50_000_000, ge=100_000, description="size of the file of a published plan"
    )
    plan_draft_days: int = Field(
        14,
        ge=1,
        le=365,
        description="days that the document of a plan, once read, waits for a person to confirm it;"
        " it can be read again",
    )
    restart_pause_s: float = Field(
        0.5,
        gt=0,
        description="pause before a part of the server that failed starts again; each further "
        "failure doubles it",
    )
    restart_pause_max_s: float = Field(
        30.0,
        gt=0,
        description="longest such pause; a part that ran for longer begins with the first again",
    )
    stop_max_s: float = Field(
        25.0,
        gt=0,
        description="seconds after which a server that is told to stop ends, whatever it waits for",
    )
    seldom_share: float = Field(
        0.25,
        ge=0,
        le=1,
        description="a vehicle that is out on a smaller share of the working days is seldom used",
    )
    period_weeks: int = Field(
        8, ge=1, le=520, description="weeks of data that use and proposals are based on"
    )
    municipality: str = Field(
        "",
        max_length=NAME_MAX,
        description="the municipality's name in the header of the pages, until a person gives one"
        " there; empty: they show the product's only",
    )
    map_tiles_url: str | None = Field(
        None, description="raster tiles {z}/{x}/{y} behind the maps; absent: a plain background"
    )
    map_middle: Annotated[str | None, AfterValidator(_middle)] = Field(
        None,
        description="middle of the municipality as latitude, longitude, such as 55.78, 12.50: the "
        "map of depots begins there before there are any; absent: where trackers were heard last",
    )

    @property
    def upload_bounds(self) -> ReadingBounds:
        return ReadingBounds(
            cells=self.upload_cells_max,
            unzipped_bytes=self.upload_unzipped_max_bytes,
            memory_bytes=self.upload_memory_bytes,
            seconds=self.upload_seconds_max,
        )

    @property
    def document_bounds(self) -> DocumentBounds:
        return DocumentBounds(
            file_bytes=self.plan_file_max_bytes, unzipped_bytes=self.upload_unzipped_max_bytes
        )


class Settings(  # the first group is the last in lists of settings
    OptimiserSettings,
    TripSettings,
    ContactSettings,
    InventorySettings,
    AddressSettings,
    IngestSettings,
    FollowUpSettings,
    MailSettings,
    OpenIdSettings,
    AccessSettings,
    ServerSettings,
    DatabaseSettings,
):
    """Every setting, with its default. Durations are in the unit of the name."""

    @property
    def pages_address(self) -> str:
        """The address at which people reach the pages, without a slash at its end."""
        return self.pages_url or server_address(self.host, self.port, tls=self.own_tls)

    @property
    def public_names(self) -> frozenset[str]:
        """The names beside those of this machine under which the pages are reached."""
        named = urlsplit(self.pages_url or "").hostname
        return frozenset(self.host_names) | ({named} if named else frozenset[str]())

    @property
    def own_tls(self) -> bool:
        """Whether pages and interface have TLS of their own."""
        return self.tls_cert is not None

    @property
    def on_loopback(self) -> bool:
        return _plain(self.host).is_loopback


def server_address(host: str, port: int, *, tls: bool) -> str:
    """The address of the web server at a host and a port."""
    scheme, name = "https" if tls else "http", f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}:{port}"


def load_settings() -> Settings:
    """The settings in force.

    Raises:
        SettingsError: a value is wrong, a name is unknown, or the file cannot be read.
    """
    return load_group(Settings)
