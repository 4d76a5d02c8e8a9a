"""The metrics of ingest for Prometheus. Each application has a registry of its own, so that tests
stay apart."""

import re
from collections import Counter as Tally
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import nan

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

#: Names of dropped attributes that are told apart, at most, and the shape of such a name.
_NAMES_MAX = 200
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,39}")


@dataclass(frozen=True, slots=True)
class ProtocolCounters:
    """The counters that every message of one protocol moves."""

    received: Counter
    stored: Counter
    duplicate: Counter


class Metrics:
    """Counters of received, stored, duplicate and quarantined positions, and of the writer."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.received = Counter(
            "flaade_positions_received", "positions received", ["protocol"], registry=self.registry
        )
        self.stored = Counter(
            "flaade_positions_stored", "positions stored", ["protocol"], registry=self.registry
        )
        self.duplicate = Counter(
            "flaade_positions_duplicate",
            "positions that were stored before",
            ["protocol"],
            registry=self.registry,
        )
        self.stored_late = Counter(
            "flaade_positions_stored_late",
            "positions that were committed after their sender was told to come back; sent again "
            "they are duplicates",
            registry=self.registry,
        )
        self.quarantined = Counter(
            "flaade_positions_quarantined",
            "positions kept in quarantine",
            ["protocol", "reason"],
            registry=self.registry,
        )
        self.private = Counter(
            "flaade_positions_private",
            "positions of private driving, dropped on arrival",
            ["protocol"],
            registry=self.registry,
        )
        self.dropped_attributes = Counter(
            "flaade_attributes_dropped",
            "attributes and parameters that are on no list of what is kept",
            ["protocol", "name"],
            registry=self.registry,
        )
        #: The dropped attributes by protocol and name, for people; names beyond the most that are
        #: told apart are "other".
        self.dropped_names: Tally[tuple[str, str]] = Tally()
        self.without_place = Counter(
            "flaade_positions_without_place",
            "heard without a fix and before any place was known: nothing to store",
            ["protocol"],
            registry=self.registry,
        )
        self.dropped_values = Counter(
            "flaade_values_dropped",
            "optional values that no sensor can say; their positions were taken without them",
            ["protocol", "field"],
            registry=self.registry,
        )
        self.queued_rows = Gauge(
            "flaade_writer_queued_rows", "rows waiting for a commit", registry=self.registry
        )
        self.body_bytes = Gauge(
            "flaade_bodies_bytes",
            "bytes of requests that are not answered yet",
            registry=self.registry,
        )
        self.oldest_waiting = Gauge(
            "flaade_writer_oldest_waiting_seconds",
            "how long the row that waits longest for its commit has waited",
            registry=self.registry,
        )
        self.lag = Gauge(
            "flaade_position_lag_seconds",
            "how old the newest position that was stored is by its own clock; NaN before the first",
            registry=self.registry,
        )
        self.lag.set_function(self._lag_s)
        self._by_protocol: dict[str, ProtocolCounters] = {}
        self._newest: datetime | None = None
        self.commit_seconds = Histogram(
            "flaade_writer_commit_seconds", "time of one group commit", registry=self.registry
        )
        self.commands = Counter(
            "flaade_tracker_commands",
            "packets of trackers that carry no positions",
            ["protocol", "kind"],
            registry=self.registry,
        )
        self.connections = Gauge(
            "flaade_connections", "open connections", ["protocol"], registry=self.registry
        )
        self.rejected = Counter(
            "flaade_rejected",
            "connections, datagrams and messages turned away without being kept",
            ["protocol", "cause"],
            registry=self.registry,
        )
        self.unexpected = Counter(
            "flaade_unexpected_errors",
            "messages set aside, or requests refused, for an error that nobody foresaw",
            ["protocol", "kind"],
            registry=self.registry,
        )
        self.buffer_messages = Gauge(
            "flaade_buffer_messages", "messages that wait in the buffer", registry=self.registry
        )
        self.buffer_bytes = Gauge(
            "flaade_buffer_bytes", "bytes that wait in the buffer", registry=self.registry
        )
        self.buffer_renewed = Counter(
            "flaade_buffer_renewed",
            "times that the buffer did not hand out what it had, and was made to begin anew",
            registry=self.registry,
        )

    def note_dropped(self, protocol: str, dropped: Mapping[str, int]) -> None:
        """Count dropped attributes by name; senders invent names, so not all are told apart."""
        for name, times in dropped.items():
            is_known = (protocol, name) in self.dropped_names
            has_room = len(self.dropped_names) < _NAMES_MAX and _NAME.fullmatch(name)
            told = name if is_known or has_room else "other"
            self.dropped_names[protocol, told] += times
            self.dropped_attributes.labels(protocol, told).inc(times)

    def of_protocol(self, protocol: str) -> "ProtocolCounters":
        """The counters of one protocol, looked up once and not for every message."""
        found = self._by_protocol.get(protocol)
        if found is None:
            found = self._by_protocol[protocol] = ProtocolCounters(
                self.received.labels(protocol),
                self.stored.labels(protocol),
                self.duplicate.labels(protocol),
            )
        return found

    def note_stored(self, newest: datetime) -> None:
        """Note the latest moment of positions that were committed."""
        self._newest = newest if self._newest is None else max(self._newest, newest)

    def _lag_s(self) -> float:
        if self._newest is None:
            return nan
        return (datetime.now(UTC) - self._newest).total_seconds()
