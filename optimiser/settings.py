"""Settings of the optimiser: how long it may take, and what a round of proposals assumes."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field
from pydantic_settings import NoDecode

from fleet.settings import KnownSettings


def _words(given: object) -> object:
    """Words from text with commas, as the environment has it, or from a list."""
    if not isinstance(given, str):
        return given
    return tuple(word for part in given.split(",") if (word := part.strip()))


class OptimiserSettings(KnownSettings):
    """Time limits, and assumptions of rounds and studies."""

    optimiser_seconds_max: float = Field(60.0, gt=0, description="time limit of one optimisation")
    optimiser_gap: float = Field(
        0.001, ge=0, lt=1, description="relative gap at which an optimisation may stop"
    )
    study_seconds_max: float = Field(
        20.0,
        gt=0,
        description="time limit of each optimisation of a sensitivity, curve or backtest",
    )
    sensitivity_share: float = Field(
        0.2, gt=0, lt=1, description="how far prices and demand are moved to see what stands"
    )
    curve_solves: int = Field(
        6, ge=2, description="optimisations of each depot for the curve of cost against CO2e"
    )
    curve_price_max_kr_t: float = Field(
        100_000.0, gt=0, description="price of a tonne of CO2e at which that curve ends"
    )
    backtest_share: float = Field(
        0.6, gt=0, lt=1, description="share of the weeks on which the backtest chooses its fleet"
    )
    what_if_seconds_max: float = Field(
        10.0, gt=0, description="time limit of each optimisation of a what-if"
    )
    what_if_days: int = Field(
        30, ge=1, description="days after which a what-if goes that nobody kept"
    )
    trips_wait_s: float = Field(
        600.0,
        ge=0,
        description="seconds that a round waits for trips of positions that came before it; then "
        "it fails, as it would call vehicles unknown that drove",
    )
    stated_kwh_km: float = Field(
        0.2, gt=0, description="kWh per km of electric kinds whose consumption is not known"
    )
    least_saving_kr_year: float = Field(
        5_000.0,
        ge=0,
        description="a change of the fleet that saves less kr. a year than this is not proposed",
    )
    changed_kr_year: float = Field(
        500.0,
        ge=0,
        description="kr. a year by which a proposal must save more or less than in the round before"
        " to count as changed: less is within what other weeks of trips make of the same fleet",
    )
    changed_share: float = Field(
        0.01,
        ge=0,
        lt=1,
        description="share of what it saved by which it must differ besides",
    )
    greenest_within: float = Field(
        0.02,
        ge=0,
        lt=1,
        description="share of the least cost by which the greenest fleet that a round names may "
        "cost more",
    )
    reserve_vehicles: int = Field(
        1,
        ge=0,
        le=100,
        description="motor vehicles of a depot that are never needed at once, for the workshop",
    )
    reserve_from_vehicles: int = Field(
        5, ge=1, description="motor vehicles of a depot from which on it holds that reserve"
    )
    workshop_ready: bool = Field(
        True,
        description="keep so many vehicles that no more trips than today lack one while one is in "
        "the workshop",
    )
    workshop_copies: int = Field(
        2,
        ge=0,
        le=50,
        description="how often the trips count for that rule once more with other times of day",
    )
    workshop_shift_min: float = Field(
        30.0,
        gt=0,
        le=720,
        description="minutes by which a round trip begins earlier or later at most in these",
    )
    no_fallback_departments: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)] = Field(
        ("hjemmepleje", "sygepleje"),
        description="departments whose trips may not go by taxi: those with one of these words in "
        "their name, separated by commas",
    )
    contract_horizon_days: int = Field(
        365, ge=0, description="a contract that runs longer than this keeps its vehicle"
    )
    order_months: int = Field(
        6,
        ge=0,
        le=60,
        description="months before a vehicle is needed by which it is ordered: an estimate of how "
        "long delivery takes",
    )
    ledger_silent_days: int = Field(
        14,
        ge=1,
        description="days of silence after which the follow-up asks whether a vehicle that is to "
        "go has gone",
    )
    trial_days: int = Field(
        400,
        ge=1,
        description="days back for which it is tried, each night and again when late data come, "
        "whether the proposed fleet would have coped",
    )
    trial_at_once: int = Field(
        500,
        ge=1,
        description="days of depots that are tried at a time; those that are left wait for the "
        "next hour",
    )
    evaluation_known_min: float = Field(
        0.8,
        gt=0,
        le=1,
        description="share of the pilot's vehicles that must be known in a period, for what they "
        "drove to be compared with that of another one",
    )
    roll_out_chips_month: int = Field(
        20,
        ge=1,
        le=10_000,
        description="trackers that are put in a month in the roll-out plan, until somebody says "
        "how many: an estimate",
    )
    round_rules: Path | None = Field(
        None, description="TOML file with the rules of a round; absent: those of the product"
    )
