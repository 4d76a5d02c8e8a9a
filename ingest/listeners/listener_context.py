"""The objects that every listener of telemetry calls."""

from dataclasses import dataclass

from ingest.gate.known_devices import KnownDevices
from ingest.gate.unexpected import UnexpectedErrors
from ingest.intake import Intake
from ingest.watch.metrics import Metrics


@dataclass(frozen=True, slots=True)
class ListenerContext:
    """The intake that stores the messages of listeners, the known devices and keys, and the
    counters of messages and of unexpected errors."""

    intake: Intake
    known: KnownDevices
    metrics: Metrics
    unexpected: UnexpectedErrors
