"""What a vehicle costs a year beside driving by its own figures, and whether its sale brings any.

- With a yearly payment of its own (a rent), that payment takes the place of what its kind pays for
  the vehicle itself; tax, insurance and service are the kind's. Of a kind whose cost the
  municipality states as a whole, it takes the place of the whole.
- An owned vehicle that has a sale value costs what that value costs a year if it is used up within
  the evaluation period: what was paid once is not paid again. Its sale brings the value.
- Without either, its kind's figures hold.

A vehicle is owned if it has neither a yearly payment nor a contract, and its kind has a price. What
is leased goes back to the lessor: a sale value counts for none of it. Else one vehicle would save
its lease in every year and bring its price, too, which no budget sees.
"""

from datetime import date
from enum import StrEnum

from costs.kind_figures import KindFigures


class NoSale(StrEnum):
    """Why the sale of a vehicle brings the municipality nothing."""

    #: It has a yearly payment of its own.
    PAYMENT = "payment"
    #: It has a contract, at the end of which it is handed back.
    CONTRACT = "contract"
    #: The yearly cost of its kind is not made of a price, and so taken as a lease.
    KIND = "kind"


def no_sale(
    kind: KindFigures, cost_kr_year: float | None, contract_end: date | None
) -> NoSale | None:
    """Why the sale of a vehicle of `kind` brings nothing; None: the municipality owns it."""
    if cost_kr_year is not None:
        return NoSale.PAYMENT
    if contract_end is not None:
        return NoSale.CONTRACT
    return NoSale.KIND if kind.price_kr is None else None


def own_fixed_kr_year(
    kind: KindFigures,
    cost_kr_year: float | None,
    sale_value_kr: float | None,
    contract_end: date | None,
) -> float | None:
    """The yearly cost of a vehicle of `kind`, without charge points; None: its kind's holds."""
    if cost_kr_year is not None:
        return cost_kr_year + _beside_capital_kr_year(kind)
    value_kr_year = unpaid_kr_year(kind, cost_kr_year, sale_value_kr, contract_end)
    return None if value_kr_year is None else value_kr_year + _beside_capital_kr_year(kind)


def paid_fixed_kr_year(
    kind: KindFigures,
    cost_kr_year: float | None,
    sale_value_kr: float | None,
    contract_end: date | None,
) -> float:
    """What a budget pays a year for a vehicle of `kind` and its charge points, without driving: the
    value of an owned vehicle is paid already."""
    terms = cost_kr_year, sale_value_kr, contract_end
    own = own_fixed_kr_year(kind, *terms)
    whole = kind.fixed_kr_year if own is None else own + kind.all_charge_points_kr_year
    return whole - (unpaid_kr_year(kind, *terms) or 0.0)


def unpaid_kr_year(
    kind: KindFigures,
    cost_kr_year: float | None,
    sale_value_kr: float | None,
    contract_end: date | None,
) -> float | None:
    """What the sale value of an owned vehicle costs a year, which no budget pays; None: it is not
    owned, or what it would bring is not known."""
    if sale_value_kr is None or no_sale(kind, cost_kr_year, contract_end) is not None:
        return None
    return sale_value_kr * kind.kr_year_of_value


def _beside_capital_kr_year(kind: KindFigures) -> float:
    """What a vehicle of a kind costs beside itself, its charge points and driving."""
    if kind.capital_kr_year is None:
        return 0.0
    return kind.fixed_kr_year - kind.capital_kr_year - kind.all_charge_points_kr_year
