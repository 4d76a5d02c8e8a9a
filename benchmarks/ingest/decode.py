"""Teltonika decoding alone, on one core: `python -m benchmarks.ingest.decode [rounds]`.

The decoder turns packets of 10 to 25 records with 12 IO elements each into columns of positions.
The peer only reads the same bytes with one `struct` per record, which is the least that Python can
do. Times are processor time, the median of `rounds` (default 7).
"""

import statistics
import struct
import sys
import time
from collections.abc import Callable

from fastcrc import crc16

from ingest.protocols.stream import Packet
from ingest.protocols.teltonika.io_elements import load_elements
from ingest.protocols.teltonika.stream import TeltonikaStream
from tests.unit.ingest.teltonika_encoder import (
    CODEC_8,
    CODEC_8_EXTENDED,
    CODEC_16,
    IMEI,
    block,
    driving,
    frame,
    login,
)

PACKETS = 400


def main(rounds: int) -> None:
    elements = load_elements()
    reader = elements.reader(IMEI)
    print(f"{'codec':>6s} {'records/s':>12s} {'of struct':>10s}  checksum, shapes, positions")
    for codec in (CODEC_8, CODEC_8_EXTENDED, CODEC_16):
        blocks = [block(codec, driving(10 + n % 16, start=25 * n)) for n in range(PACKETS)]
        frames = [frame(one) for one in blocks]
        count = sum(one[1] for one in blocks)
        size = (len(blocks[0]) - 3) // blocks[0][1]
        layout = struct.Struct(f">QBiihHBH{size - 24}B")

        def whole(frames: list[bytes] = frames) -> None:
            stream = TeltonikaStream(elements, 65_536)
            stream.feed(login())
            for one in frames:
                [packet] = stream.feed(one)
                assert isinstance(packet, Packet)

        def least(blocks: list[bytes] = blocks, layout: struct.Struct = layout) -> None:
            for one in blocks:
                for _ in layout.iter_unpack(one[2:-1]):
                    pass

        def checksums(blocks: list[bytes] = blocks) -> None:
            for one in blocks:
                crc16.arc(one)

        def shapes(blocks: list[bytes] = blocks) -> None:
            for one in blocks:
                reader.runs(one)

        total = _median(whole, rounds)
        shares = [_median(part, rounds) / total for part in (checksums, shapes)]
        parts = ", ".join(f"{share:.0%}" for share in (*shares, 1 - sum(shares)))
        of_least = _median(least, rounds) / total
        print(f"{codec:#6x} {count / total:12,.0f} {of_least:10.3f}  {parts}")


def _median(work: Callable[[], None], rounds: int) -> float:
    taken: list[float] = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        taken.append(time.process_time() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
