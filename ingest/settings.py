"""Settings of ingest: listeners, gate, writer and buffer."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field
from pydantic_settings import NoDecode
from yarl import URL

from fleet.position import SPEED_MAX_KMH
from fleet.settings import LOOPBACK, Network, Port, SettingsGroup, parse_networks


def _address(host: str) -> str:
    ipaddress.ip_address(host)
    return host


def _names(given: object) -> object:
    """Names from text with commas, as the environment has it, or from a list."""
    return tuple(part.strip() for part in given.split(",")) if isinstance(given, str) else given


def _mqtt_url(url: str | None) -> str | None:
    if url is not None and not url.startswith(("mqtt://", "mqtts://")):
        raise ValueError("must start with mqtt:// or mqtts://")
    return url


def _mqtt_topic(topic: str) -> str:
    levels = topic.split("/")
    if levels.count("{device}") != 1 or any("+" in level or "#" in level for level in levels):
        raise ValueError("must have {device} as one of its levels, and no wildcards")
    return topic


def _buffer_url(url: str | None) -> str | None:
    if url is not None and not all(
        part.strip().startswith(("nats://", "tls://")) for part in url.split(",")
    ):
        raise ValueError("must be nats:// or tls:// addresses, separated by commas")
    return url


def _monitor_urls(urls: str | None) -> str | None:
    if urls is not None and not all(
        part.strip().startswith(("http://", "https://")) for part in urls.split(",")
    ):
        raise ValueError("must be http:// or https:// addresses, separated by commas")
    return urls


def _host(host: str | None) -> str | None:
    if host is not None:
        URL.build(scheme="http", host=host)
    return host


def _osmand_url(url: str | None) -> str | None:
    if url is not None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise ValueError("must be http:// or https://, with a host and without a question mark")
    return url


class IngestSettings(SettingsGroup):
    """Durations are in the unit of the name."""

    host: Annotated[str, AfterValidator(_address)] = Field(
        "127.0.0.1", description="address that all listeners bind to; :: takes IPv6 and IPv4"
    )
    tracker_host: Annotated[str | None, AfterValidator(_host)] = Field(
        None,
        min_length=1,
        description="name or address by which trackers and phones reach this server, as the page of"
        " trackers tells them; absent: the one by which its visitor does",
    )
    osmand_port: Port = Field(5055, description="OsmAnd protocol over HTTP")
    osmand_url: Annotated[str | None, AfterValidator(_osmand_url)] = Field(
        None,
        description="address by which phones reach the OsmAnd port, such as "
        "https://gps.kommune.dk/; absent: http:// with FLAADE_TRACKER_HOST and that port",
    )
    phone_interval_s: int = Field(
        10, ge=1, description="a phone that is set up by its code sends so often under way"
    )
    phone_distance_m: int = Field(
        50, ge=0, description="or after so many metres; 0: by the time alone"
    )
    teltonika_port: Port = Field(5027, description="Teltonika protocol over TCP and UDP")
    teltonika_networks: Annotated[
        tuple[Network, ...], NoDecode, BeforeValidator(parse_networks)
    ] = Field(
        LOOPBACK,
        description="networks that Teltonika trackers may send from, separated by commas",
    )
    teltonika_tls_port: Port | None = Field(
        None, description="Teltonika protocol over TLS; absent: no TLS"
    )
    teltonika_tls_cert: Path | None = Field(
        None, description="PEM file with the certificate of the TLS port, and those above it"
    )
    teltonika_tls_key: Path | None = Field(
        None, description="PEM file with the private key of that certificate"
    )
    teltonika_tls_client_ca: Path | None = Field(
        None,
        description="PEM file of the authority that signs trackers' own certificates, whose common "
        "name is the IMEI; absent: trackers on the TLS port need none",
    )
    teltonika_tls_renew_s: float = Field(
        60.0, gt=0, description="how often it is looked whether the certificate was renewed"
    )
    teltonika_elements: Path | None = Field(
        None, description="TOML file that adds models to the table of Teltonika's IO elements"
    )
    gt06_port: Port | None = Field(
        None, description="GT06 protocol over TCP, usually on 5023; absent: not listened to"
    )
    gt06_networks: Annotated[tuple[Network, ...], NoDecode, BeforeValidator(parse_networks)] = (
        Field(
            LOOPBACK, description="networks that GT06 trackers may send from, separated by commas"
        )
    )
    tracker_idle_s: float = Field(
        3_600.0, gt=0, description="a tracker's connection that is silent for longer is closed"
    )
    tracker_connections_max: int = Field(
        10_000,
        ge=1,
        description="open connections of trackers that speak one protocol, and datagrams waiting "
        "for a commit",
    )
    tracker_login_wait_max_s: float = Field(
        20.0, gt=0, description="a tracker's connection without a login by then is closed"
    )
    tracker_packet_max_bytes: int = Field(
        65_536, ge=1_280, description="a tracker's packet that says it is longer is refused"
    )
    mqtt_url: Annotated[str | None, AfterValidator(_mqtt_url)] = Field(
        None, description="mqtt[s]://user:password@host:port of a broker; absent: no MQTT"
    )
    mqtt_topic: Annotated[str, AfterValidator(_mqtt_topic)] = Field(
        "flaade/{device}/positions",
        description="topic of a device's positions; may begin with $share/<group>/",
    )
    mqtt_client_id: str = Field(
        "flaade", min_length=1, description="name of this process's session at the broker"
    )
    mqtt_in_flight_max: int = Field(
        200, ge=1, le=65_535, description="MQTT messages that wait for a commit at a time"
    )
    mqtt_session_s: int = Field(
        604_800,
        ge=0,
        le=2**32 - 1,
        description="how long the broker keeps messages while we are away",
    )
    mqtt_retry_max_s: float = Field(
        60.0, ge=1, description="longest pause before the broker is tried again"
    )
    connections_max: int = Field(
        1_000_000,
        ge=4,
        description="open connections of trackers, gateways and pages on all ports; the limit of "
        "open files may allow less",
    )
    files_reserve: int = Field(
        128,
        ge=16,
        description="open files that connections leave to the database, jobs and uploads; at most "
        "half of what the system allows",
    )
    head_wait_max_s: float = Field(
        10.0, gt=0, description="how long an HTTP connection may take to its first request"
    )
    body_max_bytes: int = Field(
        8_000_000, ge=1_000, description="largest accepted request body, after decompression"
    )
    body_records_max: int = Field(
        200_000, ge=1, description="positions in one message; more are refused"
    )
    keyless_body_max_bytes: int = Field(
        8_192, ge=256, description="largest body of OsmAnd without a key, after decompression"
    )
    bodies_max_bytes: int = Field(
        256_000_000,
        ge=1_000,
        description="bodies of telemetry not answered yet, together; above it senders get 503",
    )
    body_wait_max_s: float = Field(
        60.0, gt=0, description="how long a sender may take for a body before it gets 408"
    )
    position_earliest: AwareDatetime = Field(
        datetime(2010, 1, 1, tzinfo=UTC),
        description="positions before this moment are a tracker whose clock is wrong",
    )
    position_future_max_s: int = Field(
        600, ge=0, description="how far a tracker's clock may run ahead of ours"
    )
    position_attributes: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = Field(
        (),
        description="names that `attrs` of /v1/positions and MQTT may hold beside those of "
        "ingest/protocols/attributes.toml, separated by commas; never what names a person",
    )
    speed_max_kmh: float = Field(
        SPEED_MAX_KMH, gt=0, description="a reported speed above this is implausible"
    )
    speed_between_max_kmh: float = Field(
        300.0, gt=0, description="a fix that no vehicle could have reached since the last is a jump"
    )
    jump_noise_m: float = Field(
        200.0, ge=0, description="a fix within this distance of the last one is never a jump"
    )
    jump_confirmations: int = Field(
        3, ge=1, description="so many jumps that agree with each other are believed after all"
    )
    quarantine_rows_max: int = Field(
        200_000, ge=1, description="items in quarantine; beyond it the least important make room"
    )
    quarantine_bytes_max: int = Field(
        500_000_000, ge=1_000, description="bytes in quarantine, with the same consequence"
    )
    stranger_bytes_minute: int = Field(
        200_000,
        ge=1_000,
        description="bytes a minute that are kept of one address whose device nobody knows",
    )
    strangers_bytes_minute: int = Field(
        20_000_000, ge=1_000, description="bytes a minute that are kept of all of those together"
    )
    writer_rows_max: int = Field(5_000, ge=1, description="rows in one commit")
    writer_wait_max_s: float = Field(
        30.0, gt=0, description="how long a request waits for its commit before it gets 503"
    )
    writer_connections: int = Field(
        2, ge=1, le=8, description="commits at a time; while one waits for the disk another copies"
    )
    writer_beside_rows: int = Field(
        200, ge=1, description="rows waiting before a commit begins beside others under way"
    )
    writer_beside_s: float = Field(
        0.02, ge=0, description="or how long the first of them waits; a slow disk takes longer"
    )
    writer_queue_rows_max: int = Field(
        100_000, ge=1, description="rows waiting for a commit; above it senders get 503"
    )
    writer_queue_bytes_max: int = Field(
        256_000_000, ge=1_000_000, description="memory of rows waiting for a commit; likewise"
    )
    reuse_port: bool = Field(
        False, description="let several processes of this machine listen on the same ports"
    )
    buffer_url: Annotated[str | None, AfterValidator(_buffer_url)] = Field(
        None,
        description="nats://user:password@host:port of the servers between listeners and writers, "
        "separated by commas; absent: listeners write themselves",
    )
    buffer_monitor_urls: Annotated[str | None, AfterValidator(_monitor_urls)] = Field(
        None,
        description="http://host:8222 of the monitoring port of each NATS server, separated by "
        "commas: those that answer are asked at the start whether they sync each write",
    )
    buffer_unsynced_allowed: bool = Field(
        False,
        description="use NATS servers that do not sync each write, or were not asked: a power cut "
        "loses what they acknowledged last, up to two minutes of it",
    )
    buffer_replicas: int = Field(
        1, ge=1, le=5, description="NATS servers that have a message before it is acknowledged"
    )
    buffer_max_bytes: int = Field(
        10_000_000_000, ge=1_000_000, description="size of the stream; a full one gives senders 503"
    )
    buffer_duplicate_window_s: float = Field(
        120.0, ge=1, description="how long the stream knows a message that is sent again"
    )
    buffer_waiting_bytes: int = Field(
        64_000_000, ge=1_000_000, description="bytes of one listener that wait for the stream"
    )
    buffer_ack_wait_s: float = Field(
        10.0, ge=1, description="a writer that is silent for longer loses its messages to another"
    )
    buffer_unacknowledged_max: int = Field(
        2_000, ge=1, description="messages that all writers together work on at a time"
    )
    buffer_fetch_max: int = Field(
        200, ge=1, description="messages that one writer works on at a time"
    )
    buffer_deliveries_max: int = Field(
        10, ge=1, description="a message that writers failed on more often goes to quarantine"
    )
    register_stale_max_s: float = Field(
        3_600.0,
        ge=0,
        description="with a buffer: how long listeners go on with the register read last while "
        "the database is away; a key that is revoked meanwhile works for so long",
    )

    @property
    def position_future_max(self) -> timedelta:
        return timedelta(seconds=self.position_future_max_s)
