"""Remembers where each device is believed to be.

By its believed place, a fix of a device that cannot have been driven is refused, and a position
without a fix is put where the device was last.
"""

from collections.abc import Mapping, Sequence, Set

from db.connect import TRY_LATER_ERRORS, Pool
from db.statements import statements
from fleet.saying import Saying
from ingest.gate.detail import RefusalDetail
from ingest.gate.jumps import BelievedFixes, JumpLimits, find_jumps
from ingest.gate.known_devices import KnownDevices
from ingest.gate.plausibility import is_place
from ingest.gate.position_filter import FilteredPositions
from ingest.gate.refusal import Reason, Refusal
from ingest.protocols.message import Message
from ingest.protocols.position_columns import LAT, LON, Fix, PositionColumns
from ingest.watch.metrics import Metrics
from register.private_time import PrivatePeriod

SQL = statements("device")

#: Seconds that a message waits for the database to say where its device was last.
LAST_FIXES_WAIT_S = 1.0


class BelievedPlaces:
    """Remembers the last believed fix of each device. Only enrolled devices come here, so the
    register bounds how many there are."""

    def __init__(
        self, pool: Pool, known: KnownDevices, metrics: Metrics, limits: JumpLimits
    ) -> None:
        self._pool = pool
        self._known = known
        self._metrics = metrics
        self._limits = limits
        self._believed: dict[str, BelievedFixes] = {}
        #: The private periods under which each place was learned, and whether they were swept.
        self._learned_under: dict[str, tuple[Sequence[PrivatePeriod], bool]] = {}

    def forget_private_places(self, private: Mapping[str, Sequence[PrivatePeriod]]) -> None:
        """Forget the places of devices whose private periods have changed, for a device may have
        been there in one of them. Until the periods are swept, nothing is learned from the stored
        positions either."""
        for device, periods in private.items():
            learned_under = periods, device in self._known.unswept
            if self._learned_under.get(device) != learned_under:
                self._learned_under[device] = learned_under
                self._believed.pop(device, None)
                if learned_under[1]:
                    self._believed[device] = BelievedFixes()

    async def refuse_jumps(
        self, message: Message, filtered: FilteredPositions, protocol: str
    ) -> tuple[Message, Sequence[int], list[Refusal]]:
        """Put positions without a fix in a place, and refuse fixes that cannot have been driven.

        Returns:
            The message with all places known, the indices of what passes still, and all that is
            refused.
        """
        passed = filtered.passed
        positions = message.positions.chosen(passed)
        if not self._believed.keys() >= positions.devices:
            await self._learn_last(positions.devices)
        if message.extremes is None and 0 in positions.satellites:
            message, passed, fixes = self._put_in_place(message, filtered, protocol)
            positions = message.positions.chosen(fixes)
        else:
            fixes = passed
        wild = find_jumps(self._believed, positions.device, positions.fixes, self._limits)
        if not wild:
            return message, passed, filtered.refusals
        sent = message.positions
        refusals = [*filtered.refusals]
        for at, (metres, seconds) in wild.items():
            index = fixes[at]
            values = {"km": round(metres / 1000, 1), "seconds": round(abs(seconds))}
            detail = Saying(RefusalDetail.JUMP, values)
            refusals.append(
                Refusal(
                    *(protocol, sent.device[index], Reason.JUMP, detail),
                    *(message.original(index), sent.ts[index]),
                )
            )
        refused = {fixes[at] for at in wild}
        return message, [index for index in passed if index not in refused], refusals

    async def put_in_place(
        self, message: Message, filtered: FilteredPositions, protocol: str
    ) -> tuple[Message, Sequence[int]]:
        """Put positions without a fix in a place. Fixes stay as they are, for no jump is refused.

        Returns:
            The message with all places known, and the indices of what can be stored.
        """
        if 0 not in message.positions.satellites:
            return message, filtered.passed
        # A position that was stored meanwhile may tell a place that was not known before.
        for device in message.positions.devices - filtered.periods.keys():
            if device in self._believed and self._believed[device].last is None:
                del self._believed[device]
        if not self._believed.keys() >= message.positions.devices:
            await self._learn_last(message.positions.devices)
        message, passed, _ = self._put_in_place(message, filtered, protocol)
        return message, passed

    def _put_in_place(
        self, message: Message, filtered: FilteredPositions, protocol: str
    ) -> tuple[Message, Sequence[int], Sequence[int]]:
        """Put each position without a fix where its device was believed to be last, or else where
        the position itself says. One with neither place is only counted: there is nothing to store.

        The tracker of a vehicle with private periods may state a place from one of them, so for
        such a vehicle only the remembered place counts.

        Returns:
            The message, the indices of the positions with a place, and of those with a fix.
        """
        positions = message.positions
        lat, lon = [*positions.lat], [*positions.lon]
        last = {
            device: self._believed[device].last
            for device in positions.devices & self._believed.keys()
        }
        left: list[int] = []
        fixes: list[int] = []
        for index in filtered.passed:
            device, ts = positions.device[index], positions.ts[index]
            known = last.get(device)
            if positions.satellites[index] != 0:
                fixes.append(index)
                if known is None or known[0] < ts:
                    last[device] = ts, lat[index], lon[index]
            elif known is not None and known[0] <= ts:
                _, lat[index], lon[index] = known
            elif device in filtered.periods or not is_place(lat[index], lon[index]):
                self._metrics.without_place.labels(protocol).inc()
                continue
            left.append(index)
        fields = [*positions.fields]
        fields[LAT], fields[LON] = lat, lon
        return (
            Message(PositionColumns(fields), message.original, None, message.dropped),
            left,
            fixes,
        )

    async def _learn_last(self, devices: Set[str]) -> None:
        """Read the last place of devices that this process has not heard yet.

        Where the database does not answer in time, the next fix is believed: it is better to let a
        jump in than to keep a position out.
        """
        unheard = devices - self._believed.keys()
        try:
            rows = await self._pool.fetch(
                SQL["last_fixes"], list(unheard), timeout=LAST_FIXES_WAIT_S
            )
        except TRY_LATER_ERRORS:
            rows = []
        last: dict[str, Fix] = {row["device"]: (row["ts"], row["lat"], row["lon"]) for row in rows}
        for device in unheard:
            self._believed.setdefault(device, BelievedFixes(last.get(device)))
