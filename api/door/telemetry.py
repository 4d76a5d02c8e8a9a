"""Lets telemetry in: its senders have keys of their own, which ingest asks for."""

from aiohttp import web

from api.door.needs import Welcome, declare
from ingest.listeners.http import TELEMETRY_PATHS


def open_to_trackers(app: web.Application) -> None:
    """Say that the addresses of telemetry ask neither for a session nor for a token."""
    for path in TELEMETRY_PATHS:
        declare(app, "POST", path, Welcome.ANYBODY)
