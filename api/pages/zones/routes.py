"""The addresses and words of the page of zones, and of the files of trips."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.zones import export, removal, zones
from api.pages.zones.labels import VOCABULARY
from fleet.actor import Permission

ZONES = Subject(
    routes=(
        get("/zones", zones.show_zones, Permission.FIGURES_READ),
        post("/zones", zones.put_zone, Permission.REGISTER_CHANGE),
        post("/zones/file", zones.upload_zones, Permission.REGISTER_CHANGE),
        post("/zones/address", zones.find_address, Permission.REGISTER_CHANGE),
        get("/zones/{zone_id}/remove", removal.ask_removal, Permission.REGISTER_CHANGE),
        post("/zones/{zone_id}/remove", removal.remove_zone, Permission.REGISTER_CHANGE),
        post("/zones/{zone_id}/restore", zones.restore_zone, Permission.REGISTER_CHANGE),
        get("/export/{what}", export.export_trips, Permission.TRACKS_READ),
        post("/export/{what}", export.give_reason, Permission.TRACKS_READ),
    ),
    vocabulary=VOCABULARY,
)
