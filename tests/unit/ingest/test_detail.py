"""A detail of quarantine is kept as code and values, and said in the language of who reads it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import asyncpg
import msgspec
import orjson
import pytest

from api.pages.intake.details import DETAIL_SENTENCES, say_detail
from api.pages.words.language import Language
from fleet.saying import Saying
from ingest.buffer.stream import decode_batch
from ingest.gate.detail import DETAILS as ENGLISH
from ingest.gate.detail import RefusalDetail, detail_in_english, value_refused
from ingest.gate.refusal import Reason, Refusal
from ingest.protocols import flespi, osmand, positions
from ingest.protocols.mistake import Mistake
from ingest.protocols.teltonika import over_tcp
from ingest.protocols.teltonika.io_elements import load_elements
from ingest.protocols.teltonika.stream import encode_login
from ingest.protocols.unreadable import FieldError, Unreadable
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
    "mistake": "no login",
}


#: What these say is what they hold.
ABOUT_OTHERS = {Mistake.AT, Mistake.SEVERAL, Mistake.IN_PIECE, Mistake.NOT_DECODED}


def places_of(sentence: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", sentence))


def with_values(code: str) -> Saying:
    return Saying(code, {name: VALUES.get(name, "7") for name in places_of(ENGLISH[code])})


def test_pages_and_interfaces_have_a_sentence_for_every_code_with_the_same_values() -> None:
    codes = [*RefusalDetail, *Mistake]
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert places_of(DETAIL_SENTENCES[code]) == places_of(ENGLISH[code])


@pytest.mark.parametrize("detail", list(RefusalDetail))
def test_every_detail_is_kept_and_said_in_both_languages(detail: RefusalDetail) -> None:
    saying = with_values(detail)
    refusal = Refusal("positions", "d1", Reason.CLOCK, saying, b"")
    kept = msgspec.msgpack.decode(msgspec.msgpack.encode(refusal), type=Refusal).detail
    assert kept == Saying.from_json(orjson.loads(orjson.dumps(saying.to_json()))) == saying
    danish, english = say_detail(kept, Language.DANISH), say_detail(kept, Language.ENGLISH)
    assert danish != english
    local = {"ts": "Thu 1 Jan 2009, 01:00", "earliest": "Fri 1 Jan 2010, 01:00"}
    assert english == DETAIL_SENTENCES[detail] % (VALUES | local)


def test_numbers_have_the_decimal_sign_of_the_language_and_other_words_stay() -> None:
    jump = Saying(RefusalDetail.JUMP, {"km": 5.6, "seconds": 26})
    assert detail_in_english(jump) == "5.6 km and 26 s from the last"
    assert say_detail(jump, Language.DANISH) == "5,6 km og 26 s fra den forrige position."
    network = Saying(RefusalDetail.NETWORK, {"address": "10.0.0.1"})
    assert "10.0.0.1" in say_detail(network, Language.DANISH)


def test_a_code_that_nobody_knows_here_is_said_as_it_is() -> None:
    of_another_version = Saying("100 % of_another_version", {"km": 1})
    assert detail_in_english(of_another_version) == of_another_version.code
    assert say_detail(of_another_version, Language.DANISH) == of_another_version.code


def test_moments_are_local_and_one_of_no_local_year_stays_as_it_is() -> None:
    future = Saying(RefusalDetail.FUTURE, {"ts": "2030-07-01T10:00:00+00:00"})
    assert "man. 1. jul. 2030 kl.\xa012.00" in say_detail(future, Language.DANISH)
    end = "9999-12-31T23:59:59-01:00"
    assert end in say_detail(Saying(RefusalDetail.FUTURE, {"ts": end}), Language.DANISH)


@pytest.mark.parametrize("mistake", sorted(set(Mistake) - ABOUT_OTHERS))
def test_what_decoders_say_is_said_in_danish(mistake: Mistake) -> None:
    one = FieldError(0, "lat", with_values(mistake))
    other = FieldError(1, "lon", Saying(Mistake.FIELD_MISSING))
    alone, both = Unreadable([one]), Unreadable([one, other])
    assert str(alone) == f"[0].lat: {one.reason}" == detail_in_english(alone.saying)
    assert str(both) == f"{alone}; [1].lon: Field required" == detail_in_english(both.saying)
    for saying in (one.mistake, alone.saying, both.saying):
        danish = say_detail(saying, Language.DANISH)
        assert danish not in (detail_in_english(saying), say_detail(saying, Language.ENGLISH))
        assert one.reason not in danish


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        encode_login(IMEI),
        encode_login(IMEI) + b"\1\2\3\4",
        encode_login(IMEI) + bytes(4) + b"\xff\xff\xff\xff",
        encode_login(IMEI) + bytes(7) + b"\x03\x08\x01\x02" + bytes(4),
    ],
)
def test_what_a_stream_could_not_be_read_for_is_said_in_danish(payload: bytes) -> None:
    with pytest.raises(Unreadable) as refused:
        over_tcp(load_elements()).read_kept(payload, datetime(2026, 11, 20, tzinfo=UTC))
    saying = refused.value.saying
    assert say_detail(saying, Language.DANISH) != detail_in_english(saying)


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
    kept = detail_in_english(refused.value.saying)
    assert "Anna" not in kept
    assert say_detail(refused.value.saying, Language.DANISH) != kept


def test_what_the_database_says_of_a_value_is_not_kept() -> None:
    refused = value_refused(asyncpg.DataError("invalid input for argument $3: 'Anna'"))
    assert detail_in_english(refused) == "the database refuses a value: DataError"
