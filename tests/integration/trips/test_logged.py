"""A driving log in the database: use without trackers, never mixed with what a tracker tells."""

from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest

from api.headings import with_headings
from api.settings import Settings
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor
from fleet.files.table_format import TableFormat
from fleet.files.tables import write_table
from fleet.localtime import working_days
from fleet.period import Period
from optimiser.depot.decision_key import Action
from optimiser.depot.fate import Fate
from optimiser.rounds.data import read_depots
from optimiser.rounds.decisions import Verdict, decide
from optimiser.rounds.overview import Machine, latest_round
from optimiser.rounds.proposals import read_proposals
from optimiser.rounds.requests import request_round
from optimiser.workers import Workers
from register.devices import enrol_device
from register.track_reasons import TrackAccess
from tests.factories.actors import SOMEBODY
from tests.factories.driving_logs import LOG, take
from tests.factories.driving_logs import fleet as fleet
from tests.factories.event_loop import longest_step
from tests.factories.rounds import answer_round
from tests.factories.vehicles import put_cars
from trips.driving_log.log_import import ImportedLog
from trips.driving_log.refusals import RowReason
from trips.files.export import EXPORT_COLUMNS, ExportedTable, export_table
from trips.service import TripService
from trips.use.fleet_use import data_period, fleet_use
from trips.use.month_cache import MonthCache

ROUND_SQL = statements("round")

EVERYTHING = TrackAccess(None, "")


def reasons(done: ImportedLog) -> list[tuple[int, RowReason]]:
    return [(refusal.row, refusal.reason) for refusal in done.refused]


async def test_a_log_gives_trips_and_round_trips_and_days_that_count_as_heard(fleet: Pool) -> None:
    done = await take(fleet)
    assert (done.trips, done.vehicles) == (3, 2)
    assert reasons(done) == [(3, RowReason.OVERLAP), (5, RowReason.NO_VEHICLE)]
    assert await fleet.fetchval("SELECT count(*) FROM round_trip WHERE source = 'log.csv'") == 3
    days = await fleet.fetch(
        "SELECT day, heard, km FROM device_day WHERE device = 'log:v1' ORDER BY day"
    )
    assert [(row["day"].day, row["heard"] == 2**24 - 1, row["km"]) for row in days] == [
        (2, True, 12.5),
        (3, True, 0.0),
        (4, True, 30.0),
    ]


async def test_a_log_tells_of_all_its_days_for_every_vehicle_that_it_names(fleet: Pool) -> None:
    """A month without a log between two files is not told of."""
    await take(fleet)
    await take(fleet, "Bil;Start;Slut;Km\nV2;06-11-2026 12:00;06-11-2026 13:00;8\n")
    days = await fleet.fetch("SELECT day, km FROM device_day WHERE device = 'log:v2' ORDER BY day")
    assert [(row["day"].day, row["km"]) for row in days] == [(2, 0), (3, 8), (4, 0), (6, 8)]


async def test_a_name_that_several_vehicles_have_names_none_of_them(fleet: Pool) -> None:
    """A vehicle that left the fleet gives way, and one that is called as another's number does not
    take its trips."""
    rows = "Bil;Start;Slut;Km\nV1;02-11-2026 08:00;02-11-2026 10:00;12\n"
    await fleet.execute("UPDATE vehicle SET name = 'V1' WHERE vehicle_id = 'v2'")
    assert reasons(await take(fleet, rows)) == [(2, RowReason.SEVERAL_VEHICLES)]
    await fleet.execute("UPDATE vehicle SET retired_at = '2026-01-01' WHERE vehicle_id = 'v2'")
    assert (await take(fleet, rows)).trips == 1
    await fleet.execute(
        "UPDATE vehicle SET name = 'AB12345', retired_at = NULL WHERE vehicle_id = 'v2'"
    )
    await fleet.execute("UPDATE vehicle SET plate = 'AB12345' WHERE vehicle_id = 'v1'")
    again = rows.replace("V1", "AB 12 345").replace("02-11", "03-11")
    assert (await take(fleet, again)).trips == 1  # written so it is v1's number alone
    assert reasons(await take(fleet, again.replace("AB 12 345", "AB12345"))) == [
        (2, RowReason.SEVERAL_VEHICLES)
    ]


def logged_fleet() -> str:
    """The log of four weeks of six cars: two are out every working day, two at other hours of it,
    one every Friday and one once."""
    rows = ["Bil;Start;Slut;Km"]
    for day in working_days(date(2026, 10, 5), date(2026, 10, 30)):
        drives = {"v1": (8, 12, 40), "v2": (8, 12, 35), "v3": (13, 15, 20), "v4": (13, 15, 25)}
        if day.weekday() == 4:
            drives["v5"] = (9, 10, 6)
        if day == date(2026, 10, 14):
            drives["v6"] = (9, 10, 9)
        rows += [
            f"{name};{day:%d-%m-%Y} {start:02}:00;{day:%d-%m-%Y} {end:02}:00;{km}"
            for name, (start, end, km) in drives.items()
        ]
    return "\n".join(rows) + "\n"


async def test_a_municipality_with_logs_and_no_trackers_gets_proposals(
    fleet: Pool, settings: Settings, workers: Workers
) -> None:
    """The vehicle that drove once in the middle of the log is known too, and can go; the machine,
    which does no trips, is named as left out."""
    await put_cars(fleet, "v3", "v4", "v5", "v6")
    await put_cars(fleet, "m1", measured_in="hours")
    await fleet.execute("UPDATE vehicle_kind SET fixed_kr_year = 30000")
    done = await take(fleet, logged_fleet())
    assert (done.vehicles, done.refused) == (6, [])
    actor = Actor.trusted("test")
    period = Period(date(2026, 10, 5), date(2026, 10, 30))
    assert await data_period(fleet, settings.period_weeks) == period
    used = await fleet_use(fleet, MonthCache(), period, settings.coverage_min)
    assert all(one.figures.known for one in used.vehicles if not one.vehicle.by_hours)
    [depot] = await read_depots(fleet, period, settings, ["home"])
    assert {candidate.fate for candidate in depot.road_vehicles} == {Fate.CAN_GO}
    round_id = await request_round(fleet, actor, period)
    await answer_round(fleet, round_id, settings, workers, studied=False)
    row = await fleet.fetchrow("SELECT state, detail, summary FROM round")
    assert row is not None
    assert row["state"] == "done", row["detail"]
    assert row["summary"]["baseline"]["vehicles"] == 6
    assert row["summary"]["proposed"]["vehicles"] < 6
    contents = [r["content"] for r in await fleet.fetch("SELECT content FROM proposal")]
    gone = {c["vehicle_id"] for c in contents if c["action"] == Action.DISPOSE}
    assert "v6" in gone
    shown = await latest_round(fleet)
    assert shown is not None
    assert shown.summary is not None
    assert shown.machines == [Machine("m1", "M1")]
    assert shown.summary.baseline.vehicles + len(shown.machines) == len(used.vehicles)
    # What the round left out is told as it was then, whatever becomes of the register.
    await put_cars(fleet, "m2", measured_in="hours")
    await fleet.execute("UPDATE vehicle SET retired_at = '2026-11-01' WHERE vehicle_id = 'm1'")
    later = await latest_round(fleet)
    assert later is not None
    assert later.machines == shown.machines
    [v6] = [p for p in await read_proposals(fleet, round_id) if p.decision.vehicle_id == "v6"]
    for verdict in (Verdict.ACCEPTED, Verdict.QUESTION):
        await decide(fleet, actor, v6.proposal_id, verdict, "Who drives it?")
    [row] = [p for p in await read_proposals(fleet, round_id) if p.accepted]
    assert (row.decision.vehicle_id, row.asked, row.open) == ("v6", True, False)
    [held] = await fleet.fetch(ROUND_SQL["verdicts"], 1)
    assert tuple(held) == (str(row.decision.key), "accepted", 1, None, None, None, None)
    await decide(fleet, actor, v6.proposal_id, Verdict.REJECTED, "It is needed")
    assert not any(p.accepted for p in await read_proposals(fleet, round_id))


async def test_the_same_log_twice_adds_nothing(fleet: Pool) -> None:
    await take(fleet)
    again = await take(fleet)
    assert (again.trips, again.known) == (0, 3)
    assert reasons(again) == [(3, RowReason.OVERLAP), (5, RowReason.NO_VEHICLE)]


async def test_a_running_log_adds_its_new_rows_and_refuses_those_that_differ(fleet: Pool) -> None:
    await take(fleet)
    rows = LOG.replace("10:00;12,5", "10:00;13,5") + "V2;05-11-2026 12:00;05-11-2026 13:00;8\n"
    done = await take(fleet, rows)
    assert (done.trips, done.known) == (1, 2)
    assert reasons(done)[0] == (2, RowReason.ALREADY)


async def test_where_the_tracker_was_heard_the_log_does_not_count(fleet: Pool) -> None:
    """Whichever of the two came first; what the log tells of other times stays."""
    await take(fleet)
    await enrol_device(fleet, SOMEBODY, "d1", "v1")
    day = datetime(2026, 11, 4, tzinfo=UTC)
    await fleet.execute("SELECT ensure_position_partitions($1, $1)", day)
    await fleet.executemany(
        "INSERT INTO position (device, ts, lat, lon) VALUES ('d1', $1, 55.77, 12.5)",
        [(day.replace(hour=hour, minute=minute),) for hour in (6, 7) for minute in (0, 20, 40)],
    )
    await fleet.execute(
        "INSERT INTO device_state (device, first_ts, last_ts, dirty_from, dirty_to)"
        " SELECT device, min(ts), max(ts), min(ts), max(ts) FROM position GROUP BY device"
    )
    await TripService(fleet).refresh()
    left = await fleet.fetch("SELECT device, source, km FROM trip WHERE device = 'd1'")
    assert [tuple(row) for row in left] == [("d1", "log.csv", 12.5)]
    again = await take(fleet)
    assert (4, RowReason.TRACKED) in reasons(again)
    assert again.known == 2
    overlapping = await take(fleet, "Bil;Start;Slut;Km\nV1;04-11-2026 07:00;04-11-2026 07:45;3\n")
    assert reasons(overlapping) == [(2, RowReason.TRACKED)]


@pytest.mark.parametrize("what", ExportedTable)
@pytest.mark.parametrize("form", TableFormat)
async def test_everything_can_be_taken_away_in_every_format(
    fleet: Pool, what: ExportedTable, form: TableFormat
) -> None:
    await take(fleet)
    november = Period(date(2026, 11, 1), date(2026, 11, 30))
    table = await export_table(fleet, SOMEBODY, EVERYTHING, what, november)
    if form.for_people:
        table = with_headings(table, what)
    assert table.num_rows == 3
    assert table.column("Km" if form.for_people else "km").to_pylist() == [12.5, 8.0, 30.0]
    write_table(table, BytesIO(), form, "Ture")
    one = await export_table(fleet, SOMEBODY, TrackAccess("v2", ""), what, november)
    assert one.num_rows == 1


async def test_a_period_without_data_is_a_table_without_rows(fleet: Pool) -> None:
    empty = Period(date(2020, 1, 1), date(2020, 1, 2))
    table = await export_table(fleet, SOMEBODY, EVERYTHING, ExportedTable.TRIPS, empty)
    assert table.num_rows == 0
    assert table.column_names == [name for name, _ in EXPORT_COLUMNS[ExportedTable.TRIPS]]


async def test_the_same_long_log_twice_leaves_the_loop_free(fleet: Pool) -> None:
    """Every trip is compared with every earlier one of its vehicle; 8,000 took 6 s, and nothing
    else had its turn."""
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    rows = [
        f"V1;{begin + timedelta(minutes=2 * n)};{begin + timedelta(minutes=2 * n + 1)};1"
        for n in range(8_000)
    ]
    log = "\n".join(["Bil;Start;Slut;Km", *rows])
    first = await take(fleet, log)
    async with longest_step() as longest:
        again = await take(fleet, log)
    assert (first.trips, again.trips, again.known, again.refused) == (8_000, 0, 8_000, [])
    assert longest() < 2.0
