"""Adds and describes all addresses of the JSON interface but those of telemetry."""

from typing import Any

from aiohttp import web

from api.rest.devices import add_device_routes, device_paths, device_schemas
from api.rest.private import add_private_routes, private_paths, private_schemas
from api.rest.quarantine import add_quarantine_routes, quarantine_paths, quarantine_schemas
from api.settings import Settings
from db.connect import Pool
from ingest.quarantine import Quarantine
from register.contact import ContactLimits


def add_rest_routes(
    app: web.Application, pool: Pool, quarantine: Quarantine, settings: Settings
) -> None:
    """Add the addresses under `/v1/` but those of telemetry to an application whose pages are
    protected."""
    add_quarantine_routes(app, pool, quarantine)
    add_private_routes(app, pool)
    add_device_routes(app, pool, ContactLimits.of(settings))


def rest_paths() -> dict[str, Any]:
    """The addresses, for `/openapi.json`."""
    return {**quarantine_paths(), **private_paths(), **device_paths()}


def rest_schemas() -> dict[str, Any]:
    """The bodies, for `/openapi.json`."""
    return {**quarantine_schemas(), **private_schemas(), **device_schemas()}
