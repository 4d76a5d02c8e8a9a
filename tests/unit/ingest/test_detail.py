"""A detail of quarantine is found again in its text, whatever its values."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import asyncpg
import orjson
import pytest

from api.pages.intake.details import DETAILS, say_detail
from api.pages.words.language import Language
from ingest.buffer.stream import decode_batch
from ingest.gate.detail import Detail, Mistake, value_refused
from ingest.protocols import flespi, osmand, positions
from ingest.protocols.message import Unreadable
from ingest.protocols.teltonika import over_tcp
from ingest.protocols.teltonika.io_elements import load_elements
from ingest.protocols.teltonika.stream import login
from tests.unit.ingest.teltonika_encoder import IMEI

VALUES = {
    "address": "10.0.0.1",
    "name": "'356'",
    "ts": "2009-01-01T00:00:00+00:00",
    "earliest": "2010-01-01T00:00:00+00:00",
    "lat": "95.5",
    "lon": "-181",
    "value": "400.0",
    "field": "soc_pct",
    "km": "5.6",
    "seconds": "26",
    "attempts": "11",
    "kind": "DataError",
}


@pytest.mark.parametrize("detail", list(Detail))
def test_every_detail_is_read_again_and_said_in_danish(detail: Detail) -> None:
    text = detail.text(**VALUES)
    found = Detail.read(text)
    assert found is not None
    assert (found[0], found[0].text(**found[1])) == (detail, text)
    danish, english = say_detail(text, Language.DANISH), say_detail(text, Language.ENGLISH)
    assert danish != english
    local = {"ts": "Thu 1 Jan 2009, 01:00", "earliest": "Fri 1 Jan 2010, 01:00"}
    assert english == DETAILS[detail] % (VALUES | local)


def test_numbers_have_the_decimal_sign_of_the_language_and_other_words_stay() -> None:
    jump = "5.6 km and 26 s from the last"
    assert say_detail(jump, Language.DANISH) == "5,6 km og 26 sekunder fra den forrige position."
    assert say_detail("checksum 1 is not 2", Language.DANISH) is None


def test_moments_are_local_and_one_of_no_local_year_stays_as_it_is() -> None:
    future = "2030-07-01T10:00:00+00:00 is in the future"
    assert "man. 1. jul. 2030 kl.\xa012.00" in str(say_detail(future, Language.DANISH))
    end = "9999-12-31T23:59:59-01:00"
    assert end in str(say_detail(f"{end} is in the future", Language.DANISH))


@pytest.mark.parametrize("mistake", list(Mistake))
def test_what_decoders_say_is_said_in_danish(mistake: Mistake) -> None:
    names = re.findall(r"\{(\w+)\}", mistake.value)
    reason = mistake.text(**dict.fromkeys(names, "7"))
    for text in (reason, f"[0].lat: {reason}", f"[0].lat: {reason}; [1].lon: Field required"):
        told = say_detail(text, Language.DANISH)
        assert told is not None
        assert told not in (text, say_detail(text, Language.ENGLISH))
        assert reason not in told


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        login(IMEI),
        login(IMEI) + b"\1\2\3\4",
        login(IMEI) + bytes(4) + b"\xff\xff\xff\xff",
        login(IMEI) + bytes(7) + b"\x03\x08\x01\x02" + bytes(4),
    ],
)
def test_what_a_stream_could_not_be_read_for_is_said_in_danish(payload: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        over_tcp(load_elements()).read_kept(payload, datetime(2026, 11, 20, tzinfo=UTC))
    assert say_detail(refused.value.kept, Language.DANISH) is not None


WHOLE = {"device": "d", "ts": "2026-11-20T10:00:00Z", "lat": 55.7, "lon": 12.5}
FLESPI = {"ident": "d", "timestamp": 1, "position.latitude": 55.7, "position.longitude": 12.5}


@pytest.mark.parametrize(
    "decode",
    [
        *(
            partial(osmand.decode, query.encode(), datetime(2026, 11, 20, tzinfo=UTC))
            for query in (
                "id=d&lat=Anna&lon=12.5",
                "id=d&location=55,Anna",
                "id=d&lat=55&lon=12&timestamp=Anna",
                '{"device_id":"d","location":{"timestamp":"Anna","coords":{}}}',
                '{"device_id":"d","location":"Anna"}',
                '{"device_id":"Anna',
            )
        ),
        *(
            partial(module.decode, orjson.dumps(body | wrong))
            for module, body, names in (
                (positions, WHOLE, ("device", "ts", "lat", "lon", "Anna")),
                (flespi, FLESPI, ("ident", "timestamp", "position.latitude")),
            )
            for name in names
            for wrong in ({name: ["Anna"]}, {name: "Anna" * 40})
        ),
        partial(positions.decode_lines, orjson.dumps(WHOLE | {"Anna": 1})),
        partial(positions.decode, b'{"Anna": 1, Anna'),
        partial(decode_batch, b"\xa4Anna"),
    ],
)
def test_what_is_kept_of_why_quotes_no_value_and_no_name_that_was_made_up(
    decode: Callable[[], object],
) -> None:
    with pytest.raises(Unreadable) as refused:
        decode()
    assert "Anna" not in refused.value.kept
    told = say_detail(refused.value.kept, Language.DANISH)
    assert told is not None
    assert told != refused.value.kept


def test_what_the_database_says_of_a_value_is_not_kept() -> None:
    assert value_refused(asyncpg.DataError("invalid input for argument $3: 'Anna'")) == (
        "the database refuses a value: DataError"
    )
