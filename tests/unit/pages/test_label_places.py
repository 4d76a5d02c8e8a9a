"""Names of marks in a picture cover neither each other nor marks, and stay within the picture."""

from hypothesis import given
from hypothesis import strategies as st

from api.pages.words.label_places import ABOVE, BELOW, LETTER_WIDTH, Mark, label_places

FONT, WIDTH, HEIGHT = 22.0, 700.0, 320.0


def boxes(marks: list[Mark]) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each name."""
    found: list[tuple[float, float, float, float]] = []
    for mark, place in zip(marks, label_places(marks, FONT, WIDTH, HEIGHT), strict=True):
        wide = len(mark.name) * LETTER_WIDTH * FONT
        left = place.x - {"start": 0, "middle": wide / 2, "end": wide}[place.anchor]
        found.append((left, place.y - ABOVE * FONT, left + wide, place.y + BELOW * FONT))
    return found


def apart(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


def test_a_lone_name_stands_to_the_right_of_its_mark() -> None:
    [place] = label_places([Mark(100, 100, 9, "I dag")], FONT, WIDTH, HEIGHT)
    assert (place.anchor, place.x) == ("start", 114)


def test_fleets_that_lie_close_together_have_names_apart() -> None:
    names = ["I dag", "Foreslået", "Billigst på linjen", "Grønnest tæt på den", "Uden hensyn"]
    spots = [(640.0, 60.0), (300.0, 150.0), (480.0, 155.0), (300.0, 150.0), (610.0, 300.0)]
    found = boxes([Mark(x, y, 9, name) for (x, y), name in zip(spots, names, strict=True)])
    for number, one in enumerate(found):
        assert one[0] >= 0
        assert one[2] <= WIDTH
        assert all(apart(one, other) for other in found[number + 1 :])


@given(
    st.lists(st.tuples(st.floats(70, 680), st.floats(30, 310)), min_size=1, max_size=5, unique=True)
)
def test_names_do_not_leave_the_picture(spots: list[tuple[float, float]]) -> None:
    marks = [Mark(x, y, 9, "Grønnest tæt på den") for x, y in spots]
    for left, top, right, bottom in boxes(marks):
        assert left >= 0
        assert right <= WIDTH
        assert top >= 0
        assert bottom <= HEIGHT


def test_a_name_keeps_off_a_line_that_runs_through_its_mark() -> None:
    line = [(100.0, 100.0), (300.0, 105.0), (520.0, 110.0)]
    marks = [Mark(520, 110, 9, "Proposed"), Mark(520, 110, 12, "Cheapest on the line")]
    for place, mark in zip(label_places(marks, FONT, WIDTH, HEIGHT, [line]), marks, strict=True):
        wide = len(mark.name) * LETTER_WIDTH * FONT
        left = place.x - {"start": 0, "middle": wide / 2, "end": wide}[place.anchor]
        for x in range(100, 521):
            y = 100 + (x - 100) * 10 / 420
            inside = left < x < left + wide and place.y - ABOVE * FONT < y < place.y + BELOW * FONT
            assert not inside, (mark.name, place)
