"""Large bodies in pieces: the same is read as in one step, and no step is long."""

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.protocols import osmand, positions
from ingest.protocols.json_pieces import DEPTH_MAX, ELEMENT_MAX_BYTES, PIECE_BYTES
from ingest.protocols.message import Message, join_messages
from ingest.protocols.unreadable import Unreadable
from tests.unit.ingest.fuzzing import HOSTILE, READERS

GOOD: dict[str, Any] = {"device": "d1", "ts": "2026-11-20T10:00:00Z", "lat": 55.77, "lon": 12.5}

TEXT = st.text(alphabet='a"\\[]{},\n é', max_size=8)
NESTED = st.recursive(
    TEXT | st.integers(-9, 9) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT.filter(bool), inner, max_size=3)
    ),
    max_leaves=6,
)


def larger(elements: list[bytes]) -> list[bytes]:
    """As many of them, over and over, as take several pieces."""
    times = 3 * PIECE_BYTES // sum(map(len, elements)) + 1
    return elements * times


@settings(max_examples=30)
@given(
    st.lists(st.dictionaries(TEXT.filter(bool), NESTED, max_size=3), min_size=1, max_size=5),
    st.sampled_from([b",", b" ,\n\t"]),
)
def test_an_array_in_pieces_is_the_same_as_in_one_step(
    attrs: list[dict[str, Any]], comma: bytes
) -> None:
    body = b" [ %b ]\n" % comma.join(
        larger([orjson.dumps({**GOOD, "attrs": one}) for one in attrs])
    )
    whole = positions.decode(body)
    pieces = list(positions.read(body))
    assert len(pieces) > 1
    read = join_messages(pieces)
    assert read.positions == whole.positions
    last = len(whole.positions) - 1
    assert read.original(last) == whole.original(last)


def test_lines_in_pieces_are_the_same_as_in_one_step() -> None:
    body = b"\n".join(
        orjson.dumps({**GOOD, "ts": 1_795_000_000 + number}) for number in range(3_000)
    )
    pieces = list(positions.read_lines(body))
    assert len(pieces) > 1
    assert join_messages(pieces).positions == positions.decode_lines(body).positions


ONE = orjson.dumps(GOOD)
MANY = b",".join(larger([ONE]))


@pytest.mark.parametrize(
    "body",
    [
        b"[" + MANY + b",]",
        b"[" + MANY + b", ]",
        b"[" + MANY,
        b"[" + MANY + b"]]",
        b"[" + MANY + b"] 1",
        b"[" + MANY + b"}",
        b"[" + ONE[:-1] + b"]," + MANY + b"]",
        b"[" + MANY + b"," + ONE[:-1] + b"]]",
        b"[" + MANY + b",," + ONE + b"]",
        b"[" + MANY + ONE + b"]",
        b"[," + MANY + b"]",
        b"[" + MANY + b',{"device":"d1}]',
        b"[" + MANY + b",{\xff}]",
        b"[" + b" ," * 2 * PIECE_BYTES + MANY + b"]",
    ],
)
def test_what_is_no_json_as_a_whole_is_none_in_pieces(body: bytes) -> None:
    with pytest.raises(Unreadable):
        list(positions.read(body))


def test_a_mistake_has_the_number_that_it_has_in_the_whole_body() -> None:
    ones = larger([ONE])
    ones[-2] = b'{"device":"d1"}'
    index = len(ones) - 2
    for read, body in (
        (positions.read, b"[" + b",".join(ones) + b"]"),
        (positions.read_lines, b"\n".join(ones)),
    ):
        with pytest.raises(Unreadable) as error:
            list(read(body))
        assert {(one.index, one.field) for one in error.value.errors} == {
            *((index, "ts"), (index, "lat"), (index, "lon"))
        }


def nested(depth: int) -> bytes:
    """A position whose attributes have so many levels."""
    return ONE[:-1] + b',"attrs":{"a":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}}"


@pytest.mark.parametrize("read", [positions.read, positions.read_lines])
def test_attributes_may_be_nested_so_deep_and_no_deeper(
    read: Callable[[bytes], Iterator[Message]],
) -> None:
    [message] = read(nested(DEPTH_MAX - 1))
    assert len(message.positions) == 1
    for depth in (DEPTH_MAX, 250, 900, 3_000, 30_000):
        with pytest.raises(Unreadable):
            list(read(nested(depth)))


def test_a_large_body_may_be_nested_as_deep_as_a_small_one() -> None:
    assert list(positions.read(b"[" + MANY + b"," + nested(DEPTH_MAX - 1) + b"]"))
    with pytest.raises(Unreadable):
        list(positions.read(b"[" + MANY + b"," + nested(DEPTH_MAX) + b"]"))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_step_of_reading_8_mb_is_long(kind: str, reader: str) -> None:
    """A step reads one piece, so that its length is bounded by the bytes and positions in it."""
    try:
        for message in READERS[reader](HOSTILE[kind]()):
            assert len(message.positions) <= PIECE_BYTES / 30
            originals = {message.original(at) for at in range(len(message.positions))}
            assert sum(map(len, originals)) <= ELEMENT_MAX_BYTES
    except Unreadable as error:
        assert len(error.errors) < 30


def test_an_element_may_have_so_many_bytes() -> None:
    for size, is_read in ((ELEMENT_MAX_BYTES - 100, True), (ELEMENT_MAX_BYTES + 100, False)):
        one = ONE[:-1] + b',"attrs":{"a":"' + b"x" * (size - len(ONE)) + b'"}}'
        for body in (one, b"[" + ONE + b"," + one + b"]"):
            try:
                read = list(positions.read(body))
            except Unreadable:
                assert not is_read
            else:
                assert is_read
                assert join_messages(read).positions[-1].attrs


def test_a_form_of_many_fields_is_not_read() -> None:
    with pytest.raises(Unreadable):
        osmand.fields_of("id=a&lat=1&lon=2" + "&a=1" * 2_000_000)
