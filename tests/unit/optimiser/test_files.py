"""The files are read exactly, and what is wrong in them is told with row, column and value."""

import json
import random
from datetime import UTC, datetime, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.files.notation import NOTE_LEFT_OUT
from fleet.vehicle import Energy
from optimiser.model.check import check_files
from optimiser.model.files import read_plan, read_problem, read_rules, write_plan
from optimiser.model.problem import Problem, ProblemError
from optimiser.model.remark import in_english
from optimiser.solve import solve
from tests.unit.optimiser.cases import depot_weeks

TRIPS = """trip_id,start,end,km,pool,needs,vehicle
007,2026-03-02T07:00:00+01:00,2026-03-02T08:30:00+01:00,12.5,nord,lift; tow,AB 12 345
008,2026-03-02T07:00:00,2026-03-02T08:30:00,3,,,
"""
FLEET = """type,pool,count_now,min_count,max_count,offers,energy,fixed_kr_year,kr_km,co2_g_km,\
range_km,charge_km_h,max_trip_km,max_day_km,window
el,nord,2,1,4,lift;tow,electric,61000,0.4,8,180,45,,,
cykel,,0,0,,,bicycle,2000,0,0,,,6,20,07:00-15:30
"""


def said(problem: Problem) -> list[str]:
    """The notes of a problem, in English."""
    return [in_english(note) for note in problem.notes]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    trips, fleet, rules = (tmp_path / name for name in ("T.csv", "F.csv", "R.toml"))
    trips.write_text(TRIPS)
    fleet.write_text(FLEET)
    rules.write_text("turnaround_min = 10\nco2_max_t_year = 12.5\n")
    return trips, fleet, rules


def test_every_column_and_rule_is_read(files: tuple[Path, Path, Path]) -> None:
    problem = read_problem(*files)
    first, second = problem.trips
    assert first.trip_id == "007"
    assert first.start == datetime(2026, 3, 2, 6, tzinfo=UTC)
    assert (first.km, first.pool, first.vehicle) == (12.5, "nord", "AB 12 345")
    assert first.needs == {"lift", "tow"}
    assert second.start == datetime(2026, 3, 2, 6, tzinfo=UTC), "without a zone it is local"
    assert (second.pool, second.needs, second.vehicle) == ("", frozenset(), None)
    el, cykel = problem.kinds
    assert (el.count_now, el.min_count, el.max_count) == (2, 1, 4)
    assert (el.range_km, el.charge_km_h, el.limits.window) == (180, 45, None)
    assert cykel.energy is Energy.BICYCLE
    assert (cykel.max_count, cykel.limits.max_trip_km, cykel.limits.max_day_km) == (None, 6, 20)
    assert cykel.limits.window == (time(7), time(15, 30))
    assert (problem.rules.turnaround_min, problem.rules.co2_max_t_year) == (10, 12.5)
    assert problem.rules.fallback_kr_km == read_rules(None).fallback_kr_km


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("trip_id,start", "id,start", "no column trip_id"),
        (",km,", ",kilometres,", "no column km"),
        ("12.5", "", "row 2: km: '' is not a number"),
        ("12.5", "12 km", "row 2: km: '12 km' is not a number"),
        ("12.5", "nan", "row 2: trip '007': km: nan is not a finite number"),
        ("12.5", "-1", "row 2: trip '007': km: -1 is negative"),
        ("12.5", "1e308", "row 2: trip '007': km: 1e+308 is above 1000000000"),
        ("T08:30:00,3", "T06:30:00,3", "row 3: trip '008': end: 2026-03-02T05:30:00+00:00 is not"),
        ("2026-03-02T07:00:00,", "2/3 2026,", "row 3: start: '2/3 2026' is not"),
        ("008", "007", "row 3: trip_id: '007' is the one of row 2 too"),
        ("008", "", "row 3: trip_id: must not be empty"),
    ],
)
def test_a_wrong_trip_is_told(
    files: tuple[Path, Path, Path], old: str, new: str, message: str
) -> None:
    assert TRIPS.count(old) >= 1
    files[0].write_text(TRIPS.replace(old, new, 1))
    with pytest.raises(ProblemError) as caught:
        read_problem(*files)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("energy", "fuel", "no column energy"),
        ("nord,2", "nord,-2", "row 2: kind 'nord/el': count_now: -2 is negative"),
        ("nord,2", "nord,2.5", "row 2: count_now: '2.5' is not a whole number"),
        (",1,4,", ",5,4,", "row 2: kind 'nord/el': min_count: 5 is above max_count 4"),
        ("electric", "atomic", "row 2: energy: 'atomic' is not one of electric, petrol"),
        ("61000", "inf", "row 2: kind 'nord/el': fixed_kr_year: inf is not a finite number"),
        (",180,", ",0,", "row 2: kind 'nord/el': range_km: 0 allows no trip"),
        ("07:00-15:30", "7 til 15", "row 3: window: '7 til 15' is not"),
        ("07:00-15:30", "15:30-07:00", "row 3: kind 'cykel': window: 15:30-07:00 does not end"),
        ("cykel,,", "el,nord,", "row 3: type and pool: 'nord/el' is the one of row 2 too"),
    ],
)
def test_a_wrong_kind_is_told(
    files: tuple[Path, Path, Path], old: str, new: str, message: str
) -> None:
    assert FLEET.count(old) >= 1
    files[1].write_text(FLEET.replace(old, new, 1))
    with pytest.raises(ProblemError) as caught:
        read_problem(*files)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("turnaround = 5", "turnaround"),
        ("turnaround_min = '5'", "turnaround_min: '5'"),
        ("turnaround_min = 1e300", "turnaround_min: 1e+300 is above 1000000000"),
        ("turnaround_min = -5", "turnaround_min: -5 is negative"),
        ("period_days = 0", "period_days: must be above 0"),
        ("co2_kr_t = nan", "co2_kr_t: nan is not a finite number"),
        ("green_only_new = 1", "green_only_new: 1"),
        ("seed = 1.5", "seed: 1.5"),
        ("turnaround_min", "R.toml"),
        ("reserve = -1", "reserve: -1 is negative"),
        ("reserve = 1.5", "reserve: 1.5 is no whole number"),
        ("reserve = true", "reserve: True is not of its type"),
        ("reserve = 10001", "reserve: 10001 is above 10000, the rule count_most"),
        ("[reserve]\nnord = 'to'", "reserve.nord: 'to' is not of its type"),
        ("[reserve]\nnord = 0.5", "reserve.nord: 0.5 is no whole number"),
        ('"reserve.nord" = 1', "there is no rule reserve.nord"),
        ("no_fallback_needs = 'lift'", "no_fallback_needs: ['lift'] is not of its type"),
        ("no_fallback_needs = [1]", "no_fallback_needs: [1] is not of its type"),
        ("no_fallback_needs = ['']", "no_fallback_needs: must not be empty"),
        ("no_fallback_pools = true", "no_fallback_pools: [True] is not of its type"),
        ("moves = 1", "moves: 1 is not of its type"),
        ("green_keep = 'ja'", "green_keep: 'ja' is not of its type"),
    ],
)
def test_a_wrong_rule_is_told(files: tuple[Path, Path, Path], text: str, message: str) -> None:
    files[2].write_text(text)
    with pytest.raises(ProblemError) as caught:
        read_problem(*files)
    assert message in str(caught.value)


def test_the_rules_on_the_whole_fleet_are_read_and_are_off_when_absent(
    files: tuple[Path, Path, Path],
) -> None:
    rules = read_problem(*files).rules
    assert (rules.reserve_of("nord"), rules.moves, rules.green_keep) == (0, False, False)
    assert not rules.must_be_served(read_problem(*files).trips[0])
    files[2].write_text(
        "no_fallback_needs = ['tow', ' crane ']\nno_fallback_pools = ['']\n"
        "moves = true\ngreen_keep = true\n[reserve]\nnord = 2\n"
    )
    problem = read_problem(*files)
    rules = problem.rules
    assert (rules.reserve_of("nord"), rules.reserve_of("")) == (2, 0)
    assert (rules.moves, rules.green_keep) == (True, True)
    assert rules.no_fallback_needs == ("tow", "crane")
    assert [rules.must_be_served(trip) for trip in problem.trips] == [True, True]
    files[2].write_text("reserve = 1\n")
    assert read_problem(*files).rules.reserve_of("syd") == 1


def test_rules_are_read_as_windows_saves_utf_8_and_refused_in_other_encodings(
    files: tuple[Path, Path, Path],
) -> None:
    text = "no_fallback_pools = ['bør']\n"
    files[2].write_bytes(text.encode("utf-8-sig"))
    problem = read_problem(*files)
    assert problem.rules.no_fallback_pools == ("bør",)
    plan = files[0].parent / "PLAN.json"
    write_plan(solve(problem, seconds_max=5, gap=0.0), plan)
    assert check_files(plan, *files) == []
    for encoding in ("cp1252", "utf-16"):
        files[2].write_bytes(text.encode(encoding))
        with pytest.raises(ProblemError, match=r"R\.toml: is not UTF-8, as TOML must be"):
            read_problem(*files)


@pytest.mark.parametrize("rule", ["moves", "green_keep"])
def test_a_type_with_two_energies_is_refused_where_types_count_over_all_pools(
    files: tuple[Path, Path, Path], rule: str
) -> None:
    other = "el,syd,1,0,,,diesel,50000,1,100,,,,,"
    files[1].write_text(FLEET + other + "\n")
    assert len(read_problem(*files).kinds) == 3
    files[2].write_text(f"{rule} = true\n")
    with pytest.raises(ProblemError, match="kind 'syd/el': energy: diesel, but electric in"):
        read_problem(*files)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_missing_file_is_told(files: tuple[Path, Path, Path], number: int) -> None:
    files[number].unlink()
    with pytest.raises(ProblemError, match=files[number].name):
        read_problem(*files)


def test_a_file_of_trips_without_trips_is_told(files: tuple[Path, Path, Path]) -> None:
    files[0].write_text(TRIPS.splitlines()[0] + "\n")
    with pytest.raises(ProblemError, match="trips: there are none"):
        read_problem(*files)


def test_a_plan_is_written_and_read_back(tmp_path: Path) -> None:
    plan = solve(depot_weeks(random.Random(1), vehicles=3, weeks=1), seconds_max=60, gap=0.01)
    path = tmp_path / "PLAN.json"
    write_plan(plan, path)
    back = read_plan(path)
    assert (back.best, back.baseline, back.period_days) == (
        plan.best,
        plan.baseline,
        plan.period_days,
    )
    content = json.loads(path.read_text())
    assert list(content["assignments"][0]) == ["trip_id", "vehicle"]
    assert list(content["fleet"][0]) == ["type", "pool", "count", "count_now"]
    assert content.keys() - content["baseline"].keys() == {"baseline", "seconds"}


def test_a_mistyped_column_does_not_drop_its_rule_in_silence(
    files: tuple[Path, Path, Path],
) -> None:
    files[1].write_text(FLEET.replace("max_trip_km", "max_trip"))
    with pytest.raises(ProblemError, match=r"F\.csv: column max_trip: did you mean max_trip_km"):
        read_problem(*files)


def test_columns_of_the_owners_own_are_left_alone(files: tuple[Path, Path, Path]) -> None:
    rows = TRIPS.splitlines()
    files[0].write_text("\n".join([f"{rows[0]},afdeling", *(f"{row},x" for row in rows[1:])]))
    assert len(read_problem(*files).trips) == 2


def test_a_row_with_a_cell_too_many_is_told(files: tuple[Path, Path, Path]) -> None:
    files[0].write_text(TRIPS.replace("AB 12 345", "AB 12 345,surplus"))
    with pytest.raises(ProblemError, match=r"T\.csv: row 2: has more cells"):
        read_problem(*files)


def test_a_count_without_sense_is_refused_by_row_and_column(files: tuple[Path, Path, Path]) -> None:
    for count in ("10000000", "9" * 5_000):
        files[1].write_text(FLEET.replace(",2,1,4,", f",{count},1,4,", 1))
        with pytest.raises(ProblemError, match=r"F\.csv: row 2: count_now: .* count_most"):
            read_problem(*files)
    files[1].write_text(FLEET.replace(",2,1,4,", ",2,1,10001,", 1))
    with pytest.raises(ProblemError, match=r"row 2: max_count: 10001 is more than 10000"):
        read_problem(*files)
    files[2].write_text("count_most = 20000\n")
    assert read_problem(*files).kinds[0].max_count == 10_001


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+01:00", "0001-01-01", "9999-12-31T23:59"])
def test_a_year_without_sense_is_refused_by_row_and_column(
    files: tuple[Path, Path, Path], moment: str
) -> None:
    files[0].write_text(TRIPS.replace("2026-03-02T07:00:00,", f"{moment},", 1))
    with pytest.raises(ProblemError, match=r"T\.csv: row 3: start: .* of the years 1990 to 2200"):
        read_problem(*files)


def test_a_time_that_the_clock_leaves_out_is_noted(files: tuple[Path, Path, Path]) -> None:
    files[0].write_text(
        "trip_id,start,end,km\na,2026-03-29T02:30:00,2026-03-29T05:30:00,5\n"
        "b,2026-07-01T08:00:00Z,2026-07-01T09:00:00Z,5\n"
    )
    problem = read_problem(*files)
    assert problem.trips[0].start == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert [note for note in said(problem) if "leaves out" in note] == [f"T.csv: {NOTE_LEFT_OUT}"]


def test_a_time_without_an_offset_is_local_of_a_repeated_hour_the_first_and_noted(
    files: tuple[Path, Path, Path],
) -> None:
    files[0].write_text(
        "trip_id,start,end,km\na,2026-10-25T02:30:00,2026-10-25T03:30:00,5\n"
        "b,2026-07-01T08:00:00Z,2026-07-01T09:00:00Z,5\n"
    )
    problem = read_problem(*files)
    assert problem.trips[0].start == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert problem.trips[0].end == datetime(2026, 10, 25, 2, 30, tzinfo=UTC)
    assert [note for note in said(problem) if "local time" in note] == [
        "T.csv: 1 trips with times without an offset are read as local time (Europe/Copenhagen; of "
        "an hour that the clock has twice, the first)"
    ]
    plan = solve(problem, seconds_max=5, gap=0.0)
    assert plan.notes[: len(problem.notes)] == problem.notes


@pytest.mark.parametrize(
    ("encoding", "note"),
    [("cp1252", "Windows-1252"), ("utf-16", "UTF-16"), ("utf-8-sig", None), ("utf-8", None)],
)
@pytest.mark.parametrize(("delimiter", "decimal"), [(",", "."), (";", ","), ("\t", ",")])
def test_a_file_is_read_in_the_encoding_and_with_the_signs_that_it_has(
    files: tuple[Path, Path, Path], encoding: str, note: str | None, delimiter: str, decimal: str
) -> None:
    cells = [
        ["trip_id", "start", "end", "km", "pool"],
        ["æ1", "2026-03-02T07:00:00+01:00", "2026-03-02T08:30:00+01:00", f"1012{decimal}5", "nord"],
    ]
    text = "\r\n".join(delimiter.join(row) for row in cells)
    files[0].write_bytes(text.encode(encoding))
    problem = read_problem(*files)
    assert (problem.trips[0].trip_id, problem.trips[0].km) == ("æ1", 1012.5)
    assert any("Windows-1252" in one for one in said(problem)) is (note == "Windows-1252")
    assert any("UTF-16" in one for one in said(problem)) is (note == "UTF-16")
    assert any("separated by" in one for one in said(problem)) is (delimiter != ",")


@pytest.mark.parametrize(
    ("text", "km"),
    [
        ("start;end;km;trip_id|{};1.250;a|{};12,5;b", 1250),
        ("start;end;km;trip_id|{};1.250;a|{};12.5;b", 1.25),
        ('start,end,km,trip_id|{},"1,250",a|{},12.5,b', 1250),
        ('start,end,km,trip_id|{},"1,250",a|{},12,b', None),
    ],
)
def test_the_other_numbers_of_a_file_tell_what_a_sign_before_three_digits_is(
    files: tuple[Path, Path, Path], text: str, km: float | None
) -> None:
    sign = ";" if ";" in text else ","
    spans = [f"2026-03-0{day}T07:00:00Z{sign}2026-03-0{day}T09:00:00Z" for day in (2, 3)]
    files[0].write_text(text.replace("|", "\n").format(*spans))
    if km is None:
        with pytest.raises(ProblemError, match=r"T\.csv: row 2: km: '1,250' is 1250 or 1\.250"):
            read_problem(*files)
        return
    problem = read_problem(*files)
    assert problem.trips[0].km == km
    assert any("such as 1" in note for note in said(problem))
    plan = solve(problem, seconds_max=5, gap=0.0)
    write_plan(plan, files[0].parent / "PLAN.json")
    wrong = check_files(files[0].parent / "PLAN.json", *files)
    assert [one for one in wrong if "km" in one] == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"PK\x03\x04\x00\x00", "is no text"),
        (b"trip_id,start,end,km\n\x81,1,2,3\n", r"neither UTF-8 nor Windows-1252 .* row 2"),
        (b"trip_id,start,end,km,km\n", "column km occurs twice"),
        (b"trip_id,start\n", r"no column end, km \(found: trip_id, start\)"),
        (b"trip_id,start,end,km\n" + b"x" * 200_000, "row 2: field larger"),
        (b'trip_id,start,end,km\n"a', "row 2"),
        (b"trip_id,start,end,km\n", "there are none"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(
    files: tuple[Path, Path, Path], content: bytes, message: str
) -> None:
    files[0].write_bytes(content)
    with pytest.raises(ProblemError, match=message):
        read_problem(*files)


def test_a_folder_or_nothing_in_the_place_of_a_file_is_told(files: tuple[Path, Path, Path]) -> None:
    for place in (files[0].parent, files[0].parent / "absent.csv"):
        with pytest.raises(ProblemError, match=place.name):
            read_problem(place, files[1], None)
        with pytest.raises(ProblemError, match=place.name):
            read_rules(place)
        with pytest.raises(ProblemError, match=place.name):
            read_plan(place)


_CELLS = st.sampled_from(
    [
        *("a", "", "1", "-1", "1e400", "nan", "inf", "9" * 30, "12,5", "1.234,5", '"', ";", "\t"),
        *("2026-01-01T08:00", "2026-01-01T09:00:00+01:00", "0001-01-01", "9999-12-31T23:59Z"),
        *("electric", "07:00-15:30", "07:00", "æøå", "\x00", "\ufeff", "+23:59"),
    ]
)


@given(
    rows=st.lists(st.lists(_CELLS, max_size=8), max_size=4),
    delimiter=st.sampled_from(",;\t"),
    encoding=st.sampled_from(["utf-8", "cp1252", "utf-16", "utf-16-be"]),
    heading=st.sampled_from([TRIPS.partition("\n")[0], FLEET.partition("\n")[0]]),
    cut=st.integers(0, 300),
)
def test_whatever_a_file_holds_it_is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[list[str]],
    delimiter: str,
    encoding: str,
    heading: str,
    cut: int,
) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    text = "\n".join([heading.replace(",", delimiter), *map(delimiter.join, rows)])
    odd, trips, fleet = folder / "odd.csv", folder / "T.csv", folder / "F.csv"
    odd.write_bytes(text.encode(encoding, errors="replace")[: cut or None])
    trips.write_text(TRIPS)
    fleet.write_text(FLEET)
    for given_files in ((odd, fleet), (trips, odd)):
        try:
            read_problem(*given_files, None)
        except ProblemError as refused:
            assert str(refused)
