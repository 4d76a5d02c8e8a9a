"""The sender of a message: the device or gateway that its key, or its address, belongs to."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from fleet.settings import Network

#: The addresses that the parser remembers at most, for senders come again and again.
_ADDRESSES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Sender:
    """The owner of a key: one device, or a gateway that may send for every enrolled device."""

    device: str | None
    gateway: str | None

    def may_send_for(self, device: str) -> bool:
        return self.gateway is not None or self.device == device


def sender_by_address(address: str, device: str, networks: Sequence[Network]) -> Sender | None:
    """The sender behind a tracker without a key: the device that it names, if it sends from an
    allowed network."""
    ip = _ip(address)
    return Sender(device, None) if any(ip in network for network in networks) else None


def plain_address(address: str) -> str:
    """An address as people write it: an IPv4 address that came in a form of IPv6 is IPv4 again."""
    return str(_ip(address)) if ":" in address else address


@lru_cache(maxsize=_ADDRESSES_MAX)
def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    ip = ipaddress.ip_address(address.partition("%")[0])
    return getattr(ip, "ipv4_mapped", None) or ip
