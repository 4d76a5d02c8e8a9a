"""Settings of access: passwords, links, sessions, and how often people may try to sign in."""

from pydantic import Field

from access.attempts import Allowance
from fleet.settings import SettingsGroup


class AccessSettings(SettingsGroup):
    """The settings of passwords, links, sessions, tokens and sign-in."""

    password_memory_kib: int = Field(
        65_536, ge=8, le=4_194_304, description="memory that hashing one password takes (argon2id)"
    )
    password_passes: int = Field(
        3, ge=1, le=100, description="passes over that memory; more take longer"
    )
    password_hashes_at_once: int = Field(
        2,
        ge=1,
        le=64,
        description="passwords that a process hashes at the same time for strangers, and as many "
        "for people from places that they signed in from",
    )
    password_hashes_waiting_max: int = Field(
        50,
        ge=0,
        description="passwords that wait for their turn; who comes after them is asked to wait",
    )
    link_hours: float = Field(
        72.0, gt=0, le=8760, description="hours for which a one-time link works"
    )
    session_idle_minutes: float = Field(
        60.0, ge=5, le=527_040, description="a session ends when it was not used for so long"
    )
    session_hours: float = Field(
        12.0, gt=0, le=8760, description="a session ends after so many hours, however much used"
    )
    sessions_each_max: int = Field(
        20, ge=1, le=1_000, description="sessions of one person; a further one ends the oldest"
    )
    token_days_max: int = Field(
        731, ge=1, le=36_525, description="longest time for which a program's token may be made"
    )
    name_attempts: int = Field(
        10,
        ge=1,
        le=1_000_000,
        description="attempts in a row to sign in by one name: from all places together that the "
        "person has not signed in from, and by themselves from each that they have",
    )
    name_attempt_every_s: float = Field(
        120.0, gt=0, le=86_400, description="after them, one more is allowed each so many seconds"
    )
    source_attempts: int = Field(
        50,
        ge=1,
        le=1_000_000,
        description="failed attempts in a row from one network address, by whatever names",
    )
    source_attempt_every_s: float = Field(
        30.0, gt=0, le=86_400, description="after them, one more is allowed each so many seconds"
    )
    known_source_days: int = Field(
        90, ge=1, le=3_653, description="days for which such a place is remembered"
    )

    @property
    def allowance_of_name(self) -> Allowance:
        return Allowance(self.name_attempts, self.name_attempt_every_s)

    @property
    def allowance_of_source(self) -> Allowance:
        return Allowance(self.source_attempts, self.source_attempt_every_s)


class _InForce:
    """The settings of this process. A start decides them for all callers of acts and readers, so
    that none of them can go by others."""

    settings = AccessSettings.model_construct()


def access_settings() -> AccessSettings:
    """The settings that are in force in this process; until a start sets them, the defaults."""
    return _InForce.settings


def put_in_force(settings: AccessSettings) -> None:
    """Let all of access go by these settings. The start of a server and of a command calls it."""
    _InForce.settings = settings
