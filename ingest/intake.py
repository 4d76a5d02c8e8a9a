"""The way of one message: who sent it, what is plausible, one commit, one receipt."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from db.connect import NOT_NOW, Pool
from db.statements import statements
from fleet.moments import NO_MOMENT
from fleet.position import Position
from fleet.settings import PREFIX, Settings, SettingsError
from ingest.buffer.stream import BUFFER, Buffer, decode_kept
from ingest.gate.detail import Detail, value_refused
from ingest.gate.jumps import Believed, JumpLimits, jumps
from ingest.gate.plausibility import (
    Limits,
    Sender,
    all_plausible,
    implausible,
    is_place,
    without_impossible,
)
from ingest.gate.receipt import Overloaded, Receipt, away
from ingest.gate.refusal import Reason, Refusal, folded
from ingest.gate.stranger_quota import ROW_BYTES, StrangerBound
from ingest.known_devices import KnownDevices
from ingest.protocols import flespi, osmand, positions
from ingest.protocols.attributes import Attributes
from ingest.protocols.message import FieldError, Message, Unreadable
from ingest.protocols.position_columns import LAT, LON, Columns, Fix
from ingest.protocols.teltonika.datagram import decode_kept_datagram
from ingest.protocols.teltonika.io_elements import ElementError, load_elements
from ingest.protocols.teltonika.stream import decode_stream
from ingest.store.writer import REFUSED_VALUE, PositionWriter
from ingest.watch.metrics import Metrics
from ingest.watch.mishaps import Mishaps, Unexpected
from register.private_time import PrivatePeriod, is_private

SQL = statements("quarantine")
DEVICE_SQL = statements("device")

POSITIONS = "positions"
OSMAND = "osmand"
FLESPI = "flespi"
MQTT = "mqtt"
TELTONIKA_TCP = "teltonika_tcp"
TELTONIKA_UDP = "teltonika_udp"

#: Protocols whose senders name attributes as they like.
_FREE_ATTRIBUTES = frozenset({POSITIONS, MQTT})

#: Reasons that a sender whom nobody knows can cause at will.
_STRANGE = frozenset({Reason.UNKNOWN_DEVICE, Reason.NOT_AUTHORISED})

#: How long a message waits to learn where its device was last.
LAST_FIXES_WAIT_S = 1.0

#: Pieces of one large message that are stored at a time, so that it leaves room for others.
PIECES_TOGETHER = 8

#: Items of a release that are handled in one step.
RELEASE_BATCH = 500


class TooMuch(Overloaded):
    """A stranger sent more than is kept of strangers. Nothing was kept or acknowledged."""


class Store(Protocol):
    """Where telemetry is kept for good: the tables, or the log before them."""

    async def store(
        self,
        positions: Sequence[Position],
        refusals: Sequence[Refusal],
        placed_as: int | None = None,
    ) -> Receipt: ...


class Intake:
    """Takes decoded messages from every protocol to the writer, and quarantine back to it.

    With a buffer, all of it goes there, and the writers of the cluster take it from there.

    Raises:
        SettingsError: the table of Teltonika's elements is wrong.
    """

    def __init__(self, pool: Pool, settings: Settings, buffer: Buffer | None = None) -> None:
        try:
            self.elements = load_elements(settings.teltonika_elements)
        except ElementError as error:
            raise SettingsError(f"{PREFIX}TELTONIKA_ELEMENTS: {error}") from None
        #: How quarantine reads its payloads again, with the time they were received.
        self._decoders: Mapping[str, Callable[[bytes, datetime], Iterable[Message]]] = {
            POSITIONS: lambda payload, _: positions.read(payload),
            MQTT: lambda payload, _: positions.read(payload),
            FLESPI: lambda payload, _: flespi.read(payload),
            OSMAND: lambda payload, received_at: [
                osmand.decode(payload, received_at, self.registry.speed_units)
            ],
            TELTONIKA_TCP: lambda payload, _: [decode_stream(payload, self.elements)],
            TELTONIKA_UDP: lambda payload, _: [decode_kept_datagram(payload, self.elements)],
            BUFFER: lambda payload, _: [decode_kept(payload)],
        }
        self._attributes = Attributes(settings.position_attributes)
        self.metrics = Metrics()
        self.mishaps = Mishaps(self.metrics)
        stale_max_s = 0.0 if buffer is None else settings.register_stale_max_s
        self.registry = KnownDevices(pool, stale_max_s=stale_max_s)
        self.writer = PositionWriter(
            pool,
            self.metrics,
            rows_max=settings.writer_rows_max,
            queue_rows_max=settings.writer_queue_rows_max,
            queue_bytes_max=settings.writer_queue_bytes_max,
            wait_max_s=settings.writer_wait_max_s,
            connections=settings.writer_connections,
            beside_rows=settings.writer_beside_rows,
            beside_s=settings.writer_beside_s,
        )
        self.store: Store = buffer or self.writer
        self._pool = pool
        self._strangers = StrangerBound(
            settings.stranger_bytes_minute, settings.strangers_bytes_minute
        )
        self._believed: dict[str, Believed] = {}
        #: The private periods under which each of these was learned, and whether they were swept.
        self._believed_as: dict[str, tuple[Sequence[PrivatePeriod], bool]] = {}
        self._jump_limits = JumpLimits(
            settings.speed_between_max_kmh, settings.jump_noise_m, settings.jump_confirmations
        )
        self._networks = settings.teltonika_networks
        self._records_max = settings.body_records_max
        self._limits = Limits(
            settings.position_earliest, settings.position_future_max, settings.speed_max_kmh
        )

    async def take(
        self,
        message: Message,
        sender: Sender | None,
        protocol: str,
        *,
        stranger: Callable[[], str] = Detail.NO_KEY.text,
        source: str | None = None,
    ) -> Receipt:
        """Store what may be stored, quarantine the rest, and return when both are committed.

        `stranger` says why a sender may not send for a device, for those who look at it; `source`
        is the address of one that came without a key.

        What fails on an error that nobody foresaw is quarantined with the kind of it.

        Raises:
            TooMuch: it is a stranger's, and no more is kept of those now.
            Overloaded: nothing was acknowledged; the sender is to come back.
        """
        judged = await self._judge(message, sender, protocol, stranger, source)
        return await self._keep(judged, protocol)

    async def take_all(
        self,
        messages: Sequence[Message],
        sender: Sender | None,
        protocol: str,
        *,
        stranger: Callable[[], str] = Detail.NO_KEY.text,
        source: str | None = None,
    ) -> Receipt:
        """The same for the pieces of a large message: a few of them are stored at a time, and none
        of them holds up what others send.

        Raises:
            TooMuch: as for `take`.
            Overloaded: not all of it is stored; what is will be a duplicate when it comes again.
        """
        if len(messages) == 1:
            return await self.take(messages[0], sender, protocol, stranger=stranger, source=source)
        receipt = Receipt(0, 0, 0)
        for start in range(0, len(messages), PIECES_TOGETHER):
            judged: list[_Judged] = []
            for message in messages[start : start + PIECES_TOGETHER]:
                judged.append(await self._judge(message, sender, protocol, stranger, source))
                await asyncio.sleep(0)
            receipt = sum(
                await asyncio.gather(*[self._keep(one, protocol) for one in judged]), receipt
            )
        return receipt

    async def read(self, pieces: Iterable[Message], protocol: str) -> list[Message]:
        """A large message piece by piece; between two of them others have their turn.

        Raises:
            Unreadable: one of them is, or there are more positions than one message may have.
        """
        found: list[Message] = []
        count = 0
        with self.mishaps.contained(protocol):
            for message in pieces:
                if found:
                    await asyncio.sleep(0)
                found.append(message)
                count += len(message.positions)
                if count > self._records_max:
                    many = f"more than {self._records_max:,} positions"
                    raise Unreadable([FieldError(None, "body", many)])
        return found

    async def _judge(
        self,
        message: Message,
        sender: Sender | None,
        protocol: str,
        stranger: Callable[[], str],
        source: str | None,
    ) -> "_Judged":
        """What passes of a message, and what is refused."""
        try:
            with self.mishaps.contained(protocol):
                message = self._possible(self._known(message, protocol), protocol)
                sifted = await self._sift(message, sender, protocol, stranger)
                message, passed, refusals = await self._refuse_jumps(message, sifted, protocol)
        except NOT_NOW as error:
            raise away(error) from None
        except Unexpected as error:
            judged = await self._set_aside(message, sender, protocol, str(error), source)
        else:
            refusals = folded(refusals)
            if refusals:
                now, periods = datetime.now(UTC), sifted.periods

                def hidden(one: Refusal) -> bool:
                    return one.device in periods and (
                        one.ts is None or _may_be_private(one.ts, now, periods[one.device])
                    )

                refusals = self._admitted(source, protocol, refusals, hidden)
            judged = _Judged(message, passed, refusals, sifted.private, sifted.private_as)
        if message.dropped and sender is not None:
            self.metrics.note_dropped(protocol, message.dropped)
        return judged

    async def _keep(self, judged: "_Judged", protocol: str) -> Receipt:
        """Store what was judged."""
        message = judged.message
        try:
            with self.mishaps.contained(protocol):
                receipt, refusals = await self._store(
                    message, judged.passed, judged.refusals, protocol, judged.placed_as
                )
        except Unexpected as error:
            aside = _all_refused(message, judged.passed, protocol, Reason.UNREADABLE, str(error))
            refusals = folded([*judged.refusals, *aside])
            receipt = await self._store_refusals(refusals, protocol)
        counted = self.metrics.counted(protocol)
        counted.received.inc(len(message.positions))
        counted.stored.inc(receipt.stored)
        if receipt.duplicate:
            counted.duplicate.inc(receipt.duplicate)
        if judged.private:
            self.metrics.private.labels(protocol).inc(judged.private)
        for refusal in refusals:
            self.metrics.quarantined.labels(protocol, refusal.reason).inc(refusal.times)
        return receipt

    def _known(self, message: Message, protocol: str) -> Message:
        """The same message without attributes that are on no list, also in what is kept of it.

        The other protocols read only parameters that they know.
        """
        if protocol not in _FREE_ATTRIBUTES or not any(message.positions.attrs):
            return message
        kept, dropped = self._attributes.kept(message.positions)
        if not dropped:
            return message

        def original(index: int) -> bytes:
            return positions.with_attrs(message.original(index), kept.attrs[index])

        return Message(kept, original, message.extremes, dropped, message.left_out)

    async def sender_at(self, address: str, device: str) -> Sender | None:
        """Who a tracker without a key is: the device that it names, from a network allowed for it.

        Raises:
            Overloaded: the register cannot be read now.
        """
        try:
            return await self.registry.sender_at(address, device, self._networks)
        except NOT_NOW as error:
            raise away(error) from None

    async def _store(
        self,
        message: Message,
        indexes: Sequence[int],
        refusals: list[Refusal],
        protocol: str,
        placed_as: int | None,
    ) -> tuple[Receipt, list[Refusal]]:
        """Store these positions of a message, but keep in quarantine what the database refuses.

        Such a value, which the gate let pass, is found by halving, so that the rest is stored.
        """
        positions = message.positions.chosen(indexes)
        try:
            receipt = await self.store.store(positions, refusals, placed_as)
            return await self._keep_differing(message, indexes, receipt, refusals, protocol)
        except REFUSED_VALUE as error:
            if len(indexes) > 1:
                half = len(indexes) // 2
                first, second = indexes[:half], indexes[half:]
                one, kept = await self._store(message, first, refusals, protocol, placed_as)
                other, more = await self._store(message, second, [], protocol, placed_as)
                return one + other, [*kept, *more]
            refused = _all_refused(message, indexes, protocol, Reason.VALUE, value_refused(error))
            kept = folded([*refusals, *refused])
        return await self.store.store([], kept), kept

    async def _keep_differing(
        self,
        message: Message,
        indexes: Sequence[int],
        receipt: Receipt,
        refusals: list[Refusal],
        protocol: str,
    ) -> tuple[Receipt, list[Refusal]]:
        """Keep in quarantine what says something else than is stored for its moment, if any does.

        Where this fails the sender is told to come back: all of it is a repeat then, and what
        differs is found again.
        """
        if not receipt.differing:
            return receipt, refusals
        unlike = set(receipt.differing)
        kept = folded(
            Refusal(
                *(protocol, position.device, Reason.SAME_MOMENT_DIFFERS),
                Detail.SAME_MOMENT.text(ts=position.ts.isoformat()),
                *(message.original(index), position.ts),
            )
            for index, position in zip(indexes, message.positions.chosen(indexes), strict=True)
            if position in unlike
        )
        receipt = Receipt(receipt.stored, receipt.duplicate, receipt.quarantined)
        return receipt + await self.store.store([], kept), [*refusals, *kept]

    async def _store_refusals(self, refusals: Sequence[Refusal], protocol: str) -> Receipt:
        """Keep what was refused; what cannot even be kept, its sender keeps."""
        try:
            with self.mishaps.contained(protocol):
                return await self.store.store([], refusals)
        except Unexpected as error:
            raise Overloaded(str(error)) from None
        except NOT_NOW as error:
            raise away(error) from None

    async def _set_aside(
        self,
        message: Message,
        sender: Sender | None,
        protocol: str,
        detail: str,
        source: str | None,
    ) -> "_Judged":
        """All of a message as refused, but for what may have been driven in private.

        Raises:
            TooMuch: as for `take`.
        """
        devices = message.positions.device
        try:
            _, private = await self.registry.look_up(message.positions.devices)
        except NOT_NOW as error:
            raise away(error) from None
        theirs = {one for one in private if sender is not None and sender.may_send_for(one)}
        kept = [index for index, device in enumerate(devices) if device not in theirs]
        refused = _all_refused(message, kept, protocol, Reason.UNREADABLE, detail)
        refusals = folded(
            one
            if sender is not None and sender.may_send_for(one.device)
            else replace(one, vouched=False)
            for one in refused
        )
        for device in devices:
            if device in theirs:
                self.registry.note_private(device, datetime.now(UTC))
        refusals = self._admitted(source, protocol, refusals, lambda one: one.device in private)
        return _Judged(message, (), refusals, len(devices) - len(kept), None)

    async def keep_unreadable(
        self,
        protocol: str,
        device: str,
        detail: str,
        payload: bytes,
        sender: Sender | None,
        source: str | None = None,
    ) -> None:
        """Keep a message that cannot be read but whose sender will not send it again.

        What has no valid key is a stranger's, also where it names a device that is enrolled.

        That of a vehicle with private periods is only counted: it may have been driven in one. Of a
        stranger's nothing is kept then either, but the vehicle's private positions are not more.

        Raises:
            TooMuch: it is a stranger's, and no more is kept of those now.
            Overloaded: nothing was kept.
        """
        try:
            unknown, private = await self.registry.look_up({device})
        except NOT_NOW as error:
            raise away(error) from None
        vouched = not unknown and sender is not None and sender.may_send_for(device)
        if private and vouched:
            self.registry.note_private(device, datetime.now(UTC))
            self.metrics.private.labels(protocol).inc()
            return
        refusal = Refusal(protocol, device, Reason.UNREADABLE, detail, payload, vouched=vouched)
        refusals = self._admitted(source, protocol, [refusal], lambda _: bool(private))
        await self._store_refusals(refusals, protocol)
        self.metrics.quarantined.labels(protocol, Reason.UNREADABLE).inc()

    def _admitted(
        self,
        source: str | None,
        protocol: str,
        refusals: Sequence[Refusal],
        hidden: Callable[[Refusal], bool],
    ) -> list[Refusal]:
        """What is stored of these refusals: nothing of a stranger's that is `hidden`, who is
        answered as for any other vehicle, and so does not learn that this one is private.

        Raises:
            TooMuch: no more is kept of those that nobody vouches for.
        """
        strange = [one for one in refusals if not one.vouched]
        if source is not None and strange:
            size = sum(len(one.payload) + ROW_BYTES for one in strange)
            if not self._strangers.admits(source, size, time.monotonic()):
                self.metrics.rejected.labels(protocol, "stranger").inc(len(strange))
                raise TooMuch("no more is kept of senders that nobody knows; come back later")
        return [one if one.vouched or not hidden(one) else one.withheld() for one in refusals]

    async def release(
        self, device: str | None, reason: str | None, ids: Sequence[int] | None = None
    ) -> tuple[Receipt, int]:
        """Send what is quarantined of a device, for a reason, or under ids, through the normal path
        again; what is None does not choose.

        Returns the receipt of what passed, and how many items are refused still; those stay, with
        the reason of today.
        """
        await self.registry.refresh()
        stored = duplicate = refused = after = 0
        while rows := await self._pool.fetch(
            SQL["to_release"], device, reason, ids, after, RELEASE_BATCH
        ):
            after = rows[-1]["quarantine_id"]
            placed_as = self.registry.private_as
            passed: list[Position] = []
            read_of: dict[int, list[Position]] = {}
            for row in rows:
                verdict = await self._read_again(
                    row["protocol"], row["payload"], row["received_at"]
                )
                if isinstance(verdict, Refusal):
                    refused += 1
                    await self._pool.execute(
                        SQL["still_refused"], row["quarantine_id"], verdict.reason, verdict.detail
                    )
                else:
                    passed.extend(verdict)
                    read_of[row["quarantine_id"]] = verdict
            # Stored first: a crash in between leaves items whose next release finds duplicates.
            receipt = await self.store.store(passed, [], placed_as)
            unlike = set(receipt.differing)
            for item, read in [*read_of.items()]:
                if differing := [one for one in read if one in unlike]:
                    del read_of[item]
                    refused += 1
                    detail = Detail.SAME_MOMENT.text(ts=differing[0].ts.isoformat())
                    await self._pool.execute(
                        SQL["still_refused"], item, Reason.SAME_MOMENT_DIFFERS, detail
                    )
            await self._pool.execute(SQL["released"], [*read_of])
            stored += receipt.stored
            duplicate += receipt.duplicate
        return Receipt(stored=stored, duplicate=duplicate, quarantined=0), refused

    def _possible(self, message: Message, protocol: str) -> Message:
        """The message without optional values that cannot be true; counts them."""
        dropped = Counter(message.left_out)
        if not all_plausible(message.extremes, self._limits, datetime.now(UTC)):
            positions, more = without_impossible(message.positions, self._limits)
            dropped += more
            message = Message(positions, message.original, None, message.dropped)
        for field, count in dropped.items():
            self.metrics.dropped_values.labels(protocol, field).inc(count)
        return message

    async def _sift(
        self, message: Message, sender: Sender | None, protocol: str, stranger: Callable[[], str]
    ) -> "_Sifted":
        now = datetime.now(UTC)
        positions = message.positions
        devices = positions.devices
        unknown, private = await self.registry.look_up(devices)
        private_as = self.registry.private_as
        self._forget_hidden(private)
        refused: dict[str, tuple[Reason, str]] = {}
        if sender is None or sender.gateway is None:
            for device in devices:
                if sender is None or not sender.may_send_for(device):
                    refused[device] = Reason.NOT_AUTHORISED, stranger()
        for device in unknown:
            refused[device] = Reason.UNKNOWN_DEVICE, Detail.NOT_ENROLLED.text()
        self.registry.note_heard(devices - refused.keys() if refused else devices, protocol)
        limits = self._limits
        if not refused and not private and all_plausible(message.extremes, limits, now):
            return _Sifted(range(len(positions)), [], 0, private, private_as)  # as almost always
        verdicts = [
            refused.get(position.device) or implausible(position, limits, now)
            for position in positions
        ]
        passed: list[int] = []
        refusals: list[Refusal] = []
        for index, (position, found) in enumerate(zip(positions, verdicts, strict=True)):
            device = position.device
            if device in private and device not in refused:
                # Also what is refused is not kept, whatever its own clock says.
                moment = position.ts if found is None else now
                if _may_be_private(position.ts, moment, private[device]):
                    self.registry.note_private(device, moment)
                    continue
            if found is None:
                passed.append(index)
            else:
                reason, detail = found
                # A clock that is wrong does not say when it was driven.
                ts = None if reason is Reason.CLOCK else position.ts
                original, vouched = message.original(index), reason not in _STRANGE
                refusals.append(Refusal(protocol, device, reason, detail, original, ts, vouched))
        dropped = len(positions) - len(passed) - len(refusals)
        return _Sifted(passed, refusals, dropped, private, private_as)

    async def _refuse_jumps(
        self, message: Message, sifted: "_Sifted", protocol: str
    ) -> tuple[Message, Sequence[int], list[Refusal]]:
        """The message with all places known, the indices of what passes still, and all that is
        refused: also what cannot have been driven."""
        passed = sifted.passed
        positions = message.positions.chosen(passed)
        if not self._believed.keys() >= positions.devices:
            await self._learn_last(positions.devices - self._believed.keys())
        if message.extremes is None and 0 in positions.satellites:
            message, passed, fixes = self._put_in_place(message, sifted, protocol)
            positions = message.positions.chosen(fixes)
        else:
            fixes = passed
        wild = jumps(self._believed, positions.device, positions.fixes, self._jump_limits)
        found = {
            fixes[at]: Detail.JUMP.text(km=f"{metres / 1000:.1f}", seconds=f"{abs(seconds):.0f}")
            for at, (metres, seconds) in wild.items()
        }
        if not found:
            return message, passed, sifted.refusals
        return (
            message,
            [index for index in passed if index not in found],
            [
                *sifted.refusals,
                *(
                    Refusal(
                        *(protocol, message.positions.device[index]),
                        *(
                            Reason.JUMP,
                            detail,
                            message.original(index),
                            message.positions.ts[index],
                        ),
                    )
                    for index, detail in found.items()
                ),
            ],
        )

    def _put_in_place(
        self, message: Message, sifted: "_Sifted", protocol: str
    ) -> tuple[Message, Sequence[int], Sequence[int]]:
        """Put what was heard without a fix where its device was believed last, or where it says
        itself that this was; what has neither is counted only, for there is nothing to store.

        Where the tracker of a vehicle with private periods says that it was, it may have been in
        one of them: only what is remembered counts.

        Returns the message, the indices of what is left, and of what has a fix.
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
                self.metrics.without_place.labels(protocol).inc()
                continue
            left.append(index)
        fields = [*positions.fields]
        fields[LAT], fields[LON] = lat, lon
        return Message(Columns(fields), message.original, None, message.dropped), left, fixes

    def _forget_hidden(self, private: Mapping[str, Sequence[PrivatePeriod]]) -> None:
        """Forget where devices were whose private periods are others now, for it may have been in
        one of them. Until they are swept nothing is learned from what is stored either."""
        for device, periods in private.items():
            known_as = periods, device in self.registry.unswept
            if self._believed_as.get(device) != known_as:
                self._believed_as[device] = known_as
                self._believed.pop(device, None)
                if known_as[1]:
                    self._believed[device] = Believed()

    async def _learn_last(self, devices: Set[str]) -> None:
        """Where devices that this process has not heard yet were last; only enrolled ones come
        here, so the register bounds what is remembered.

        Where the database does not say in time, the next fix is believed: a jump that is let in is
        better than a position that is not.
        """
        try:
            rows = await self._pool.fetch(
                DEVICE_SQL["last_fixes"], list(devices), timeout=LAST_FIXES_WAIT_S
            )
        except NOT_NOW:
            rows = []
        last: dict[str, Fix] = {row["device"]: (row["ts"], row["lat"], row["lon"]) for row in rows}
        for device in devices:
            self._believed.setdefault(device, Believed(last.get(device)))

    async def _read_again(
        self, protocol: str, payload: bytes, received_at: datetime
    ) -> list[Position] | Refusal:
        try:
            with self.mishaps.contained(protocol):
                pieces = self._decoders[protocol](payload, received_at)
            messages = await self.read(pieces, protocol)
        except Unreadable as error:
            return Refusal(protocol, "", Reason.UNREADABLE, error.kept, payload)
        # A person releases it, which is authority enough; the device must still be enrolled.
        released_by_hand = Sender(device=None, gateway="release")
        passed: list[Position] = []
        for message in messages:
            known = self._possible(self._known(message, protocol), protocol)
            sifted = await self._sift(known, released_by_hand, protocol, Detail.NO_KEY.text)
            if sifted.refusals:
                return sifted.refusals[0]
            indexes = sifted.passed
            if 0 in known.positions.satellites:
                await self._learn_last(known.positions.devices - self._believed.keys())
                known, indexes, _ = self._put_in_place(known, sifted, protocol)
            passed += [known.positions[index] for index in indexes]
            await asyncio.sleep(0)
        return passed


def _may_be_private(ts: datetime, came: datetime, periods: Sequence[PrivatePeriod]) -> bool:
    """Whether something was driven or came in private; what has no moment may have been driven in
    any of the periods."""
    return ts == NO_MOMENT or is_private(ts, periods) or is_private(came, periods)


@dataclass(frozen=True, slots=True)
class _Judged:
    """A message before it is stored: the indices that passed, what is refused, how many are
    private, and by which revision of the private periods what has no fix was put in a place."""

    message: Message
    passed: Sequence[int]
    refusals: list[Refusal]
    private: int
    placed_as: int | None


def _all_refused(
    message: Message, indexes: Iterable[int], protocol: str, reason: Reason, detail: str
) -> list[Refusal]:
    """These positions of a message as refused, each as it came."""
    devices, moments = message.positions.device, message.positions.ts
    return [
        Refusal(
            *(protocol, devices[index], reason, detail),
            *(message.original(index), moments[index]),
        )
        for index in indexes
    ]


@dataclass(frozen=True, slots=True)
class _Sifted:
    """A message after the gate: the indices that passed, what is refused, how many are private, by
    which private periods and which revision of them."""

    passed: Sequence[int]
    refusals: list[Refusal]
    private: int
    periods: Mapping[str, Sequence[PrivatePeriod]]
    private_as: int
