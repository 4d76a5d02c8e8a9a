"""A fleet list as a municipality hands it over becomes vehicles, or is refused row by row."""

import csv
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from api.settings import Settings
from costs.catalogue_stored import read_catalogue
from db.connect import Pool
from register.fleet_list import load_fleet_list, read_fleet_list
from register.register_file import RegisterError
from trips.detect.parameters import parameters_by_class

CLASSES = parameters_by_class()
BOUNDS = Settings.model_validate({}).upload_bounds
HEADINGS = [
    *("Køretøj", "Navn", "Type", "Afdeling", "Depot", "Chip", "Kontrakt udløber"),
    *("Km-stand", "Krav", "Måles i", "Klasse"),
]
GOOD = [
    *("LTK-1", "Lille hvide", "Varebil, diesel", "Vej & Park", "Materielgården", "chip-1"),
    *("30-04-2028", "84.200", "cargo", "km", "van"),
]


@pytest.fixture
async def depot(pool: Pool) -> Pool:
    await pool.execute(
        "INSERT INTO zone (zone_id, name, lat, lon, radius_m)"
        " VALUES ('mg', 'Materielgården', 55.77, 12.5, 100)"
    )
    return pool


def danish_csv(path: Path, *rows: list[str]) -> Path:
    file = path / "fleet.csv"
    with file.open("w", newline="", encoding="utf-8-sig") as target:
        csv.writer(target, delimiter=";").writerows([HEADINGS, *rows])
    return file


async def test_a_danish_list_becomes_vehicles_and_takes_starter_kinds_into_use(
    depot: Pool, tmp_path: Path
) -> None:
    assert (await load_fleet_list(depot, danish_csv(tmp_path, GOOD), CLASSES, BOUNDS)).vehicles == 1
    row = await depot.fetchrow("SELECT * FROM vehicle")
    assert row is not None
    assert (row["kind"], row["depot_id"], row["needs"]) == ("varebil-diesel", "mg", ["cargo"])
    assert (row["contract_end"], row["mileage_km"]) == (date(2028, 4, 30), 84_200)
    assert (row["trip_class"], row["measured_in"]) == ("van", "km")
    assert await depot.fetchval("SELECT vehicle_id FROM device WHERE device = 'chip-1'") == "LTK-1"
    [kind] = await read_catalogue(depot)
    assert (kind.kind, kind.offered) == ("varebil-diesel", False)


async def test_excel_is_read_as_it_stands(depot: Pool, tmp_path: Path) -> None:
    file = tmp_path / "fleet.xlsx"
    with xlsxwriter.Workbook(file) as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["vehicle_id", "kind", "department", "depot", "contract_end", "km"])
        sheet.write_row(1, 0, [17, "elbil-lille", "Hjemmeplejen", "mg"])
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_datetime(1, 4, datetime(2029, 1, 31), day)  # noqa: DTZ001 - a day
    assert (await load_fleet_list(depot, file, CLASSES, BOUNDS)).vehicles == 1
    row = await depot.fetchrow("SELECT vehicle_id, name, contract_end FROM vehicle")
    assert row is not None
    assert tuple(row) == ("17", "17", date(2029, 1, 31))


async def test_every_wrong_row_is_named_and_nothing_is_loaded(depot: Pool, tmp_path: Path) -> None:
    def with_(**changes: str) -> list[str]:
        return [changes.get(name, cell) for name, cell in zip(HEADINGS, GOOD, strict=True)]

    rows = [
        GOOD,
        with_(Depot="Månen", Køretøj="a"),
        with_(Type="rumskib", Køretøj="b"),
        with_(Krav="cargo;crane", Køretøj="c"),
        with_(**{"Kontrakt udløber": "snart", "Køretøj": "d"}),
        with_(**{"Km-stand": "-5", "Køretøj": "e"}),
        with_(Klasse="raket", Køretøj="f"),
        GOOD,
    ]
    with pytest.raises(RegisterError) as refused:
        await load_fleet_list(depot, danish_csv(tmp_path, *rows), CLASSES, BOUNDS)
    message = str(refused.value)
    for number, words in (
        *((3, "depot: there is no 'Månen'"), (4, "kind: there is no 'rumskib'")),
        *((5, "crane"), (6, "contract_end: 'snart'"), (7, "mileage_km: '-5'")),
        *((8, "class: there is no 'raket'"), (9, "occurs twice")),
    ):
        assert f"row {number}: " in message
        assert words in message
    assert "row 2:" not in message
    assert await depot.fetchval("SELECT count(*) FROM vehicle") == 0


async def test_a_list_without_a_needed_column_names_it(depot: Pool, tmp_path: Path) -> None:
    file = tmp_path / "fleet.csv"
    file.write_text("vehicle_id,kind,department\n1,x,y\n")
    with pytest.raises(RegisterError, match="no column depot"):
        await load_fleet_list(depot, file, CLASSES, BOUNDS)
    file = tmp_path / "empty.xlsx"
    file.write_text("not a workbook")
    with pytest.raises(RegisterError, match=r"empty\.xlsx"):
        await load_fleet_list(depot, file, CLASSES, BOUNDS)


@pytest.mark.parametrize(
    ("heading", "cell"),
    [
        ("Kontrakt udløber", "0001-01-01"),
        ("Kontrakt udløber", "31-12-9999"),
        ("Km-stand", "1e300"),
        ("Km-stand", "99999999999999999999"),
        ("Km-stand", "-1"),
        ("Km-stand", "nan"),
    ],
)
async def test_a_number_or_day_without_sense_is_refused_by_row_and_column(
    depot: Pool, tmp_path: Path, heading: str, cell: str
) -> None:
    wrong = [*GOOD]
    wrong[HEADINGS.index(heading)] = cell
    name = {"Kontrakt udløber": "contract_end", "Km-stand": "mileage_km"}[heading]
    with pytest.raises(RegisterError, match=rf"row 3: {name}: '{cell}' is not"):
        await load_fleet_list(depot, danish_csv(tmp_path, GOOD, wrong), CLASSES, BOUNDS)
    assert await depot.fetchval("SELECT count(*) FROM vehicle") == 0


async def test_how_a_list_was_read_is_told(depot: Pool, tmp_path: Path) -> None:
    file = danish_csv(tmp_path, GOOD)
    file.write_bytes(file.read_text("utf-8-sig").encode("cp1252"))
    said: list[str] = []
    await load_fleet_list(depot, file, CLASSES, BOUNDS, said.append)
    assert ["Windows-1252" in said[0], "semicolons" in said[1]] == [True, True]


@pytest.mark.parametrize(
    ("text", "mileage_km"),
    [
        ("id;type;afdeling;depot;km-stand|v1;a;b;c;84.200|v2;a;b;c;1.250.000", 84_200),
        ("id;type;afdeling;depot;km-stand|v1;a;b;c;84.200", 84_200),
        ("id;type;afdeling;depot;km-stand|v1;a;b;c;84.200|v2;a;b;c;12.5", None),
        ('id,type,afdeling,depot,km-stand|v1,a,b,c,"84,200"|v2,a,b,c,12.5', 84_200),
        ('id,type,afdeling,depot,km-stand|v1,a,b,c,"84,200"|v2,a,b,c,12', None),
        ("id,type,afdeling,depot,km-stand|v1,a,b,c,84.200|v2,a,b,c,12", None),
    ],
)
def test_the_other_mileages_of_a_list_tell_what_a_sign_before_three_digits_is(
    tmp_path: Path, text: str, mileage_km: float | None
) -> None:
    path = tmp_path / "fleet.csv"
    path.write_text(text.replace("|", "\n"))
    if mileage_km is None:
        with pytest.raises(RegisterError, match=r"row 2: mileage_km: '84.200' is 84200 or 84\.200"):
            read_fleet_list(path, CLASSES, BOUNDS)
    else:
        assert read_fleet_list(path, CLASSES, BOUNDS)[0].mileage_km == mileage_km


def test_an_odd_mileage_is_refused_and_does_not_divide_the_others(tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    rows = [f"v{km};a;b;c;{km}.500 km" for km in range(10, 30)]
    path.write_text("\n".join(["id;type;afdeling;depot;km-stand", *rows, "v30;a;b;c;12.5"]))
    with pytest.raises(RegisterError, match=r"nothing is loaded: row 22: mileage_km: '12\.5' has"):
        read_fleet_list(path, CLASSES, BOUNDS)
    path.write_text("\n".join(["id;type;afdeling;depot;km-stand", *rows]))
    assert read_fleet_list(path, CLASSES, BOUNDS)[0].mileage_km == 10_500


async def test_rows_of_sums_and_headings_of_groups_are_left_out_and_told(
    depot: Pool, tmp_path: Path
) -> None:
    rest = [""] * (len(HEADINGS) - 1)
    said: list[str] = []
    file = danish_csv(tmp_path, ["Vej og Park", *rest], GOOD, ["I alt: 1", *rest])
    loaded = await load_fleet_list(depot, file, CLASSES, BOUNDS, said.append)
    assert loaded.vehicles == 1
    assert said[-2:] == [
        "Row 2 is no vehicle and is left out: Vej og Park",
        "Row 4 is no vehicle and is left out: I alt: 1",
    ]
