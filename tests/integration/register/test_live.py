"""The last ping of every device, as a list that a program or a page may ask for again and again."""

from datetime import UTC, datetime, timedelta

import orjson

from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from register.contact import learn_rhythms
from tests.factories.serving import GOOD, client_of


async def test_each_device_has_its_last_ping_its_habit_and_its_state(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    now = datetime.now(UTC)
    names = ("driving", "lost", "parked", "gone", "never")
    async with client_of(
        settings, database_url, ServerRole.INGEST, ServerRole.API, devices=names
    ) as client:

        def drive(device: str, ended: timedelta, **last: object) -> list[dict[str, object]]:
            moments = [now - ended - timedelta(seconds=20 * n) for n in range(30)]
            sent = [{**GOOD, "device": device, "ts": ts.isoformat()} for ts in moments]
            sent[0] |= last
            return list(reversed(sent))

        await client.post(drive("driving", timedelta(seconds=5), speed_kmh=50, soc_pct=80))
        await client.post(drive("lost", timedelta(minutes=5), speed_kmh=50))
        await client.post(drive("parked", timedelta(minutes=30), ignition=False, battery_v=12.5))
        await client.post(drive("gone", timedelta(days=3)))
        assert await learn_rhythms(pool, now) == 3
        _, text = await client.get("/v1/devices")
        found = {row["device"]: row for row in orjson.loads(text)["items"]}
        assert {device: row["contact"] for device, row in found.items()} == {
            "driving": "on_time",
            "lost": "late",
            "parked": "resting",
            "gone": "silent",
            "never": "never",
        }
        assert found["driving"]["interval_s"] == 20
        assert (found["driving"]["soc_pct"], found["parked"]["battery_v"]) == (80, 12.5)
        assert '"lat"' not in text
    protocols = await pool.fetch("SELECT device FROM device WHERE protocol = 'positions'")
    assert {row["device"] for row in protocols} == set(names) - {"never"}
