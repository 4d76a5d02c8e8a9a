"""Settings of the register: when a tracker is late or silent, when a contract ends soon, the bounds
on lists of vehicles, and who knows addresses."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from fleet.settings import SettingsGroup


def _address_url(url: str | None) -> str | None:
    if url is not None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "{q}" not in url:
            raise ValueError("must be http:// or https://, with {q} where the question stands")
    return url


class ContactSettings(SettingsGroup):
    """The limits on the silence of trackers."""

    live_late_intervals: float = Field(
        3.0, gt=0, description="a tracker under way is late after so many of its usual intervals"
    )
    live_late_min_s: float = Field(
        120.0, gt=0, description="a tracker is never late sooner than this after its last ping"
    )
    live_silent_after_h: float = Field(
        24.0,
        gt=0,
        description="a tracker is silent when it is longer than this beyond the days, such as "
        "weekends, that it is usually silent for",
    )


class InventorySettings(SettingsGroup):
    """The settings of the inventory, and the bounds on the lists of vehicles that people upload."""

    contract_warning_days: int = Field(
        180, ge=0, description="days before its end from which on a contract is said to end soon"
    )
    vehicle_list_rows_max: int = Field(
        20_000, ge=1, description="rows of a list of vehicles that people upload"
    )
    vehicle_list_days: int = Field(
        30, ge=1, description="days that such a list and its bad cells are kept; the vehicles stay"
    )


class AddressSettings(SettingsGroup):
    """The service that knows addresses, and the bounds on asking it."""

    address_url: Annotated[str | None, AfterValidator(_address_url)] = Field(
        None,
        description="service that finds addresses for depots, with {q} where the question stands, "
        "such as https://api.dataforsyningen.dk/adgangsadresser?struktur=mini&per_side=10&q={q}; "
        "absent: none is asked",
    )
    address_wait_max_s: float = Field(
        5.0, gt=0, description="how long it is waited for before a visitor is told that it is away"
    )
    address_answer_max_bytes: int = Field(
        500_000, ge=1_000, description="an answer of it that is larger is refused"
    )
