"""The ports that trackers send to: a line here wires one more protocol of `ingest.protocols`."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.settings import ENV_PREFIX, Network, SettingsError
from ingest.protocols import teltonika
from ingest.protocols.datagram import DatagramProtocol
from ingest.protocols.gt06 import GT06
from ingest.protocols.stream import StreamProtocol
from ingest.protocols.teltonika.io_elements import IoElementError, load_elements
from ingest.settings import IngestSettings


@dataclass(frozen=True, slots=True)
class TrackerPort:
    """A port, the protocol that is spoken there, and who may send there without a key.

    `setting` names the port's setting. `port` is None where it is not listened on; quarantine may
    hold what came there before.
    """

    protocol: StreamProtocol | DatagramProtocol
    setting: str
    port: int | None
    networks: Sequence[Network]
    is_tls: bool = False

    @property
    def name(self) -> str:
        """The supervisor's name of the part that listens on the port."""
        return f"{self.protocol.family}_tls" if self.is_tls else self.protocol.name

    @property
    def title(self) -> str:
        """The name of the part for people, in Danish as in English."""
        over = "UDP" if isinstance(self.protocol, DatagramProtocol) else "TCP"
        return f"{self.protocol.title} over {'TLS' if self.is_tls else over}"


def tracker_ports(settings: IngestSettings) -> Sequence[TrackerPort]:
    """Every port of every tracker protocol that the server speaks.

    Raises:
        SettingsError: the table of Teltonika's elements is wrong.
    """
    try:
        elements = load_elements(settings.teltonika_elements)
    except IoElementError as error:
        raise SettingsError(f"{ENV_PREFIX}TELTONIKA_ELEMENTS: {error}") from None
    tcp, udp = teltonika.over_tcp(elements), teltonika.over_udp(elements)
    allowed = settings.teltonika_networks
    return (
        TrackerPort(tcp, "TELTONIKA_PORT", settings.teltonika_port, allowed),
        TrackerPort(udp, "TELTONIKA_PORT", settings.teltonika_port, allowed),
        TrackerPort(tcp, "TELTONIKA_TLS_PORT", settings.teltonika_tls_port, allowed, is_tls=True),
        TrackerPort(GT06, "GT06_PORT", settings.gt06_port, settings.gt06_networks),
    )
