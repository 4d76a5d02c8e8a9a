"""Settings of the follow-up of plans."""

from datetime import date, timedelta

from pydantic import Field

from fleet.settings import SettingsGroup


class FollowUpSettings(SettingsGroup):
    """The days of a follow-up: when answers are asked for, when people are reminded, and when a
    milestone counts as silent."""

    follow_up_answer_days: int = Field(
        10, ge=0, le=90, description="days after the end of a quarter by which owners are to answer"
    )
    follow_up_remind_days: int = Field(
        5, ge=1, le=90, description="days before that day on which who is silent is reminded, once"
    )
    follow_up_first_days: int = Field(
        2,
        ge=0,
        le=90,
        description="days that who was asked has at least before they are reminded, since a"
        " reminder on the day after a mail annoys",
    )
    follow_up_fallback_days: int = Field(
        3,
        ge=1,
        le=90,
        description="days between asking the deputy, after that day, and asking the centre",
    )
    follow_up_link_days: int = Field(
        14, ge=0, le=365, description="days after that day for which the links work"
    )
    follow_up_silent_days: int = Field(
        92,
        ge=1,
        le=730,
        description="days after which a milestone of which nobody says anything counts as silent:"
        " a quarter, since owners are asked each quarter",
    )

    def silent_since(self, today: date) -> date:
        """The day from which silence counts."""
        return today - timedelta(days=self.follow_up_silent_days)
