"""Reads the forms of the end of the pilot; see `frame.forms`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from api.pages.costs.forms import number_text, parse_number
from api.pages.frame.forms import (
    COMMENT_MAX,
    NAME_MAX,
    TEXT_TOO_LONG,
    FormError,
    day_in,
    enum_member,
    field_texts,
    whole_number,
)
from api.pages.words.language import Language, mark, translations
from fleet.localtime import EARLIEST_DAY, LATEST_DAY
from optimiser.pilot_end.chosen import CHIPS_MONTH_MAX, DEPARTMENTS_MAX
from optimiser.pilot_end.goals import GoalText, Metric
from optimiser.pilot_end.roll_out import RollOutChoice

METRIC_MISSING = mark("Choose what the goal is about")
TARGET_WRONG = mark("Enter a number above 0; a share is at most 100 per cent")
DAY_MISSING = mark("Enter the day by which it is to be reached")
SOURCE_MISSING = mark("Write where the goal was decided")
GOAL_CHANGED = mark("Somebody changed the goal meanwhile: look at it again")
MONTH_MISSING = mark("Enter the first month as year and month, such as 2027-01")
MONTH_OVER = mark("Choose this month or a later one, at most 30 years ahead")
GOAL_FAR = mark("The day is too far away")
CHIPS_WRONG = mark("Enter how many trackers are put in a month, from 1 to 10,000")
LINE_TOO_LONG = mark("Line {line} is longer than the name of a department")
TWICE = mark("Line {line} names {name} once more")
TOO_MANY = mark("There are more lines than there can be departments")
NO_DEPARTMENT = mark("Line {line}: no vehicle is of a department {name}")
PLAN_CHANGED = mark("Somebody changed the plan meanwhile: look at it again")

CHANGES_MAX = 1_000_000

#: A share is written in per cent.
_PER_CENT = 100.0


class Press(StrEnum):
    """The button by which the form of a goal was sent."""

    SAVE = "save"
    REMOVE = "remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoalForm:
    """The form of a goal; `text` is None where it is to be removed."""

    press: Press
    seen: int
    text: GoalText | None
    values: Mapping[str, str]

    @classmethod
    def read(cls, fields: Mapping[str, Any], language: Language) -> "GoalForm":
        """Raises FormError."""
        values = field_texts(fields, ("press", "seen", "metric", "target", "by", "source"))
        press = enum_member(Press, values["press"]) or Press.SAVE
        seen = whole_number(values["seen"], 0, CHANGES_MAX) or 0
        if press is Press.REMOVE:
            return cls(press=press, seen=seen, text=None, values=values)
        metric, by = enum_member(Metric, values["metric"]), day_in(values["by"])
        target = None if metric is None else _target(metric, values["target"], language)
        errors: dict[str, str] = {}
        if metric is None:
            errors["metric"] = METRIC_MISSING
        elif target is None:
            errors["target"] = TARGET_WRONG
        if by is None:
            errors["by"] = DAY_MISSING
        if not values["source"]:
            errors["source"] = SOURCE_MISSING
        elif len(values["source"]) > COMMENT_MAX:
            errors["source"] = TEXT_TOO_LONG
        if errors or metric is None or target is None or by is None:
            raise FormError(values, errors)
        text = GoalText(metric=metric, target=target, by=by, source=values["source"])
        return cls(press=press, seen=seen, text=text, values=values)


def goal_values(text: GoalText, language: Language) -> Mapping[str, str]:
    """The texts in the fields of a goal."""
    factor = _PER_CENT if text.metric.is_share else 1.0
    return {
        "metric": text.metric.value,
        "target": number_text(round(text.target * factor, 6), language),
        "source": text.source,
    }


def _target(metric: Metric, text: str, language: Language) -> float | None:
    try:
        number = parse_number(text, language)
    except ValueError:
        return None
    target = number / _PER_CENT if metric.is_share else number
    return target if 0 < target <= metric.most else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollOutForm:
    """The form of POST /roll-out."""

    seen: int
    choice: RollOutChoice
    values: Mapping[str, str]

    @classmethod
    def read(cls, fields: Mapping[str, Any], language: Language) -> "RollOutForm":
        """Raises FormError."""
        values = field_texts(fields, ("seen", "start", "chips_month", "departments"))
        start = _month(values["start"])
        chips = whole_number(values["chips_month"], 1, CHIPS_MONTH_MAX)
        lines = _lines(values["departments"])
        names = [name for _, name in lines]
        errors: dict[str, str] = {}
        if start is None:
            errors["start"] = MONTH_MISSING
        if chips is None:
            errors["chips_month"] = CHIPS_WRONG
        if len(names) > DEPARTMENTS_MAX:
            errors["departments"] = TOO_MANY
        elif wrong := _wrong_line(lines):
            text, line, name = wrong
            errors["departments"] = line_error(text, line, name, language)
        if errors or start is None or chips is None:
            raise FormError(values, errors)
        choice = RollOutChoice(start=start, chips_month=chips, departments=tuple(names))
        seen = whole_number(values["seen"], 0, CHANGES_MAX) or 0
        return cls(seen=seen, choice=choice, values=values)


def line_error(text: str, line: int, name: str, language: Language) -> str:
    """A message about a line of a field, in the language of the reader."""
    return translations(language).gettext(text).format(line=line, name=name)


def line_of(text: str, name: str) -> int:
    """The number of the line of a field in which a name stands; 0: in none."""
    return next((line for line, one in _lines(text) if one == name), 0)


def _lines(text: str) -> Sequence[tuple[int, str]]:
    """The names in a field, each with the number of its line."""
    lines = enumerate(text.splitlines(), start=1)
    return [(line, name) for line, one in lines if (name := one.strip())]


def _wrong_line(lines: Sequence[tuple[int, str]]) -> tuple[str, int, str] | None:
    """The first line that cannot be taken: the message about it, its number and its name. None: all
    can be."""
    seen: set[str] = set()
    for line, name in lines:
        if len(name) > NAME_MAX:
            return LINE_TOO_LONG, line, name
        if name in seen:
            return TWICE, line, name
        seen.add(name)
    return None


def choice_values(choice: RollOutChoice) -> Mapping[str, str]:
    """The texts in the fields of the plan."""
    return {
        "start": f"{choice.start:%Y-%m}",
        "chips_month": str(choice.chips_month),
        "departments": "\n".join(choice.departments),
    }


def _month(text: str) -> date | None:
    """The first day of a month that is written as `2027-01`."""
    if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) is None:
        return None
    year, month = text.split("-")
    if not EARLIEST_DAY.year <= int(year) < LATEST_DAY.year:
        return None
    return date(int(year), int(month), 1)
