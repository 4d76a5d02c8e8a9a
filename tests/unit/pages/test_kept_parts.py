"""A part of a page is drawn once for what it tells, and anew for anything else."""

from jinja2 import Environment

from api.pages.words.kept_parts import PARTS_KEPT, ROWS_KEPT, KeptParts, KeptRows


def test_a_part_is_drawn_again_when_it_tells_something_else() -> None:
    drawn: list[object] = []
    made = Environment(autoescape=True)
    made.globals |= {"kept": KeptParts(), "note": drawn.append}
    template = made.from_string(
        "{% call kept(told) %}{{ note(told) or '' }}<b>{{ told[0] }}</b>{% endcall %}"
    )
    one, equal = ["<1>"], ["<1>"]
    for _ in range(2):
        assert template.render(told=one) == "<b>&lt;1&gt;</b>"
    assert drawn == [one]
    assert template.render(told=equal) == "<b>&lt;1&gt;</b>"
    assert template.render(told=["2"]) == "<b>2</b>"
    assert len(drawn) == 3
    for at in range(PARTS_KEPT):
        assert template.render(told=[at]) == f"<b>{at}</b>"
    assert template.render(told=one) == "<b>&lt;1&gt;</b>"
    assert len(drawn) == 3 + PARTS_KEPT + 1


def test_a_row_is_drawn_again_when_it_tells_what_is_not_equal() -> None:
    drawn: list[object] = []
    made = Environment(autoescape=True)
    made.globals |= {"kept_row": KeptRows(), "note": drawn.append}
    template = made.from_string(
        "{% call kept_row('a', told, 1) %}{{ note(told) or '' }}<b>{{ told[0] }}</b>{% endcall %}"
    )
    for told, row in ((("<1>",), "<b>&lt;1&gt;</b>"), (("2",), "<b>2</b>")):
        for _ in range(2):
            assert template.render(told=tuple(told)) == row
    assert drawn == [("<1>",), ("2",)]
    for at in range(ROWS_KEPT):
        template.render(told=(at,))
        template.render(told=("2",))
    drawn.clear()
    assert (template.render(told=("2",)), drawn) == ("<b>2</b>", [])  # it was asked for again
    template.render(told=("<1>",))
    assert drawn == [("<1>",)]
