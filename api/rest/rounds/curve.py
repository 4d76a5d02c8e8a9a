"""The cost of a round's fleets against their CO2e for programs: `/v1/rounds/{round_id}/curve`."""

from api.pages.proposals.curve import curve_view
from api.pages.proposals.views import CurvePoint, FleetChoice, FleetName
from api.pages.words.language import mark
from api.rest.frame.bodies import Query, ResponseBody
from api.rest.frame.operations import Call, Operation
from api.rest.frame.problems import Problem
from fleet.actor import Permission
from optimiser.rounds.overview import done_version
from optimiser.rounds.studies import round_studies


class KindCount(ResponseBody):
    """So many vehicles of a kind, by its name."""

    kind_name: str
    count: int


class CurveFleet(ResponseBody):
    """A fleet that no other beats on both cost and CO2e, each a year. It is proven that no fleet
    that keeps the policies and emits as little costs less than `lower_bound_kr_year`, which is the
    share `gap` below its cost."""

    key: str
    cost_kr_year: float
    co2_t_year: float
    lower_bound_kr_year: float
    gap: float
    vehicles: int
    green_vehicles: int
    fleet: list[KindCount]


class FleetToChoose(ResponseBody):
    """A fleet to choose from: that of `today`, the `proposed` one, the `cheapest` and the
    `greenest` one of the curve, and the one that is `free` of the municipality's policies, in
    which vehicles that no other kind can stand in for stay. `key` is null where it is none on the
    curve, and cannot be chosen."""

    name: FleetName
    key: str | None
    cost_kr_year: float
    co2_t_year: float
    vehicles: int
    green_vehicles: int


class CurveTold(ResponseBody):
    """The fleets of a round from the least cost to the least CO2e. Costs are without the value of
    CO2e. They are none until the studies of all its `parts` are done; `studied` are done.
    `cap_t_year` is the cap on the tonnes of the plan; the curve goes on beyond it, to a price of
    `price_max_kr_t` a tonne. `chosen` is the key of the fleet that the round proposes because
    somebody chose it, and `proposed` that of the one with the figures of the proposed fleet."""

    parts: int
    studied: int
    cap_t_year: float | None
    price_max_kr_t: float
    chosen: str | None
    proposed: str | None
    choices: list[FleetToChoose]
    points: list[CurveFleet]


async def show_curve(call: Call[Query]) -> CurveTold:
    round_id = call.id("round_id")
    found = await done_version(call.pool, round_id)
    if found is None:
        raise Problem(404, f"there is no round {round_id} that is done")
    studies = await round_studies(call.pool, round_id)
    curve = await curve_view(call.context, found, studies)
    return CurveTold(
        parts=studies.parts,
        studied=len(studies.done),
        cap_t_year=found.co2_max_t_year,
        price_max_kr_t=call.context.settings.curve_price_max_kr_t,
        chosen=None if curve is None else curve.chosen,
        proposed=None if curve is None else curve.proposed,
        choices=[] if curve is None else [_choice(one) for one in curve.choices],
        points=[] if curve is None else [_point(one) for one in curve.points],
    )


def _choice(one: FleetChoice) -> FleetToChoose:
    return FleetToChoose(
        name=one.name,
        key=one.key,
        cost_kr_year=one.cost_kr_year,
        co2_t_year=one.co2_t_year,
        vehicles=one.vehicles,
        green_vehicles=one.green_vehicles,
    )


def _point(point: CurvePoint) -> CurveFleet:
    return CurveFleet(
        key=point.key,
        cost_kr_year=point.cost_kr_year,
        co2_t_year=point.co2_t_year,
        lower_bound_kr_year=point.lower_bound_kr_year,
        gap=point.gap,
        vehicles=point.vehicles,
        green_vehicles=point.green_vehicles,
        fleet=[KindCount(kind_name=name, count=count) for name, count in point.fleet],
    )


CURVE = (
    Operation(
        "GET",
        "/v1/rounds/{round_id}/curve",
        Permission.FIGURES_READ,
        mark("The best fleets of a round, from the least cost to the least CO2e"),
        Query,
        CurveTold,
        show_curve,
    ),
)
