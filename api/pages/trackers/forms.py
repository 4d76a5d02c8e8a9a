"""Reads the forms of the pages of trackers; see `frame.forms`."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.pages.frame.form_body import UploadedFile
from api.pages.frame.forms import TEXT_TOO_LONG, FormError, day_in, enum_member, field_texts
from api.pages.trackers.phone_setup import App
from api.pages.words.language import mark
from fleet.settings import Network
from register.devices import NAME_MAX, NETWORKS_MAX

LIST_MISSING = mark("Enter the trackers, one in each line, or choose a file")
DAY_WRONG = mark("Enter a date that is not in the future, or leave the field empty")
DAY_MISSING = mark("Enter the first day, which is not in the future")
VEHICLE_UNKNOWN = mark("No vehicle has exactly that name, registration number or id")
APP_MISSING = mark("Choose what sends with the key")
NETWORK_WRONG = mark("Enter networks such as 10.20.0.0/16 or single addresses, one in each line")
NETWORKS_MANY = mark("Enter at most 50 networks")


@dataclass(frozen=True, slots=True)
class ListForm:
    """The form of POST /intake/trackers: a list as text or as a file, and the first day in the
    vehicles of the list (None: all that was sent before is the vehicles' too)."""

    text: str
    file: UploadedFile | None
    since: date | None

    @classmethod
    def read(cls, fields: Mapping[str, Any], today: date) -> "ListForm":
        """Raises FormError."""
        values = field_texts(fields, ("list", "since"))
        sent = fields.get("file")
        file = sent if isinstance(sent, UploadedFile) and sent.name else None
        errors: dict[str, str] = {}
        if not values["list"] and file is None:
            errors["list"] = LIST_MISSING
        since = day_in(values["since"])
        if values["since"] and (since is None or since > today):
            errors["since"] = DAY_WRONG
        if errors:
            raise FormError(values, errors)
        return cls(values["list"], file, since)


@dataclass(frozen=True, slots=True)
class SeatForm:
    """The form of POST /intake/trackers/{device}/vehicle: what the vehicle is called (empty: none),
    from a day on."""

    vehicle: str
    since: date

    @classmethod
    def read(cls, fields: Mapping[str, Any], today: date) -> "SeatForm":
        """Raises FormError."""
        values = field_texts(fields, ("vehicle", "since"))
        errors: dict[str, str] = {}
        since = day_in(values["since"])
        if since is None or since > today:
            errors["since"] = DAY_MISSING
        if errors or since is None:
            raise FormError(values, errors)
        return cls(values["vehicle"], since)

    def refused(self, field: str, message: str) -> FormError:
        """The refusal of a form that can be read and cannot be done."""
        values = {"vehicle": self.vehicle, "since": self.since.isoformat()}
        return FormError(values, {field: message})


@dataclass(frozen=True, slots=True)
class KeyForm:
    """The form of POST /intake/trackers/{device}/key: what sends with it, and its label."""

    app: App
    label: str

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "KeyForm":
        """Raises FormError."""
        values = field_texts(fields, ("app", "label"))
        errors: dict[str, str] = {}
        app = enum_member(App, values["app"])
        if app is None:
            errors["app"] = APP_MISSING
        if len(values["label"]) > NAME_MAX:
            errors["label"] = TEXT_TOO_LONG
        if errors or app is None:
            raise FormError(values, errors)
        return cls(app, values["label"])


@dataclass(frozen=True, slots=True)
class NetworksForm:
    """The form of POST /intake/trackers/{device}/networks; None: the networks of the settings."""

    networks: Sequence[Network] | None

    @classmethod
    def read(cls, fields: Mapping[str, Any]) -> "NetworksForm":
        """Raises FormError."""
        values = field_texts(fields, ("networks",))
        parts = [part for part in re.split(r"[\s,;]+", values["networks"]) if part]
        if len(parts) > NETWORKS_MAX:
            raise FormError(values, {"networks": NETWORKS_MANY})
        try:
            return cls([ipaddress.ip_network(part) for part in parts] or None)
        except ValueError:
            raise FormError(values, {"networks": NETWORK_WRONG}) from None
