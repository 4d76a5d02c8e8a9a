"""A register of 60 vehicles as a municipality keeps it in Excel, with 20 mistakes in it."""

from datetime import date

from tests.factories.vehicle_lists import sheet_cells, workbook

HEADINGS = (
    *("Nr.", "Reg.nr.", "Mærke", "Model", "Køretøjstype", "Drivmiddel", "Center", "Lokation"),
    *("Årgang", "1. indreg.", "Leasing start", "Leasing udløb", "Aftalte km", "Ydelse pr. md."),
    *("Km-stand", "Bemærkninger"),
)
#: The row of the headings, below a title and an empty row, and that of the first vehicle.
HEADING_ROW = 3
FIRST = HEADING_ROW + 1

#: The mistakes by the number of the vehicle and the heading: what stands in the cell, and a part of
#: what is said of it. Of a formula its result is what counts.
MISTAKES: dict[tuple[int, str], tuple[object, str]] = {
    (1, "Leasing udløb"): ("31/02/2026", "ikke en dato"),
    (4, "Leasing udløb"): ("snart", "ikke en dato"),
    (7, "Leasing udløb"): ("31.12.2020", "før den begynder"),
    (10, "1. indreg."): ("01-01-2031", "ikke kommet endnu"),
    (13, "1. indreg."): (12, "ikke en dato"),
    (16, "Km-stand"): ("mange", "ikke et tal"),
    (19, "Km-stand"): ("-5", "fra 0 til 4.000.000"),
    (22, "Km-stand"): (9_000_000, "fra 0 til 4.000.000"),
    (25, "Reg.nr."): ("AB 10 002", "allerede i række 6"),
    (28, "Reg.nr."): ("", "hvilket køretøj"),
    (31, "Reg.nr."): ("AB/?", "2 til 10 bogstaver"),
    (34, "Mærke"): ("=B4", "en formel"),
    (37, "Model"): ("x" * 101, "højst være 100 tegn"),
    (40, "Køretøjstype"): ("Hest", "hvilken type"),
    (43, "Lokation"): ("Månen", "hvilket depot"),
    (46, "Center"): ("Mars", "ingen sådan afdeling"),
    (49, "Årgang"): ("2023,5", "ikke et helt tal"),
    (52, "Aftalte km"): (0, "over 0"),
    (55, "Ydelse pr. md."): ("gratis", "ikke et tal"),
    (58, "Lokation"): ("", "hvilket depot"),
}


def the_list() -> bytes:
    """The list: 60 vehicles with the mistakes, an empty row between them and sums below; a section
    has its centre in one merged cell."""
    cells = {"A1": "Flådeliste pr. 29. november 2026"}
    cells |= sheet_cells([HEADINGS], HEADING_ROW)
    rows: list[list[object]] = []
    for n in range(60):
        vehicle = {
            "Nr.": n + 1,
            "Reg.nr.": f"AB 10 {n:03}",
            "Mærke": ("VW", "Renault", "Skoda")[n % 3],
            "Model": ("Caddy", "Kangoo", "Enyaq")[n % 3],
            "Køretøjstype": ("Varebil", "Kassevogn", "Personbil")[n % 3],
            "Drivmiddel": ("Diesel", "El", "El")[n % 3],
            "Center": "" if n < 3 else ("Vej og Park", "Hjemmepleje")[n % 2],
            "Lokation": ("Rådhuset", "Materielgården")[n % 2],
            "Årgang": 2020 + n % 5,
            "1. indreg.": ("10/01/23", "10.1.2023", date(2023, 1, 10))[n % 3],
            "Leasing start": "2023-01-10",
            "Leasing udløb": (date(2027, 1, 31), "31-01-2027", "31/01/27")[n % 3],
            "Aftalte km": "80.000 km",
            "Ydelse pr. md.": ("3.500,00", "kr. 3.500", 3_500)[n % 3],
            "Km-stand": (41_000, "41.000 km", "41000")[n % 3],
            "Bemærkninger": "=SUM(1;2)" if n == 5 else "",
        }
        vehicle |= {heading: cell for (at, heading), (cell, _) in MISTAKES.items() if at == n}
        rows.append([vehicle[heading] for heading in HEADINGS])
    cells |= sheet_cells(rows, FIRST)
    below = FIRST + len(rows) + 1
    cells |= {f"A{below}": "I alt", f"B{below}": "60 biler", f"O{below}": 2_460_000}
    return workbook(
        {place: value for place, value in cells.items() if not str(value).startswith("=B")},
        merged={f"G{FIRST}:G{FIRST + 2}": "Vej og Park"},
        formulas={f"C{FIRST + 34}": ("=B4&NA()", "=B4")},
    )
