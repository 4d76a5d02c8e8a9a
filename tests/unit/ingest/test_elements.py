"""Teltonika's IO elements: what each means is data, and a model may mean another thing."""

from pathlib import Path

import orjson
import pytest

from ingest.protocols.teltonika.block import message_of
from ingest.protocols.teltonika.io_elements import FIELDS, IoElementError, IoElements, load_elements
from tests.unit.ingest.teltonika_encoder import CODEC_8_EXTENDED, IMEI, Sent, block, frame

GENERIC = load_elements()
OTHER = "860000001234567"


def read(
    io: dict[int, int | bytes], elements: IoElements = GENERIC, imei: str = IMEI
) -> tuple[dict[str, object], dict[str, object]]:
    """The fields and the attributes that elements say, whatever fixes say left out."""
    numbers = {number: raw for number, raw in io.items() if isinstance(raw, int)}
    texts = {number: raw for number, raw in io.items() if isinstance(raw, bytes)}
    body = block(CODEC_8_EXTENDED, [Sent(io=({}, {}, numbers, {}), variable=texts)])
    message = message_of(imei, body, elements.reader(imei).runs(body), frame)
    fields = {name: getattr(message.positions[0], name) for name in FIELDS}
    attrs = orjson.loads(message.positions[0].attrs or b"{}")
    return {name: value for name, value in fields.items() if value is not None}, attrs


@pytest.mark.parametrize(
    ("io", "field", "value"),
    [
        ({239: 1}, "ignition", True),
        ({239: 0}, "ignition", False),
        ({66: 24_079}, "battery_v", 24.079),
        ({16: 22_949_000}, "odometer_km", 22_949),
        ({87: 5_000, 16: 7_000}, "odometer_km", 5),
        ({16: 7_000, 87: 5_000}, "odometer_km", 5),
        ({87: 0, 16: 7_000}, "odometer_km", 7),
        ({102: 90}, "engine_hours_h", 1.5),
        ({449: 5_400}, "engine_hours_h", 1.5),
        ({89: 55}, "fuel_pct", 55),
        ({89: 255, 48: 40}, "fuel_pct", 40),
        ({411: 80, 152: 79}, "soc_pct", 80),
        ({410: 1}, "charging", True),
    ],
)
def test_an_element_fills_its_field_in_our_unit(
    io: dict[int, int | bytes], field: str, value: object
) -> None:
    fields, _ = read(io)
    assert fields == {field: value}


def test_what_has_no_meaning_or_a_better_source_is_kept_under_its_number() -> None:
    io: dict[int, int | bytes] = {256: b"\x11\x21", 87: 5_000, 16: 7_000, 89: 255}
    assert read(io)[1] == {"io_256": "1121", "io_16": 7_000, "io_89": 255}


def test_what_has_no_row_is_dropped_counted_and_blanked_in_what_is_kept() -> None:
    record = Sent(io=({}, {}, {21: 0x0A0B0C0D, 16: 7_000}, {}), variable={385: b"a name"})
    body = block(CODEC_8_EXTENDED, [record] * 3)
    message = message_of(IMEI, body, GENERIC.reader(IMEI).runs(body), frame)
    assert message.positions[0].attrs is None
    assert message.dropped == {"io_21": 3, "io_385": 3}
    assert b"a name" not in message.original(0)
    assert bytes.fromhex("0a0b0c0d") not in message.original(0)


def test_the_trackers_own_battery_is_not_the_vehicles() -> None:
    fields, attrs = read({113: 90, 67: 4_100})
    assert fields == {}
    assert attrs == {"tracker_battery_pct": 90, "tracker_battery_v": 4.1}


def test_a_model_replaces_rows_of_the_same_field_and_of_the_same_id(tmp_path: Path) -> None:
    own = tmp_path / "elements.toml"
    own.write_text(
        """
        source = "a test"
        never_stored = [{ id = 500, comment = "a card" }]
        [[models]]
        name = "another"
        imei_prefixes = ["86000000"]
        elements = [
            { id = 216, field = "odometer_km", divisor = 1000, comment = "m" },
            { id = 66, field = "attrs.pressure", comment = "another thing" },
        ]
        """
    )
    elements = load_elements(own)
    io: dict[int, int | bytes] = {216: 9_000, 16: 7_000, 66: 12, 239: 1, 500: 1, 78: 1}
    fields, attrs = read(io, elements, OTHER)
    assert fields == {"odometer_km": 9, "ignition": True}
    assert attrs == {"pressure": 12, "io_16": 7_000}
    assert read(io, elements)[0]["odometer_km"] == 7


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source = 1", "source: "),
        ("source = ''\ngeneric = [{ id = 1, field = 'speed', comment = '' }]", "generic.0.field: "),
        ("source = ''\ngeneric = [{ id = -1, field = 'soc_pct', comment = '' }]", "generic.0.id: "),
        ("source = = 1", "Invalid"),
    ],
)
def test_a_wrong_table_is_named_with_the_place(tmp_path: Path, text: str, message: str) -> None:
    own = tmp_path / "elements.toml"
    own.write_text(text)
    with pytest.raises(IoElementError, match=message) as caught:
        load_elements(own)
    assert str(own) in str(caught.value)


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(IoElementError, match="No such file"):
        load_elements(tmp_path / "none.toml")
