"""The picture of a day at a depot: within its frame, at the hours of the day, and told as text."""

import re
from datetime import UTC, date, datetime

from api.door.reach import Reach
from api.pages.depot_days.picture import BAR_MIN, LEFT, WIDTH, day_picture, hours_of
from api.pages.frame.render import Renderer
from api.pages.frame.static import StaticFiles
from api.pages.routes import VOCABULARY
from api.pages.words.language import Language
from optimiser.days.depot_day import DayRow, DrawnTrip, RowKind, TripMark
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.samples.depot_days import A_DAY, DAY
from tests.samples.pages import NEEDS_OF_PAGES, PAGES


def row_of(*spans: tuple[str, str]) -> DayRow:
    """A row with trips between moments in UTC."""
    trips = [
        DrawnTrip(
            start=datetime.fromisoformat(start).replace(tzinfo=UTC),
            end=datetime.fromisoformat(end).replace(tzinfo=UTC),
            mark=TripMark.STAYING,
            driven_by="v1",
        )
        for start, end in spans
    ]
    return DayRow(kind=RowKind.VEHICLE, name="v1", trips=trips)


def test_a_picture_spans_the_hours_in_which_anybody_drove() -> None:
    # Local time is an hour ahead of UTC in November.
    assert hours_of(DAY, A_DAY.before) == (8, 16)
    late = row_of(("2026-11-04T22:10", "2026-11-05T01:00"))
    assert hours_of(DAY, [late]) == (18, 24)
    assert hours_of(DAY, []) == (8, 16)


def test_bars_lie_in_the_frame_and_do_not_overlap() -> None:
    row = row_of(
        ("2026-11-03T20:00", "2026-11-04T06:00"),
        ("2026-11-04T06:00", "2026-11-04T06:01"),
        ("2026-11-04T22:00", "2026-11-05T05:00"),
        ("2026-11-04T22:30", "2026-11-04T22:45"),
    )
    hours = hours_of(DAY, [row])
    assert hours == (0, 24)
    picture = day_picture(DAY, [row, row_of()], hours)
    [band, empty] = picture.bands
    assert band.bars[0].x == LEFT
    assert all(bar.x >= LEFT and bar.x + bar.width <= WIDTH for bar in band.bars)
    assert min(bar.width for bar in band.bars) >= BAR_MIN
    by_lane: dict[float, float] = {}
    for bar in sorted(band.bars, key=lambda one: one.x):
        assert bar.x >= by_lane.get(bar.y, 0.0) - 0.1
        by_lane[bar.y] = bar.x + bar.width
    assert len(by_lane) == 2
    assert empty.y > max(by_lane)
    assert picture.height > empty.y
    # Hours are drawn beside bars, below the name above them.
    assert band.name_y < band.bars_y == min(by_lane)
    assert max(by_lane) < band.end_y <= empty.y


def test_no_line_of_an_hour_crosses_a_name() -> None:
    renderer = Renderer(StaticFiles(), "Prøve Kommune", VOCABULARY, Reach(NEEDS_OF_PAGES))
    html = renderer.html(PAGES["depot-days"], Language.DANISH, "/", SOMEBODY, "t0ken")
    pictures = re.findall(r"<svg class=\"curve\".*?</svg>", html, re.S)
    assert len(pictures) >= 2
    for picture in pictures:
        names = [float(y) for y in re.findall(r'class="day-name[^>]* y="([\d.]+)"', picture)]
        lines = [
            (float(top), float(end))
            for top, end in re.findall(r"M[\d.]+ ([\d.]+)V([\d.]+)", picture)
        ]
        assert names
        assert lines
        # A letter reaches 12 above its line and 3 below it.
        assert not [y for y in names for top, end in lines if top < y + 3 and end > y - 12]


def test_the_day_on_which_clocks_change_has_its_local_hours() -> None:
    spring = date(2026, 3, 29)
    row = row_of(("2026-03-29T06:00", "2026-03-29T08:30"))
    assert hours_of(spring, [row]) == (8, 14)


def test_the_page_tells_as_text_what_its_pictures_show() -> None:
    renderer = Renderer(StaticFiles(), "Prøve Kommune", VOCABULARY, Reach(NEEDS_OF_PAGES))
    html = renderer.html(PAGES["depot-days"], Language.DANISH, "/", SOMEBODY, "t0ken")
    told = words(html).replace("&lt;", "<").replace("&gt;", ">")
    assert "En typisk dag: ons. 4. nov. 2026" in told
    assert "1 tur er fundet eller ændret, efter at planen blev lavet" in told
    assert "08.00–10.30 LTK-009 <elbil> + Varevogn, el 1" in told
    assert "09.30–12.00 Lille <elbil> 4 Taxa, lejet eller egen bil" in told
    assert "Alle ture beholder deres tidspunkt." in told
    _, _, text = told.partition("Billederne som tekst")
    assert "LTK-009 <elbil> (udgår): 08.00–10.30, 13.15–14.00" in text
    assert html.count('role="img"') == 4
