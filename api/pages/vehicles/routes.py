"""The addresses and words of the pages of vehicles."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.vehicles import future, look_up, private, vehicles, year
from api.pages.vehicles.labels import VOCABULARY
from fleet.actor import Permission

VEHICLES = Subject(
    routes=(
        get("/vehicles", vehicles.show_vehicles, Permission.FIGURES_READ),
        get("/vehicles/found.json", look_up.find_vehicles, Permission.FIGURES_READ),
        get("/vehicles/{vehicle_id}", vehicles.show_vehicle, Permission.FIGURES_READ),
        post("/vehicles/{vehicle_id}/tracks", vehicles.give_reason, Permission.TRACKS_READ),
        post(
            "/vehicles/{vehicle_id}/trip-class", vehicles.set_trip_class, Permission.REGISTER_CHANGE
        ),
        get("/vehicles/{vehicle_id}/future", future.show_future, Permission.FIGURES_READ),
        post("/vehicles/{vehicle_id}/future", future.rule_on_vehicle, Permission.REGISTER_CHANGE),
        get("/vehicles/{vehicle_id}/private", private.show_private, Permission.TRACKS_READ),
        post(
            "/vehicles/{vehicle_id}/private", private.set_vehicle_private, Permission.PRIVATE_CHANGE
        ),
        post(
            "/vehicles/{vehicle_id}/private/{private_id}/end",
            private.end_private_period,
            Permission.PRIVATE_CHANGE,
        ),
        get("/vehicles/{vehicle_id}/year", year.show_year, Permission.FIGURES_READ),
    ),
    vocabulary=VOCABULARY,
)
