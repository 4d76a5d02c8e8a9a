"""The arithmetic of how often somebody may try to sign in. It knows neither clock nor database.

An allowance is a bucket of attempts that refills steadily. Its whole state is the moment at which
it is full again, so that an allowance that nobody used for a while needs no row anywhere. It never
closes: whoever it stops waits `every_s` seconds at most for the next attempt, or twice as long
where the clock was set back.

Names and network addresses are attempted by strangers, who can invent as many as they like.
They share a fixed number of buckets (`slot_of`), so that a table of them cannot be filled. Names
of accounts and invented names are counted alike: how soon an attempt is stopped does not tell
whether an account exists.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from math import ceil

from fleet.errors import ExpectedError

#: The number of buckets that names share, and that addresses share.
SLOTS = 2**16

#: A customer of an internet provider usually has at least so many bits of IPv6 addresses.
_OWN_IPV6_PREFIX = 64


class TooManyAttemptsError(ExpectedError, RuntimeError):
    """A password is not looked at before `wait_s` seconds have gone: too many attempts failed, or
    too many people come at the same moment."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = max(1, ceil(wait_s))
        super().__init__(f"too many attempts: wait {self.wait_s} s")


@dataclass(frozen=True, slots=True)
class Allowance:
    """So many `attempts` in a row, and one more each `every_s` seconds."""

    attempts: int
    every_s: float

    @property
    def _every(self) -> timedelta:
        return timedelta(seconds=self.every_s)

    def _backlog(self, full_at: datetime | None, now: datetime) -> timedelta:
        """The time until the bucket is full; None is a bucket that is full.

        A moment further away than an empty bucket takes, and a pause more, is one of a clock that
        was wrong or of settings that have changed. It tells nothing, and would keep people out.
        """
        backlog = timedelta(0) if full_at is None else max(full_at - now, timedelta(0))
        return backlog if backlog <= (self.attempts + 1) * self._every else timedelta(0)

    def wait_s(self, full_at: datetime | None, now: datetime) -> float:
        """The seconds until an attempt is allowed; 0 when one is allowed now."""
        free_from = (self.attempts - 1) * self._every
        return max(self._backlog(full_at, now) - free_from, timedelta(0)).total_seconds()

    def after_attempt(self, full_at: datetime | None, now: datetime) -> datetime:
        """The moment at which the bucket is full again, after one attempt now."""
        return now + self._backlog(full_at, now) + self._every

    def after_success(self, full_at: datetime | None, now: datetime) -> datetime:
        """The same moment after an attempt that is given back, for it was none of a stranger."""
        return now + max(self._backlog(full_at, now) - self._every, timedelta(0))


def slot_of(text: str) -> int:
    """The bucket of a name or a network, one of `SLOTS`."""
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).digest()
    return int.from_bytes(digest[:8]) % SLOTS


def network_of(source: str) -> str:
    """The network that stands for an address: one IPv4 address, or the block of IPv6 addresses
    that one customer has. What is no address, as of a local socket, is one place without a name."""
    try:
        address = ip_address(source.partition("%")[0])
    except ValueError:
        return ""
    match address:
        case IPv6Address(ipv4_mapped=IPv4Address() as mapped):
            return str(mapped)
        case IPv6Address():
            return str(ip_network((address, _OWN_IPV6_PREFIX), strict=False))
        case _:
            return str(address)
