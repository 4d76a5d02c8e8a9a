"""What ingest counts, for Prometheus. One registry per application, so that tests stay apart."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


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
        self.queued_rows = Gauge(
            "flaade_writer_queued_rows", "rows waiting for a commit", registry=self.registry
        )
        self.commit_seconds = Histogram(
            "flaade_writer_commit_seconds", "time of one group commit", registry=self.registry
        )
        self.commands = Counter(
            "flaade_teltonika_commands",
            "packets of a codec that carries no positions",
            ["codec"],
            registry=self.registry,
        )
        self.connections = Gauge(
            "flaade_teltonika_connections", "open TCP connections", registry=self.registry
        )
        self.rejected = Counter(
            "flaade_rejected",
            "connections, datagrams and messages turned away without being kept",
            ["protocol", "cause"],
            registry=self.registry,
        )
