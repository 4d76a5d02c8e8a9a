"""What a vehicle costs a year beside driving by its own figures in the register.

- With a yearly payment of its own (a rent), that payment takes the place of what its kind pays for
  the vehicle itself; tax, insurance and service are the kind's. Of a kind whose cost the
  municipality states as a whole, it takes the place of the whole.
- Without one, a vehicle of a bought kind that has a sale value costs what that value costs a year
  if it is used up within the evaluation period: what was paid once is not paid again.
- Without either, its kind's figures hold.
"""

from costs.kind_figures import KindFigures


def own_fixed_kr_year(
    kind: KindFigures, cost_kr_year: float | None, sale_value_kr: float | None
) -> float | None:
    """The yearly cost of a vehicle of `kind`, without charge points; None: its kind's holds."""
    if cost_kr_year is not None:
        return cost_kr_year + _beside_capital_kr_year(kind)
    value_kr_year = unpaid_kr_year(kind, cost_kr_year, sale_value_kr)
    return None if value_kr_year is None else value_kr_year + _beside_capital_kr_year(kind)


def unpaid_kr_year(
    kind: KindFigures, cost_kr_year: float | None, sale_value_kr: float | None
) -> float | None:
    """What the sale value of an owned vehicle costs a year, which no budget pays; None: the vehicle
    has a payment of its own, or it is not known to be owned, or what it would bring."""
    if cost_kr_year is not None or sale_value_kr is None or kind.price_kr is None:
        return None
    return sale_value_kr * kind.kr_year_of_value


def _beside_capital_kr_year(kind: KindFigures) -> float:
    """What a vehicle of a kind costs beside itself, its charge points and driving."""
    if kind.capital_kr_year is None:
        return 0.0
    return kind.fixed_kr_year - kind.capital_kr_year - kind.all_charge_points_kr_year
