"""A plain reading of Teltonika's records, written from the format and not from our decoder: one
value at a time, and for each record anew what its elements mean."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.protocols import teltonika

TABLE: dict[str, Any] = tomllib.loads(
    (Path(teltonika.__file__).parent / "io_elements.toml").read_text(encoding="utf-8")
)
KNOWN = {row["id"] for row in TABLE["generic"]}
NEVER = {row["id"] for row in TABLE["never_stored"]}
LAST_MS = 253_402_300_799_999


class Reading:
    """Bytes, taken from the front."""

    def __init__(self, data: bytes) -> None:
        self.left = data

    def take(self, size: int) -> bytes:
        taken, self.left = self.left[:size], self.left[size:]
        assert len(taken) == size
        return taken

    def number(self, size: int, *, signed: bool = False) -> int:
        return int.from_bytes(self.take(size), signed=signed)


def records(block: bytes) -> list[dict[str, Any]]:
    """The records of a block, as `teltonika_frames.jsonl` has them."""
    return [record for record, _ in _records(block)]


def positions(block: bytes) -> list[dict[str, Any]]:
    """What is to be stored of each record, by field; `attrs` as an object, and only what is there.

    Records of one moment are not made one.
    """
    return [_position(record, sizes) for record, sizes in _records(block)]


def _records(block: bytes) -> list[tuple[dict[str, Any], dict[int, int]]]:
    reading = Reading(block)
    codec, count = reading.number(1), reading.number(1)
    found = [_record(reading, codec) for _ in range(count)]
    assert reading.left == bytes([count])
    return found


def _record(reading: Reading, codec: int) -> tuple[dict[str, Any], dict[int, int]]:
    """A record, and the bytes of each element's value."""
    number = reading.number
    found: dict[str, Any] = {
        "timestamp_ms": number(8),
        "priority": number(1),
        "lon": number(4, signed=True) / 1e7,
        "lat": number(4, signed=True) / 1e7,
        "altitude_m": number(2, signed=True),
        "course_deg": number(2),
        "satellites": number(1),
        "speed_kmh": number(2),
        "event_io": number(1 if codec == 0x08 else 2),
    }
    if codec == 0x10:
        found["generation_type"] = number(1)
    id_bytes = 1 if codec == 0x08 else 2
    count_bytes = 2 if codec == 0x8E else 1
    total = found["io_total"] = number(count_bytes)
    io: dict[int, int | str] = {}
    sizes: dict[int, int] = {}
    there = 0
    for size in (1, 2, 4, 8):
        for _ in range(number(count_bytes)):
            element = number(id_bytes)
            io[element], sizes[element] = number(size), size
            there += 1
    if codec == 0x8E:
        for _ in range(number(2)):
            element = number(2)
            sizes[element] = number(2)
            io[element] = reading.take(sizes[element]).hex()
            there += 1
    elif there < total:
        for _ in range(number(1)):
            element = number(id_bytes)
            io[element], sizes[element] = reading.take(16).hex(), 16
            there += 1
    assert there == total
    found["io"] = {str(element): value for element, value in io.items()}
    return found, sizes


def _position(record: dict[str, Any], sizes: dict[int, int]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "ts": datetime.fromtimestamp(min(record["timestamp_ms"], LAST_MS) / 1000, UTC),
        "lat": record["lat"],
        "lon": record["lon"],
        "speed_kmh": record["speed_kmh"],
        "heading_deg": record["course_deg"],
        "altitude_m": record["altitude_m"],
        "satellites": record["satellites"],
    }
    io = {int(number): value for number, value in record["io"].items()}
    said: dict[str, Any] = {}
    for row in TABLE["generic"]:
        value = None if row["id"] not in io else _meaning(row, io[row["id"]], sizes[row["id"]])
        if value is not None and row["field"] not in said:
            said[row["field"]] = value
            del io[row["id"]]
    attrs: dict[str, Any] = {f"io_{i}": raw for i, raw in io.items() if i in KNOWN}
    for name, value in said.items():
        if name.startswith("attrs."):
            attrs[name.removeprefix("attrs.")] = value
        else:
            fields[name] = value
    return {**fields, "attrs": attrs} if attrs else fields


def _meaning(row: dict[str, Any], raw: int | str, size: int) -> object:
    if row.get("bytes", size) != size:
        return None
    if row.get("kind") == "text":
        if isinstance(raw, int):
            return None
        text = bytes.fromhex(raw).decode("ascii", errors="replace").strip("\0 ")
        return text if text.isascii() and text.isprintable() and text else None
    if isinstance(raw, str) or not row.get("lowest", 0) <= raw <= row.get("highest", 2**64):
        return None
    if size > 1 and raw == 256**size - 1:
        return None
    if row.get("kind") == "flag":
        return raw != 0
    # What is not divided is kept to the last digit, which a float of 8 bytes would lose.
    return raw / row["divisor"] if "divisor" in row else raw
