"""Teltonika's protocol: AVL packets in Codec 8, 8 Extended and 16, over TCP and UDP.

`stream` and `datagram` undo the framing, and `block` is what the two share. `records` finds the
shape of records, `io_elements` reads from `io_elements.toml` what IO elements mean, `model_reader`
has a reader for each shape that a model sends, and `record_reader` makes positions of a shape with
those meanings. All of it is pure.
"""

from functools import partial

from ingest.protocols.datagram import DatagramProtocol
from ingest.protocols.stream import StreamProtocol
from ingest.protocols.teltonika.datagram import decode_datagram
from ingest.protocols.teltonika.io_elements import IoElements
from ingest.protocols.teltonika.stream import LOGIN_REJECTED, TeltonikaStream

FAMILY = "teltonika"
TITLE = "Teltonika"


def over_tcp(elements: IoElements) -> StreamProtocol:
    """Teltonika over TCP, with these meanings of IO elements."""
    return StreamProtocol(FAMILY, TITLE, partial(TeltonikaStream, elements), LOGIN_REJECTED)


def over_udp(elements: IoElements) -> DatagramProtocol:
    """Teltonika over UDP, with these meanings of IO elements."""
    return DatagramProtocol(FAMILY, TITLE, partial(decode_datagram, elements))
