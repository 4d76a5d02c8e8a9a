"""Doubts about an id that looks like an IMEI and is none. Such an id is taken all the same: some
cheap trackers have one."""

from enum import StrEnum

#: The digits of an IMEI; the last one checks the others.
IMEI_DIGITS = 15

#: The most digits that a phone's app makes up for itself.
_MADE_UP_DIGITS = 8


class ImeiDoubt(StrEnum):
    """Why an id of digits is no IMEI."""

    LENGTH = "length"
    CHECK_DIGIT = "check_digit"


def imei_doubt(device: str) -> ImeiDoubt | None:
    """The doubt about an id; None: it is an IMEI, or does not look like one."""
    if not (device.isascii() and device.isdecimal()) or len(device) <= _MADE_UP_DIGITS:
        return None
    if len(device) != IMEI_DIGITS:
        return ImeiDoubt.LENGTH
    return None if _passes_check(device) else ImeiDoubt.CHECK_DIGIT


def _passes_check(imei: str) -> bool:
    """Whether the last digit is the check digit of the others, by the rule of Luhn."""
    doubled = [int(digit) * (1 + at % 2) for at, digit in enumerate(imei)]
    return sum(one - 9 if one > 9 else one for one in doubled) % 10 == 0
