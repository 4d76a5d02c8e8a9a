"""The reasons why a sign-in at the municipality's provider lets nobody in."""

from enum import StrEnum

from fleet.errors import ExpectedError


class OpenIdFault(StrEnum):
    """The reasons, as people are told them."""

    PROVIDER_AWAY = "the municipality's sign-in does not answer"
    PROVIDER_UNUSABLE = "the municipality's sign-in answers what cannot be used"
    PROVIDER_REFUSED = "the municipality's sign-in let nobody in"
    NOT_BEGUN_HERE = "the sign-in was not begun in this browser, or too long ago"
    CODE_REFUSED = "the sign-in was used already, or took too long"
    TOKEN_REFUSED = "what the municipality's sign-in says of the person is not valid"  # noqa: S105
    NO_GROUPS = "the municipality's sign-in tells no groups of the person"
    NO_ROLE = "no group of the person has a role here"
    CLOSED = "the account is closed"


class OpenIdError(ExpectedError, ValueError):
    """A sign-in at the provider lets nobody in. `detail` tells operators more, and nothing of the
    person."""

    def __init__(self, fault: OpenIdFault, detail: str = "") -> None:
        super().__init__(f"{fault.value}: {detail}" if detail else fault.value)
        self.fault = fault
        self.detail = detail
