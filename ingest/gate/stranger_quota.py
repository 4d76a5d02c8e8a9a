"""Bounds the bytes that quarantine keeps of strangers, so that none of them can fill the disk.

A stranger is a sender without a key whose device is not enrolled or may not send from there.
Telemetry beyond the quota is not kept and not acknowledged, so that a tracker that is to be
enrolled keeps it.
"""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

from ingest.gate.receipt import Overloaded

#: The bytes that a row of quarantine takes beside its payload.
ITEM_OVERHEAD_BYTES = 300

#: The prefix of an IPv6 network that one household or company has to itself at least.
_IPV6_PREFIX = 64

#: Sources that have a quota of their own at a time; beyond that only the bound on all of them
#: holds.
SOURCES_MAX = 10_000

_WINDOW_S = 60.0
#: The least seconds between two rounds of forgetting sources that sent nothing for a minute.
_SWEEP_S = 10.0


@lru_cache(maxsize=SOURCES_MAX)
def source_of(address: str) -> str:
    """The source behind an address, as far as the address tells: an IPv4 address, or a network of
    IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if ip.version == 4:
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, _IPV6_PREFIX), strict=False))


class StrangerQuotaExceeded(Overloaded):
    """A stranger sent more than the quota. Nothing was kept or acknowledged."""


@dataclass(slots=True)
class _Bucket:
    """Bytes that may still be kept, refilled as time passes."""

    left: float
    at_s: float

    def refill(self, size: float, now_s: float) -> None:
        self.left = min(size, self.left + size * (now_s - self.at_s) / _WINDOW_S)
        self.at_s = now_s


class StrangerQuota:
    """Bounds the bytes a minute from each source, and from all of them together."""

    def __init__(self, source_bytes: int, all_bytes: int) -> None:
        self._source_bytes = source_bytes
        self._all_bytes = all_bytes
        self._sources: dict[str, _Bucket] = {}
        self._all = _Bucket(all_bytes, 0.0)
        self._swept_s = float("-inf")

    def admits(self, source: str, size: int, now_s: float) -> bool:
        """Whether `size` bytes more may be kept of `source`; `now_s` is a clock that only rises."""
        self._all.refill(self._all_bytes, now_s)
        bucket = self._bucket(source, now_s)
        if size > self._all.left or (bucket is not None and size > bucket.left):
            return False
        self._all.left -= size
        if bucket is not None:
            bucket.left -= size
        return True

    def _bucket(self, source: str, now_s: float) -> _Bucket | None:
        bucket = self._sources.get(source)
        if bucket is None:
            if len(self._sources) >= SOURCES_MAX and now_s - self._swept_s >= _SWEEP_S:
                self._swept_s = now_s
                idle = now_s - _WINDOW_S
                self._sources = {s: b for s, b in self._sources.items() if b.at_s > idle}
            if len(self._sources) >= SOURCES_MAX:
                return None
            bucket = self._sources[source] = _Bucket(self._source_bytes, now_s)
        bucket.refill(self._source_bytes, now_s)
        return bucket
