"""Settings of the register: when a tracker is late or silent, when a contract ends soon, and the
bounds on lists of vehicles."""

from pydantic import Field

from fleet.settings import SettingsGroup


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
