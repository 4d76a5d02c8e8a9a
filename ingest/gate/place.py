"""Placing: where each device is believed to be.

By that a fix that cannot have been driven is refused, and a position without a fix is put where its
device was last.
"""

from collections.abc import Mapping, Sequence, Set

from db.connect import NOT_NOW, Pool
from db.statements import statements
from fleet.saying import Saying
from ingest.gate.detail import Detail
from ingest.gate.jumps import Believed, JumpLimits, jumps
from ingest.gate.known_devices import KnownDevices
from ingest.gate.plausibility import is_place
from ingest.gate.refusal import Reason, Refusal
from ingest.gate.sift import Sifted
from ingest.protocols.message import Message
from ingest.protocols.position_columns import LAT, LON, Columns, Fix
from ingest.watch.metrics import Metrics
from register.private_time import PrivatePeriod

SQL = statements("device")

#: How long a message waits to learn where its device was last.
LAST_FIXES_WAIT_S = 1.0


class Places:
    """Remembers the last fix believed of each device. Only enrolled devices come here, so that the
    register bounds what is remembered."""

    def __init__(
        self, pool: Pool, known: KnownDevices, metrics: Metrics, limits: JumpLimits
    ) -> None:
        self._pool = pool
        self._known = known
        self._metrics = metrics
        self._limits = limits
        self._believed: dict[str, Believed] = {}
        #: The private periods under which each of these was learned, and whether they were swept.
        self._believed_as: dict[str, tuple[Sequence[PrivatePeriod], bool]] = {}

    def forget_hidden(self, private: Mapping[str, Sequence[PrivatePeriod]]) -> None:
        """Forget where devices were whose private periods are others now, for a device may have
        been there in one of them. Until the periods are swept nothing is learned from what is
        stored either."""
        for device, periods in private.items():
            known_as = periods, device in self._known.unswept
            if self._believed_as.get(device) != known_as:
                self._believed_as[device] = known_as
                self._believed.pop(device, None)
                if known_as[1]:
                    self._believed[device] = Believed()

    async def refuse_jumps(
        self, message: Message, sifted: Sifted, protocol: str
    ) -> tuple[Message, Sequence[int], list[Refusal]]:
        """Put what has no fix in a place, and refuse what cannot have been driven.

        Returns:
            The message with all places known, the indices of what passes still, and all that is
            refused.
        """
        passed = sifted.passed
        positions = message.positions.chosen(passed)
        if not self._believed.keys() >= positions.devices:
            await self._learn_last(positions.devices)
        if message.extremes is None and 0 in positions.satellites:
            message, passed, fixes = self._put_in_place(message, sifted, protocol)
            positions = message.positions.chosen(fixes)
        else:
            fixes = passed
        wild = jumps(self._believed, positions.device, positions.fixes, self._limits)
        if not wild:
            return message, passed, sifted.refusals
        sent = message.positions
        refusals = [*sifted.refusals]
        for at, (metres, seconds) in wild.items():
            index = fixes[at]
            values = {"km": round(metres / 1000, 1), "seconds": round(abs(seconds))}
            detail = Saying(Detail.JUMP, values)
            refusals.append(
                Refusal(
                    *(protocol, sent.device[index], Reason.JUMP, detail),
                    *(message.original(index), sent.ts[index]),
                )
            )
        refused = {fixes[at] for at in wild}
        return message, [index for index in passed if index not in refused], refusals

    async def put_in_place(
        self, message: Message, sifted: Sifted, protocol: str
    ) -> tuple[Message, Sequence[int]]:
        """Put what has no fix in a place, and believe every fix.

        Returns:
            The message with all places known, and the indices of what can be stored.
        """
        if 0 not in message.positions.satellites:
            return message, sifted.passed
        if not self._believed.keys() >= message.positions.devices:
            await self._learn_last(message.positions.devices)
        message, passed, _ = self._put_in_place(message, sifted, protocol)
        return message, passed

    def _put_in_place(
        self, message: Message, sifted: Sifted, protocol: str
    ) -> tuple[Message, Sequence[int], Sequence[int]]:
        """Put what was heard without a fix where its device was believed last, or where it says
        itself that this was. What has neither place is counted only, for there is nothing to store.

        Where the tracker of a vehicle with private periods says that it was, it may have been in
        one of them: only what is remembered counts.

        Returns:
            The message, the indices of what is left, and those of what has a fix.
        """
        positions = message.positions
        lat, lon = [*positions.lat], [*positions.lon]
        last = {
            device: self._believed[device].last
            for device in positions.devices & self._believed.keys()
        }
        left: list[int] = []
        fixes: list[int] = []
        for index in sifted.passed:
            device, ts = positions.device[index], positions.ts[index]
            known = last.get(device)
            if positions.satellites[index] != 0:
                fixes.append(index)
                if known is None or known[0] < ts:
                    last[device] = ts, lat[index], lon[index]
            elif known is not None and known[0] <= ts:
                _, lat[index], lon[index] = known
            elif device in sifted.periods or not is_place(lat[index], lon[index]):
                self._metrics.without_place.labels(protocol).inc()
                continue
            left.append(index)
        fields = [*positions.fields]
        fields[LAT], fields[LON] = lat, lon
        return Message(Columns(fields), message.original, None, message.dropped), left, fixes

    async def _learn_last(self, devices: Set[str]) -> None:
        """Read where devices that this process has not heard yet were last.

        Where the database does not say in time, the next fix is believed: a jump that is let in is
        better than a position that is not.
        """
        unheard = devices - self._believed.keys()
        try:
            rows = await self._pool.fetch(
                SQL["last_fixes"], list(unheard), timeout=LAST_FIXES_WAIT_S
            )
        except NOT_NOW:
            rows = []
        last: dict[str, Fix] = {row["device"]: (row["ts"], row["lat"], row["lon"]) for row in rows}
        for device in unheard:
            self._believed.setdefault(device, Believed(last.get(device)))
