"""Sample views of the page of what a round rests on."""

from datetime import date

from api.pages.frame.views import PageView
from api.pages.proposals import round_views
from costs.assumptions import FigureKey
from costs.basis_change import FigureChange, KindChange
from fleet.period import Period
from fleet.saying import Saying
from optimiser.model.remark import Remark, remark
from register.inventory.since_round import (
    ClosingChange,
    PointsChange,
    RegisterChanges,
    VehicleChange,
)
from tests.samples.costs import GROUPS, KINDS, KM, ROWS
from tests.samples.places import NOW, PERIOD

CHANGES = round_views.BasisChangesView(
    rules=[
        round_views.RuleChangeRow(
            before=round_views.RuleRow(rule=round_views.RoundRule.CO2_CAP, value=None, unit="t"),
            after=round_views.RuleRow(rule=round_views.RoundRule.CO2_CAP, value=31.5, unit="t"),
        )
    ],
    figures=[
        round_views.FigureChangeRow(
            change=FigureChange(key=FigureKey.ELECTRICITY_KR_KWH, before=2.1, after=1.85),
            unit="kr./kWh",
        )
    ],
    kinds=[
        KindChange(name=kind.name, before=before, after=after)
        for kind, before, after in zip(
            list(KINDS.values())[:3],
            (None, *list(KINDS.values())[1:3]),
            (*list(KINDS.values())[:2], None),
            strict=True,
        )
    ],
    periods=(Period(date(2026, 9, 28), date(2026, 11, 15)), Period(PERIOD.first, PERIOD.last)),
    register=RegisterChanges(
        vehicles={
            VehicleChange.NEW: [f"Bil {number} <ny>" for number in range(9)],
            VehicleChange.COSTS: ["LTK-042"],
        },
        charge_points=[PointsChange(depot="Gården <øst>", before=None, after=4)],
        closing=[ClosingChange(depot="Gården <øst>", before=None, after=date(2026, 12, 31))],
    ),
)


def basis_page(
    changes: round_views.BasisChangesView | None, remarks: list[Saying]
) -> round_views.BasisPage:
    return round_views.BasisPage(
        round_id=7,
        number=2,
        version=1,
        requested_by="Flådeenheden <1>",
        requested_at=NOW,
        period=PERIOD,
        year=2026,
        km_year=KM,
        well_to_wheel=True,
        stated=(),
        rules=[
            round_views.RuleRow(rule=rule, value=value, unit="kr.")
            for rule, value in zip(
                round_views.RoundRule,
                (
                    *(10, 0, 3.94, 129.1, 1500.0, None, True, True, True, "gods, <kran>", ""),
                    *("Gården <øst> (1)", True, 2, 30.0, 5_000.0, 0.02, 365, 0.8),
                ),
                strict=True,
            )
        ],
        groups=GROUPS,
        kinds=ROWS,
        since=None if changes is None else (1, 2),
        changes=changes,
        remarks=remarks,
        more=len(remarks),
    )


ROUND_BASIS_PAGES: dict[str, PageView] = {
    "round-basis": basis_page(
        CHANGES,
        [
            remark(
                Remark.TOO_LONG,
                trip=(remark(Remark.DRIVEN, vehicle="LTK-042", start="2026-10-05T06:12:01Z"),),
                km=241.5,
                longest=214.5,
            )
        ],
    ),
    "round-basis-first": basis_page(None, []),
}
