"""Sample views of the page of a vehicle's future."""

from datetime import date

from api.pages.frame.views import PageView
from api.pages.vehicles.views import FuturePage
from optimiser.depot.fate import Fate
from optimiser.depot.green import GreenCheck, Obstacle
from register.vehicles import Ruling, RulingEntry
from tests.samples.places import NOW, PERIOD


def future_page(check: GreenCheck | None, fate: Fate, *, refused: bool = False) -> FuturePage:
    return FuturePage(
        vehicle_id="LTK/042",
        name="LTK-042 <diesel>",
        kind="varebil-diesel",
        kind_name="Varebil, diesel",
        department="Vej & Park",
        depot="Vej og Park, Firskovvej",
        period=PERIOD,
        fate=fate,
        contract_end=date(2029, 4, 30),
        keep_until=date(2027, 11, 15),
        known_share=0.42,
        coverage_min=0.8,
        mileage_km=84_200.0,
        offers=("cargo", "towbar"),
        needs=("cargo",),
        green=check,
        leaving=8 if refused else None,
        history=[
            RulingEntry(
                ruling=Ruling.STAY,
                needs=("cargo",),
                reason="Bruges til glatførebekæmpelse",
                actor="Leder, Vej & Park",
                at=NOW,
            )
        ],
        values={"ruling": "stay", "needs": "cargo; kran", "reason": ""},
        errors={"needs": "The vehicle can only be needed for what its kind offers"}
        if refused
        else {},
    )


FUTURE_PAGES: dict[str, PageView] = {
    "future": future_page(
        GreenCheck(
            obstacle=Obstacle.CONTRACT,
            kind="Elvarebil, stor",
            extra_kr_year=6_120.0,
            saved_co2_t_year=2.4,
        ),
        Fate.CONTRACT,
    ),
    "future-range": future_page(
        GreenCheck(
            obstacle=Obstacle.RANGE,
            kind="Elvarebil, stor",
            day=date(2026, 11, 4),
            km=241.0,
            range_km=214.5,
        ),
        Fate.UNKNOWN,
        refused=True,
    ),
    "future-need": future_page(GreenCheck(obstacle=Obstacle.NEED, missing=("crane",)), Fate.RULED),
    "future-charging": future_page(
        GreenCheck(obstacle=Obstacle.CHARGING, kind="Elbil, lille", day=date(2026, 11, 4)),
        Fate.CAN_GO,
    ),
    "future-empty": future_page(None, Fate.MACHINE),
}
