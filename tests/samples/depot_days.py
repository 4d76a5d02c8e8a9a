"""Sample views of the page of days at a depot."""

from datetime import UTC, date, datetime

from api.pages.depot_days.views import DaysShown, DepotDaysPage, ShownDay
from api.pages.frame.views import PageView
from optimiser.days.depot_day import DayCount, DepotFleet, DrivenRoundTrip, depot_day
from optimiser.parts.planned_vehicles import PlannedVehicle
from tests.samples.places import CAR
from tests.samples.proposals import PROPOSALS

DAY = date(2026, 11, 4)


def driven(number: int, vehicle_id: str, start: str, end: str) -> DrivenRoundTrip:
    """A round trip of the day, between two times in UTC."""
    begins, ends = (
        datetime.fromisoformat(f"{DAY} {at}").replace(tzinfo=UTC) for at in (start, end)
    )
    return DrivenRoundTrip(
        trip_id=f"round trip {number}", vehicle_id=vehicle_id, start=begins, end=ends
    )


FLEET = DepotFleet(
    names={CAR.id: CAR.name, "LTK-011": "Lille elbil 3", "LTK-012": "Lille <elbil> 4"},
    here=frozenset({CAR.id, "LTK-011", "LTK-012", "LTK-013", "LTK-014"}),
    leaving=frozenset({CAR.id, "LTK-012"}),
    standing=frozenset({"LTK-013"}),
    proposed=CAR.id,
    planned={
        "vej-park/elbil#1": PlannedVehicle(
            slot="vej-park/elbil#1", name="Lille elbil 3", vehicle_id="LTK-011"
        ),
        "vej-park/van#1": PlannedVehicle(
            slot="vej-park/van#1", name="+ Varevogn, el 1", vehicle_id=None
        ),
    },
)

TRIPS = [
    driven(1, CAR.id, "07:00", "09:30"),
    driven(2, CAR.id, "12:15", "13:00"),
    driven(3, "LTK-011", "08:00", "10:00"),
    driven(4, "LTK-012", "08:30", "11:00"),
    driven(5, "LTK-013", "08:45", "09:00"),
    driven(6, "LTK-011", "14:00", "14:30"),
]

SERVED = {
    "round trip 1": "vej-park/van#1",
    "round trip 2": "vej-park/elbil#1",
    "round trip 3": "vej-park/elbil#1",
    "round trip 4": None,
}

A_DAY = depot_day(DayCount(day=DAY, trips=6, out=4), TRIPS, SERVED, FLEET)

DEPOT_DAYS_PAGES: dict[str, PageView] = {
    "depot-days": DepotDaysPage(
        row=PROPOSALS[1],
        shown=DaysShown.SHOWN,
        days=[
            ShownDay(day=A_DAY, is_typical=True, is_busiest=False),
            ShownDay(
                day=depot_day(DayCount(day=date(2026, 11, 5), trips=0, out=0), (), SERVED, FLEET),
                is_typical=False,
                is_busiest=True,
            ),
        ],
    ),
    "depot-days-asks-why": DepotDaysPage(
        row=PROPOSALS[1],
        shown=DaysShown.ASKS_WHY,
        values={"why": "<b>"},
        errors={"why": "Write in 3 to 200 characters why you look"},
    ),
    **{
        f"depot-days-{shown.value}": DepotDaysPage(row=PROPOSALS[3], shown=shown)
        for shown in (DaysShown.SHARED, DaysShown.EARLIER, DaysShown.NO_TRIPS)
    },
}
