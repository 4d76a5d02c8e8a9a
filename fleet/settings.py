"""Reads settings from the environment (`FLAADE_…`) or a TOML file; a wrong one stops the start.

The file is `flaade.toml` in the working directory, or the one that `FLAADE_CONFIG` names. The
environment wins over the file. Each room has a group of settings of its own; `api/settings.py` puts
them together.
"""

import ipaddress
import os
from pathlib import Path
from typing import Annotated, TypeVar, cast

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from fleet.errors import ExpectedError

ENV_PREFIX = "FLAADE_"


class SettingsError(ExpectedError, ValueError):
    """A setting is wrong. The message is one line that names it."""


Port = Annotated[int, Field(ge=0, le=65535)]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: The networks from which trackers without a key may send, until a setting names others.
LOOPBACK: tuple[Network, ...] = (
    ipaddress.ip_network("127.0.0.0/8"),
    ipaddress.ip_network("::1/128"),
)


def parse_networks(given: object) -> object:
    """Networks from text with commas, as the environment has it, or from a list of text."""
    parts = cast(object, given.split(",") if isinstance(given, str) else given)
    if not isinstance(parts, list):
        return parts
    return tuple(ipaddress.ip_network(str(part).strip()) for part in cast(list[object], parts))


#: The most that a number with decimals may be, in whatever unit: of seconds it is 31 years.
MOST = 1e9


class SettingsGroup(BaseSettings):
    """Base of the settings of one room, and of the settings of a program, which are composed of
    such groups. Durations are in the unit of the name."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, extra="forbid", frozen=True, allow_inf_nan=False
    )

    @field_validator("*")
    @classmethod
    def _within_reason(cls, value: object) -> object:
        """Sums and waits are made of these numbers; one beyond all reason is a slip."""
        if isinstance(value, float) and abs(value) > MOST:
            raise ValueError(f"must be at most {MOST:,.0f}")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        path = Path(os.environ.get(ENV_PREFIX + "CONFIG", "flaade.toml"))
        return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, path))


class KnownSettings(SettingsGroup):
    """The limit from which on the use of a vehicle is known; see `fleet.known`."""

    coverage_min: float = Field(
        0.8,
        ge=0,
        le=1,
        description="a vehicle of which a smaller share of the working days is known is unknown",
    )


Loaded = TypeVar("Loaded", bound=SettingsGroup)


def load_group(settings: type[Loaded]) -> Loaded:
    """Read the settings in force of a group.

    Raises:
        SettingsError: a value is wrong, a name is unknown, or the file cannot be read.
    """
    known = {ENV_PREFIX + name.upper() for name in settings.model_fields} | {ENV_PREFIX + "CONFIG"}
    for name in sorted(os.environ):
        # FLAADE_TEST_… steers the test suite, not the server.
        if (
            name.startswith(ENV_PREFIX)
            and name not in known
            and not name.startswith("FLAADE_TEST_")
        ):
            raise SettingsError(f"{name}: there is no such setting")
    config = os.environ.get(ENV_PREFIX + "CONFIG")
    if config is not None and not os.path.isfile(config):  # noqa: PTH113 - raises for none
        raise SettingsError(f"{ENV_PREFIX}CONFIG: no file at {config}")
    try:
        return settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = ENV_PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        shown = repr(first["input"])[:80]
        raise SettingsError(f"{name}: {first['msg']} (got {shown})") from None
    except OSError as error:
        raise SettingsError(f"{config or 'flaade.toml'}: {error.strerror}") from None
    except ValueError as error:
        raise SettingsError(f"{config or 'flaade.toml'}: {error}") from None
