"""The choice of what the overview of the plan shows; its state is in the address alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import urlencode

from api.pages.frame.forms import day_in, enum_member, whole_number
from fleet.localtime import EARLIEST_DAY, LATEST_DAY
from tracker.finding import Asked, Matter, Without
from tracker.quarter import Quarter

#: The longest text that is searched for, and its most words.
TEXT_MAX, WORDS_MAX = 200, 10

#: The names of the parts of the address, in their order.
NAMES = ("by", "plan", "programme", "quarter", "owner", "centre", "show", "q", "since")


class By(StrEnum):
    """The arrangements of the overview."""

    PROGRAMME = "programme"
    QUARTER = "quarter"
    OWNER = "owner"
    CENTRE = "centre"
    DECISION = "decision"
    STRAND = "strand"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChoice:
    """The choice: `texts` are the parts of the address that mean something, by their names.
    What cannot be read counts as absent, since addresses are typed. `since` is the day from which
    it is told what moved; None: it is not."""

    by: By
    asked: Asked
    since: date | None
    texts: Mapping[str, str]

    @classmethod
    def read(cls, query: Mapping[str, str], prefix: str = "") -> "PlanChoice":
        """The choice in an address, or in the fields of a form, whose names have a prefix."""
        sent = {name: query.get(prefix + name, "").strip() for name in NAMES}
        by = enum_member(By, sent["by"]) or By.PROGRAMME
        matter = Matter.NEEDS_DECISION if by is By.DECISION else enum_member(Matter, sent["show"])
        text = sent["q"][:TEXT_MAX]
        owner = enum_member(Without, sent["owner"]) or whole_number(sent["owner"], 1, 999_999_999)
        asked = Asked(
            plan_id=whole_number(sent["plan"], 1, 999_999_999),
            programme_id=sent["programme"] or None,
            quarter=enum_member(Without, sent["quarter"]) or quarter_in(sent["quarter"]),
            owner=owner,
            centre="" if sent["centre"] == Without.NONE else sent["centre"] or None,
            words=text.split()[:WORDS_MAX],
            matter=matter,
        )
        since = day_in(sent["since"])
        if since is not None and not EARLIEST_DAY <= since <= LATEST_DAY:
            since = None
        is_read = {
            "by": by is not By.PROGRAMME,
            "plan": asked.plan_id is not None,
            "programme": asked.programme_id is not None,
            "quarter": asked.quarter is not None,
            "owner": asked.owner is not None,
            "centre": asked.centre is not None,
            "show": matter is not None and by is not By.DECISION,
            "q": bool(asked.words),
            "since": since is not None,
        }
        texts = {name: sent[name] for name in NAMES if is_read[name]}
        return cls(by=by, asked=asked, since=since, texts=texts)

    def address(self, **other: object) -> str:
        """The address of the page with other parts; an empty part is left out."""
        parts = {**self.texts, **{name: str(value) for name, value in other.items()}}
        query = urlencode({name: parts[name] for name in NAMES if parts.get(name)})
        return f"/plan?{query}" if query else "/plan"

    @property
    def typed(self) -> Mapping[str, str]:
        """The texts of the fields of the filter, by their names; "" where nothing is chosen."""
        return {name: self.texts.get(name, "") for name in NAMES}

    @property
    def is_filtered(self) -> bool:
        """Whether it is of a part of the plan only."""
        return bool(self.texts.keys() - {"by", "plan", "since"})


def quarter_in(text: str) -> Quarter | None:
    """The quarter that a text such as `2026-2` states; None: it states none."""
    year_text, _, quarter_text = text.partition("-")
    year, quarter = whole_number(year_text, 1990, 2200), whole_number(quarter_text, 1, 4)
    return None if year is None or quarter is None else Quarter(year, quarter)


def quarter_text(quarter: Quarter) -> str:
    """The text of a quarter in an address or a form."""
    return f"{quarter.year}-{quarter.quarter}"
