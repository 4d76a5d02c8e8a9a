"""What was refused can be seen, released, and is never lost."""

import re
from collections.abc import AsyncGenerator
from typing import Any

import orjson
import pytest

from api.ingest_parts import ingest_parts
from api.pages.frame.views import COUNTED_MAX
from api.server import ServerRole, running_server
from api.settings import Settings
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.saying import Saying
from ingest.gate.detail import as_it_came
from ingest.protocols import gt06
from ingest.protocols.mistake import Mistake
from ingest.quarantine import evict_quarantine
from ingest.quarantine_items import ChosenItems, quarantined_payload
from register.devices import enrol_device
from tests.conftest import free_port
from tests.factories.access import PROGRAM, TESTER
from tests.factories.actors import SOMEBODY
from tests.factories.refused import DETAIL_SQL
from tests.factories.serving import GOOD, Client, client_of
from tests.factories.teltonika_tracker import logged_in, records
from tests.unit.ingest.teltonika_encoder import IMEI, login, packet


@pytest.fixture
async def client(pool: Pool, settings: Settings, database_url: str) -> AsyncGenerator[Client]:
    async with client_of(settings, database_url, ServerRole.INGEST, ServerRole.API) as client:
        yield client


async def release(client: Client, device: str, reason: str) -> None:
    fields = {"device": device, "reason": reason}
    async with client.session.post(client.server.url + "/intake/release", data=fields) as response:
        assert response.status == 200


async def test_released_after_enrolment_it_is_stored(client: Client, pool: Pool) -> None:
    batch = [{**GOOD, "device": "new", "ts": 1_795_000_000 + i} for i in range(1200)]
    assert (await client.post(batch))[1]["quarantined"] == 1200
    await enrol_device(pool, SOMEBODY, "new")
    await release(client, "new", "unknown_device")
    assert await pool.fetchval("SELECT count(*) FROM position WHERE device = 'new'") == 1200
    assert await pool.fetchval("SELECT count(*) FROM quarantine WHERE released_at IS NULL") == 0
    assert await pool.fetchval("SELECT released_by FROM quarantine") == TESTER


async def test_what_is_still_refused_stays_with_the_reason_of_today(
    client: Client, pool: Pool
) -> None:
    await client.post({**GOOD, "device": "new", "lat": 95})
    await enrol_device(pool, SOMEBODY, "new")
    await release(client, "new", "unknown_device")
    [row] = await pool.fetch("SELECT reason, released_at FROM quarantine")
    assert (row["reason"], row["released_at"]) == ("coordinates", None)


@pytest.mark.parametrize(
    ("protocol", "kept"),
    [
        ("positions", b"812 bytes, sha256 00ff"),
        ("positions", b'{"device": "d1"}'),
        ("flespi", b'[{"ident": "d1"}]'),
        ("mqtt", b"812 bytes, sha256 00ff"),
        ("osmand", b"id=d1&lat=north"),
        ("buffer", b"what is this"),
        ("teltonika_tcp", login() + bytes(8)),
        ("teltonika_udp", b"short"),
        ("gt06_tcp", gt06.encode_login("359000000000017") + gt06.encode_frame(0x12)),
    ],
)
async def test_what_could_not_be_read_stays_with_the_mistake_of_what_was_sent(
    client: Client, pool: Pool, protocol: str, kept: bytes
) -> None:
    """Of such a message only known values are kept: their mistakes are none of the sender's."""
    sent = Saying(Mistake.CHECKSUM, {"stated": "0x0001", "found": "0x0002"})
    await pool.execute(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256)"
        " VALUES ($1, 'd1', 'unreadable', $2, $3, $3)",
        *(protocol, sent.to_json(), kept),
    )
    for _ in range(2):
        await release(client, "d1", "unreadable")
        [row] = await pool.fetch("SELECT reason, detail FROM quarantine WHERE released_at IS NULL")
        assert (row["reason"], Saying.from_json(row["detail"])) == ("unreadable", as_it_came(sent))
    async with client.session.get(client.server.url + "/intake") as answer:
        assert "Da den kom:" in await answer.text()


async def test_what_has_no_place_to_be_stored_at_stays_until_one_is_known(
    client: Client, pool: Pool
) -> None:
    """A heartbeat is not lost when a person releases it before the location that it follows."""
    asleep = {"device": "new", "lat": 0, "lon": 0, "satellites": 0, "ts": 1_795_000_600}
    await client.post(asleep)
    await enrol_device(pool, SOMEBODY, "new")
    await release(client, "new", "unknown_device")
    [row] = await pool.fetch("SELECT reason, released_at FROM quarantine")
    assert (row["reason"], row["released_at"]) == ("no_fix", None)
    async with client.session.get(client.server.url + "/intake") as answer:
        assert "hvor enheden var" in await answer.text()
    await client.post({**GOOD, "device": "new", "ts": 1_795_000_000, "lat": 55.7})
    await release(client, "new", "no_fix")
    stored = "SELECT lat FROM position WHERE satellites = 0"
    assert await pool.fetchval(stored) == 55.7
    assert await pool.fetchval("SELECT count(*) FROM quarantine WHERE released_at IS NULL") == 0


async def test_of_items_that_are_released_together_only_what_differs_stays(
    client: Client, pool: Pool
) -> None:
    await client.post([{**GOOD, "device": "new", "ts": 1_795_000_000 + n} for n in range(3)])
    await enrol_device(pool, SOMEBODY, "new")
    await client.post({**GOOD, "device": "new", "ts": 1_795_000_001, "lat": 55.1})
    await release(client, "new", "unknown_device")
    assert await pool.fetchval("SELECT count(*) FROM position WHERE device = 'new'") == 3
    [left] = await pool.fetch("SELECT reason FROM quarantine WHERE released_at IS NULL")
    assert left["reason"] == "same_moment_differs"


async def test_released_twice_it_is_stored_once(client: Client, pool: Pool) -> None:
    await client.post({**GOOD, "device": "new"})
    await enrol_device(pool, SOMEBODY, "new")
    await release(client, "new", "unknown_device")
    await pool.execute("UPDATE quarantine SET released_at = NULL")
    await release(client, "new", "unknown_device")
    assert await pool.fetchval("SELECT count(*) FROM position") == 1


async def test_an_osmand_position_without_a_time_keeps_the_time_of_its_receipt(
    pool: Pool, settings: Settings, client: Client
) -> None:
    await pool.execute(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256,"
        f" received_at) VALUES ('osmand', 'new', 'unknown_device', {DETAIL_SQL}, $1, $1,"
        " $2::timestamptz)",
        b"id=new&lat=55.77&lon=12.5",
        (await pool.fetchval("SELECT '2026-11-01T10:00:00Z'::timestamptz")),
    )
    await enrol_device(pool, SOMEBODY, "new")
    await release(client, "new", "unknown_device")
    ts = await pool.fetchval("SELECT ts FROM position")
    assert ts.isoformat() == "2026-11-01T10:00:00+00:00"


async def test_a_release_without_a_writer_fails_loudly_instead_of_waiting_for_ever(
    pool: Pool, settings: Settings
) -> None:
    await enrol_device(pool, SOMEBODY, "d1")
    impatient = ingest_parts(pool, settings.model_copy(update={"writer_wait_max_s": 0.2}))
    await pool.execute(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256)"
        f" VALUES ('positions', 'd1', 'unknown_device', {DETAIL_SQL}, $1, $1)",
        b'{"device":"d1","ts":"2026-11-20T10:00:00Z","lat":55.77,"lon":12.5}',
    )
    with pytest.raises(RuntimeError, match="no commit within"):
        await impatient.quarantine.release(SOMEBODY, ChosenItems(device="d1"))
    assert await pool.fetchval("SELECT count(*) FROM quarantine WHERE released_at IS NULL") == 1


async def ask(client: Client, path: str, body: object | None = None) -> tuple[int, dict[str, Any]]:
    url = client.server.url + path
    request = client.session.get(url) if body is None else client.session.post(url, json=body)
    async with request as response:
        return response.status, await response.json()


async def test_programs_list_page_read_release_and_discard(client: Client, pool: Pool) -> None:
    batch = [{**GOOD, "device": "new", "ts": 1_795_000_000 + i} for i in range(5)]
    await client.post([*batch, {**GOOD, "lat": 95}])
    _, first = await ask(client, "/v1/quarantine?device=new&limit=3")
    assert [item["reason"] for item in first["items"]] == ["unknown_device"] * 3
    _, rest = await ask(client, f"/v1/quarantine?device=new&limit=3&cursor={first['next']}")
    assert (len(rest["items"]), rest["next"]) == (2, None)
    oldest = rest["items"][-1]["id"]
    status, bytes_kept = await client.get(f"/v1/quarantine/{oldest}/payload")
    assert (status, orjson.loads(bytes_kept)) == (200, batch[0])
    read = "SELECT actor, subject_id FROM audit_entry WHERE act = 'bytes_read'"
    assert [tuple(row) for row in await pool.fetch(read)] == [(PROGRAM, str(oldest))]
    clerk = Actor("telemetry only", frozenset({Permission.TELEMETRY_MANAGE}))
    with pytest.raises(NotAllowedError):  # where a vehicle was is for who may see tracks
        await quarantined_payload(pool, clerk, oldest)

    await enrol_device(pool, SOMEBODY, "new")
    assert await ask(client, "/v1/quarantine/release", {"ids": [oldest]}) == (
        200,
        {"stored": 1, "duplicate": 0, "refused": 0},
    )
    _, released = await ask(client, "/v1/quarantine?state=released")
    assert [item["id"] for item in released["items"]] == [oldest]

    why = {"device": "d1", "reason": "coordinates", "why": "bench test"}
    assert await ask(client, "/v1/quarantine/discard", why) == (200, {"discarded": 1})
    _, discarded = await ask(client, "/v1/quarantine?state=discarded")
    [item] = discarded["items"]
    assert (item["discarded_by"], item["discarded_why"], item["bytes"]) == (
        PROGRAM,
        "bench test",
        0,
    )
    assert (await client.get(f"/v1/quarantine/{item['id']}/payload"))[0] == 404
    # Sent again it is only counted: it was looked at.
    await client.post({**GOOD, "lat": 95})
    _, again = await ask(client, "/v1/quarantine?state=discarded")
    assert again["items"][0]["times_sent"] == 2
    assert await pool.fetchval("SELECT payload FROM quarantine WHERE device = 'd1'") == b""


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/v1/quarantine?limit=0", None, "limit"),
        ("/v1/quarantine?reason=nothing", None, "reason"),
        ("/v1/quarantine?colour=red", None, "colour"),
        ("/v1/quarantine/release", {}, "body"),
        ("/v1/quarantine/release", {"ids": []}, "ids"),
        ("/v1/quarantine/discard", {"device": "d1"}, "why"),
    ],
)
async def test_a_request_that_cannot_be_read_names_the_field(
    client: Client, path: str, body: object | None, field: str
) -> None:
    status, answer = await ask(client, path, body)
    assert (status, answer["errors"][0]["field"]) == (422, field)


async def test_the_quarantine_is_not_shown_to_other_sites_nor_by_a_listener(
    client: Client, settings: Settings, database_url: str
) -> None:
    foreign = {"Origin": "https://evil.example"}
    url = client.server.url + "/v1/quarantine/release"
    async with client.session.post(url, json={"device": "d1"}, headers=foreign) as response:
        assert response.status == 403
    async with client_of(settings, database_url, ServerRole.INGEST) as listener:
        assert (await listener.get("/v1/quarantine"))[0] == 404


async def test_a_full_quarantine_gives_up_strangers_first_and_counts_them(
    client: Client, pool: Pool
) -> None:
    for n in range(4):
        await client.post([{**GOOD, "device": f"stranger{n}"}, {**GOOD, "lat": 95 + n}])
    assert await evict_quarantine(pool, 6, 10**9) == 2
    left = "SELECT array_agg(device ORDER BY device) FROM quarantine"
    assert await pool.fetchval(left) == [*["d1"] * 4, "stranger2", "stranger3"]
    assert await evict_quarantine(pool, 6, 3 * 400) == 3
    assert await pool.fetchval(left) == ["d1"] * 3
    rows = await pool.fetch("SELECT reason, items FROM quarantine_evicted ORDER BY reason")
    assert [tuple(row) for row in rows] == [("coordinates", 1), ("unknown_device", 4)]


async def test_a_flood_of_strangers_is_neither_kept_nor_acknowledged_and_others_go_on(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    bound = 20_000
    await enrol_device(pool, SOMEBODY, IMEI)
    ports = settings.model_copy(
        update={
            "port": 0,
            "osmand_port": 0,
            "teltonika_port": free_port(),
            "stranger_bytes_minute": bound,
        }
    )
    acknowledged = refused = 0
    async with running_server(ports, database_url, [ServerRole.INGEST]):
        for n in range(30):
            async with logged_in(ports, f"{400_000_000_000_000 + n}") as stranger:
                await stranger.send(packet(*records(5, 5 * n)))
                answer = await stranger.answer()
                acknowledged += int.from_bytes(answer)
                refused += not answer
        async with logged_in(ports) as tracker:
            await tracker.send(packet(*records(5)))
            assert await tracker.counted() == 5
    assert refused > 0
    kept = await pool.fetchrow("SELECT count(*) AS n, sum(length(payload)) AS size FROM quarantine")
    assert kept is not None
    assert kept["n"] == acknowledged > 0
    assert kept["size"] < bound


async def put_refused(pool: Pool, items: int, devices: int) -> None:
    """Items of so many devices, each for three reasons by turns; the first five are enrolled."""
    for device in range(min(5, devices)):
        await enrol_device(pool, SOMEBODY, f"d{device}")
    await pool.execute(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256,"
        " times_sent) SELECT 'positions', 'd' || n % $2::integer,"
        f" ('{{coordinates,time_range,jump}}'::text[])[1 + n / $2 % 3], {DETAIL_SQL}, '',"
        " sha256(n::text::bytea), 3 FROM generate_series(0, $1 - 1) n",
        items,
        devices,
    )
    await pool.execute("ANALYZE quarantine")


def read_from(table: str, node: dict[str, Any]) -> int:
    """The rows that a plan read from a table, all its nodes together."""
    read = sum(read_from(table, below) for below in node.get("Plans", ()))
    if node.get("Relation Name") == table:
        read += round(node["Actual Rows"] * node["Actual Loops"])
    return read


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("quarantine.groups", (50, 10, 11)),
        ("quarantine.waiting_count", (11,)),
        ("quarantine.waiting_count_of", ("d1", 11)),
    ],
)
async def test_pages_read_no_more_of_a_full_quarantine(
    pool: Pool, name: str, arguments: tuple[object, ...]
) -> None:
    await put_refused(pool, 30_000, devices=2_000)
    file, statement = name.split(".")
    plan = await pool.fetchval(
        f"EXPLAIN (ANALYZE, FORMAT JSON) {statements(file)[statement]}", *arguments
    )
    # Five devices and three groups of each, what is late, and ten groups with ten items each.
    assert read_from("quarantine", orjson.loads(plan)[0]["Plan"]) <= 5 * 4 + 50 + 10 * (1 + 11)


async def test_every_group_of_an_enrolled_device_is_found_and_counted(pool: Pool) -> None:
    await put_refused(pool, 30_000, devices=2_000)
    groups = await pool.fetch(statements("quarantine")["groups"], 50, 100, 4)
    known = [group for group in groups if group["enrolled"]]
    assert sorted((group["device"], group["reason"]) for group in known) == [
        (f"d{device}", reason)
        for device in range(5)
        for reason in ("coordinates", "jump", "time_range")
    ]
    assert {(group["items"], group["times_sent"]) for group in known} == {(4, 12)}
    assert {group["device"] for group in groups} > {f"d{device}" for device in range(5)}


async def test_the_page_says_how_often_what_is_kept_was_sent(client: Client, pool: Pool) -> None:
    for _ in range(3):
        await client.post({**GOOD, "lat": 95})
    async with client.session.get(f"{client.server.url}/intake") as answer:
        [_, row] = (await answer.text()).split("<tbody", 1)
    cells = re.findall(r'class="num[^>]*>\s*(\d+)', row.split("</tr>")[0])
    assert cells == ["1", "3"]
    await put_refused(pool, COUNTED_MAX + 1, devices=1)
    await pool.execute("UPDATE quarantine SET reason = 'jump'")
    async with client.session.get(f"{client.server.url}/intake") as answer:
        page = await answer.text()
    assert "mere end 1.000" in page
    assert "mere end 3.003" in page


async def test_the_page_lists_by_name_the_attributes_that_are_not_kept(client: Client) -> None:
    assert "Attributter, der ikke gemmes" not in (await client.get("/intake"))[1]
    for second in range(3):
        ts = f"2026-11-20T10:00:0{second}Z"
        await client.post({**GOOD, "ts": ts, "attrs": {"driver_code": 7, "x y": 1}})
    _, text = await client.get("/intake")
    listed = re.sub(r"<[^>]+>", " ", text.partition("Attributter, der ikke gemmes")[2])
    assert " driver_code program over HTTP 3 " in " ".join(listed.split())
    assert " andre navne program over HTTP 3 " in " ".join(listed.split())
