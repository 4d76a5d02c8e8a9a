"""In which years the money of a decision is saved, as a budget has it. It is pure.

Months are whole. A decision begins on the first of the month after it is proposed. A vehicle whose
contract still runs goes when the contract ends, and saves nothing before; or it goes at once and
its exit cost is paid, if that cost is known and less than what the months until then save. The sale
value comes in, and prices of vehicles and charge points are paid, in the month in which the vehicle
goes. A leased vehicle whose contract is not known goes when notice of some months is over. Amounts
are those of today: no interest, no rise of prices.

The yearly saving of a decision counts a bought vehicle and a charge point by what they cost a year.
A budget pays for them once. So the part of the saving that no budget pays (`unpaid_kr_year`) is
left out of the years, and the price stands in its year. The value of CO2e is left out, too, as
nobody is billed for it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

#: The years that a budget tells: the present one, and those after it.
BUDGET_YEARS = 5
MONTHS = 12


class Leaving(StrEnum):
    """When a vehicle goes: at once, at once against its exit cost, when its contract ends, or when
    notice is over, as its contract is not known."""

    AT_ONCE = "at_once"
    EXIT = "exit"
    CONTRACT_END = "contract_end"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTerms:
    """The money of a decision.

    Attributes:
        saving_kr_year: what it saves in a full year.
        unpaid_kr_year: the part of that which no budget pays; below 0: a budget saves more.
        contract_end: the last day of the contract of the vehicle that goes.
        notice_months: the months of notice after which a leased vehicle goes of which no contract
            is known; 0: it is not leased, or its contract is known.
        exit_kr: what leaving that contract at once costs; None: it is not known.
        sale_kr: what the vehicle brings.
        price_kr: what new vehicles cost that are bought.
        charge_points_kr: what charge points cost that must be built.
        after: the money of decisions on which this one rests, so that it takes hold with them or
            later.
    """

    saving_kr_year: float
    unpaid_kr_year: float = 0.0
    contract_end: date | None = None
    notice_months: int = 0
    exit_kr: float | None = None
    sale_kr: float = 0.0
    price_kr: float = 0.0
    charge_points_kr: float = 0.0
    after: tuple["MoneyTerms", ...] = ()

    @property
    def paid_kr_year(self) -> float:
        """What a budget saves in a full year, once all is in place."""
        return self.saving_kr_year - self.unpaid_kr_year

    def plus(self, other: "MoneyTerms", sign: int = 1) -> "MoneyTerms":
        """The terms of this decision and of another one that ends no contract, which are added, or
        taken away where `sign` is -1."""
        return replace(
            self,
            saving_kr_year=self.saving_kr_year + sign * other.saving_kr_year,
            unpaid_kr_year=self.unpaid_kr_year + sign * other.unpaid_kr_year,
            sale_kr=self.sale_kr + sign * other.sale_kr,
            price_kr=self.price_kr + sign * other.price_kr,
            charge_points_kr=self.charge_points_kr + sign * other.charge_points_kr,
        )


@dataclass(frozen=True, slots=True)
class Departure:
    """When a decision takes hold, on the first of a month, and how."""

    day: date
    leaving: Leaving


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetYear:
    """What is saved in a year, in kr.; what is paid is below 0."""

    year: int
    running_kr: float = 0.0
    sale_kr: float = 0.0
    exit_kr: float = 0.0
    price_kr: float = 0.0
    charge_points_kr: float = 0.0

    @property
    def total_kr(self) -> float:
        return self.running_kr + self.sale_kr + self.exit_kr + self.price_kr + self.charge_points_kr

    def __add__(self, other: "BudgetYear") -> "BudgetYear":
        return BudgetYear(
            year=self.year,
            running_kr=self.running_kr + other.running_kr,
            sale_kr=self.sale_kr + other.sale_kr,
            exit_kr=self.exit_kr + other.exit_kr,
            price_kr=self.price_kr + other.price_kr,
            charge_points_kr=self.charge_points_kr + other.charge_points_kr,
        )


def next_month(day: date) -> date:
    """The first of the month after a day."""
    return _day_of(_month_of(day) + 1)


def departure(terms: MoneyTerms, begins: date) -> Departure:
    """When a decision takes hold that may do so on `begins`, the first of a month."""
    begins = max([begins, *(departure(one, begins).day for one in terms.after)])
    if terms.contract_end is None and terms.notice_months:
        return Departure(_day_of(_month_of(begins) + terms.notice_months), Leaving.NOTICE)
    if terms.contract_end is None or terms.contract_end < begins:
        return Departure(begins, Leaving.AT_ONCE)
    after = next_month(terms.contract_end)
    saved_until_then = terms.paid_kr_year / MONTHS * (_month_of(after) - _month_of(begins))
    if terms.exit_kr is not None and terms.exit_kr < saved_until_then:
        return Departure(begins, Leaving.EXIT)
    return Departure(after, Leaving.CONTRACT_END)


def departure_on(terms: MoneyTerms, day: date) -> Departure:
    """How a decision takes hold of which it is settled that it does so on `day`, the first of a
    month."""
    if terms.contract_end is None:
        return Departure(day, Leaving.NOTICE if terms.notice_months else Leaving.AT_ONCE)
    if terms.contract_end >= day:
        return Departure(day, Leaving.EXIT)
    at_its_end = next_month(terms.contract_end) == day
    return Departure(day, Leaving.CONTRACT_END if at_its_end else Leaving.AT_ONCE)


def budget(terms: MoneyTerms, begins: date, years: int = BUDGET_YEARS) -> tuple[BudgetYear, ...]:
    """What a decision saves in each of some calendar years, from that of `begins` on."""
    return budget_from(terms, departure(terms, begins), begins.year, years)


@lru_cache(maxsize=10_000)  # a page of a round asks it for the round, the depots and each proposal
def budget_from(
    terms: MoneyTerms, found: Departure, first_year: int, years: int
) -> tuple[BudgetYear, ...]:
    """What a decision that takes hold then saves in each of some calendar years."""
    first = _month_of(found.day)
    rows: list[BudgetYear] = []
    for year in range(first_year, first_year + years):
        months = min(MONTHS, max(0, (year + 1) * MONTHS - first))
        # 0.0 in front, as nothing is not to be a minus nothing.
        row = BudgetYear(year=year, running_kr=0.0 + terms.paid_kr_year / MONTHS * months)
        if year == found.day.year:
            row += BudgetYear(
                year=year,
                sale_kr=terms.sale_kr,
                exit_kr=0.0 - (terms.exit_kr or 0.0) if found.leaving is Leaving.EXIT else 0.0,
                price_kr=0.0 - terms.price_kr,
                charge_points_kr=0.0 - terms.charge_points_kr,
            )
        rows.append(row)
    return tuple(rows)


def summed(
    budgets: Iterable[Sequence[BudgetYear]], begins: date, years: int = BUDGET_YEARS
) -> tuple[BudgetYear, ...]:
    """What several decisions save together in each year, by the `budget` of each."""
    every = list(budgets)
    return tuple(
        BudgetYear(
            year=begins.year + i,
            running_kr=sum(own[i].running_kr for own in every),
            sale_kr=sum(own[i].sale_kr for own in every),
            exit_kr=sum(own[i].exit_kr for own in every),
            price_kr=sum(own[i].price_kr for own in every),
            charge_points_kr=sum(own[i].charge_points_kr for own in every),
        )
        for i in range(years)
    )


def notice_day(contract_end: date, months: int) -> date:
    """The last day on which notice of so many whole months ends a contract on `contract_end`."""
    ended = contract_end + timedelta(days=1)
    earlier = _day_of(_month_of(ended) - months)
    after = next_month(earlier)
    return min(earlier + timedelta(days=ended.day - 1), after) - timedelta(days=1)


def _month_of(day: date) -> int:
    """The months from the year 0 to the month of a day."""
    return day.year * MONTHS + day.month - 1


def _day_of(month: int) -> date:
    return date(month // MONTHS, month % MONTHS + 1, 1)
