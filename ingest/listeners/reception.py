"""What every listener works with."""

from dataclasses import dataclass

from ingest.gate.known_devices import KnownDevices
from ingest.gate.mishaps import Mishaps
from ingest.intake import Intake
from ingest.watch.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Reception:
    """Where a listener takes what it read, who tells it who sends, and where it counts."""

    intake: Intake
    known: KnownDevices
    metrics: Metrics
    mishaps: Mishaps
