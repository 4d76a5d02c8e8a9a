"""The addresses and words of the pages of vehicles."""

from aiohttp import web

from api.pages.frame.subject import Subject
from api.pages.vehicles import future, private, vehicles, year
from api.pages.vehicles.labels import VOCABULARY

VEHICLES = Subject(
    routes=(
        web.get("/vehicles", vehicles.show_vehicles),
        web.get("/vehicles/{vehicle_id}", vehicles.show_vehicle),
        web.post("/vehicles/{vehicle_id}/trip-class", vehicles.set_trip_class),
        web.get("/vehicles/{vehicle_id}/future", future.show_future),
        web.post("/vehicles/{vehicle_id}/future", future.rule_on_vehicle),
        web.get("/vehicles/{vehicle_id}/private", private.show_private),
        web.post("/vehicles/{vehicle_id}/private", private.set_vehicle_private),
        web.post("/vehicles/{vehicle_id}/private/{private_id}/end", private.end_private_period),
        web.get("/vehicles/{vehicle_id}/year", year.show_year),
    ),
    vocabulary=VOCABULARY,
)
