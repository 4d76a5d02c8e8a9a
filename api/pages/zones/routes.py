"""The addresses and words of the page of zones, and of the files of trips."""

from aiohttp import web

from api.pages.frame.subject import Subject
from api.pages.zones import export, zones
from api.pages.zones.labels import VOCABULARY

ZONES = Subject(
    routes=(
        web.get("/zones", zones.show_zones),
        web.post("/zones", zones.put_zone),
        web.post("/zones/file", zones.upload_zones),
        web.post("/zones/{zone_id}/remove", zones.remove_zone),
        web.get("/export/{what}", export.export_trips),
    ),
    vocabulary=VOCABULARY,
)
