"""Draws an indicator as a small picture: its values through time, and the target as a line."""

from html import escape

from api.pages.plan_status.words import DocumentWords
from api.pages.words.language import mark
from reports.plan_status import StatusIndicator

#: The size of a picture and the room around its line, in units of its own.
WIDTH, HEIGHT = 360, 130
_LEFT, _RIGHT, _TOP, _BOTTOM = 12, 118, 16, 26

#: The width of a letter at most, as a part of its height.
_LETTER = 0.58

_LINE, _INK, _GREY, _TARGET = "#0b5563", "#1a1a1a", "#4d5c63", "#a8480a"


def indicator_picture(one: StatusIndicator, words: DocumentWords) -> str | None:
    """The picture of an indicator as an SVG document; None: it has neither a value nor a target."""
    values = [value for _, value in one.values]
    marks = values if one.target is None else [*values, one.target]
    if not marks:
        return None
    # A line that starts at zero is not steeper than what it shows.
    low, high = min(0.0, *marks), max(0.0, *marks)
    span = high - low or 1.0
    first = one.values[0][0] if one.values else None
    days = max(1, (one.values[-1][0] - first).days) if first is not None else 1
    is_single = len(values) == 1

    def x(at: int) -> float:
        if is_single or first is None:
            return WIDTH - _RIGHT
        width = WIDTH - _LEFT - _RIGHT
        return _LEFT + width * (one.values[at][0] - first).days / days

    def y(value: float) -> float:
        return _TOP + (HEIGHT - _TOP - _BOTTOM) * (high - value) / span

    parts = [_line(_LEFT, y(0), WIDTH - _RIGHT, y(0), "#cfd6d9")]
    said = f"{one.name}: "
    value_y = target_y = None
    if one.target is not None:
        target_y = y(one.target)
        parts.append(_line(_LEFT, target_y, WIDTH - _RIGHT, target_y, _TARGET, dashed=True))
    if values:
        value_y = y(values[-1])
        points = " ".join(f"{x(at):.1f},{y(value):.1f}" for at, value in enumerate(values))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{_LINE}" stroke-width="2.5"/>'
            f'<circle cx="{x(len(values) - 1):.1f}" cy="{value_y:.1f}" r="4" fill="{_LINE}"/>'
        )
    if value_y is not None and target_y is not None and abs(value_y - target_y) < 16:
        # The two texts stand apart.
        middle = min(max((value_y + target_y) / 2, _TOP + 8), HEIGHT - _BOTTOM - 8)
        above = value_y <= target_y
        value_y, target_y = (middle - 8, middle + 8) if above else (middle + 8, middle - 8)
    if value_y is not None:
        shown = indicator_value(one, values[-1], words)
        said += shown
        short = _fitting(shown, words.formats.figure(values[-1]), 15)
        parts.append(_text(WIDTH - _RIGHT + 10, value_y + 5, short, _INK, 15, bold=True))
    if one.target is not None and target_y is not None:
        shown = words(mark("Target %(value)s"), value=indicator_value(one, one.target, words))
        said += f"; {shown}"
        alone = words(mark("Target %(value)s"), value=words.formats.figure(one.target))
        short = _fitting(shown, alone, 12)
        parts.append(_text(WIDTH - _RIGHT + 10, target_y + 4, short, _TARGET, 12))
    if first is not None:
        last = words.formats.short_day(one.values[-1][0])
        if is_single:
            parts.append(_text(WIDTH - _RIGHT, HEIGHT - 6, last, _GREY, 12, anchor="middle"))
        else:
            parts.append(_text(_LEFT, HEIGHT - 6, words.formats.short_day(first), _GREY, 12))
            parts.append(_text(WIDTH - _RIGHT, HEIGHT - 6, last, _GREY, 12, anchor="end"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="status-picture" role="img"'
        f' viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Libertinus Serif"'
        f' aria-label="{escape(said)}">{"".join(parts)}</svg>'
    )


def indicator_value(one: StatusIndicator, value: float, words: DocumentWords) -> str:
    """A value of an indicator with its unit, or the word of its scale."""
    if one.scale and value in range(1, len(one.scale) + 1):
        return one.scale[int(value) - 1]
    shown = words.formats.figure(value)
    return f"{shown} {one.unit}" if one.unit else shown


def _fitting(text: str, short: str, size: int) -> str:
    """The text if there is room for it beside the line; else the short one, since what stands below
    the picture has the whole."""
    return text if len(text) * size * _LETTER <= _RIGHT - 10 else short


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"'
        f' stroke-width="1.5"{dash}/>'
    )


def _text(
    x: float,
    y: float,
    words: str,
    colour: str,
    size: int,
    *,
    bold: bool = False,
    anchor: str = "start",
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size}"{weight}'
        f' text-anchor="{anchor}">{escape(words)}</text>'
    )
