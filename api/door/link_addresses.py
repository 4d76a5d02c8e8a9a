"""The addresses of the pages at which one-time links are used."""

from api.settings import Settings

#: The path of the page at which a person uses a link of an account. The token stands in the query,
#: for the log tells paths.
LINK_PATH = "/link?token={token}"

#: The path of the page at which the first administrator is made.
FIRST_LINK_PATH = "/first-administrator?token={token}"

#: The path of the page at which who is asked in a follow-up of a plan answers.
FOLLOW_UP_PATH = "/follow-up?token={token}"


def follow_up_address(settings: Settings, token: str) -> str:
    """The whole address of a link of a follow-up, for its mail or to be handed over."""
    return settings.pages_address + FOLLOW_UP_PATH.format(token=token)


def link_address(settings: Settings, token: str) -> str:
    """The whole address of a link of an account, to be handed to its person."""
    return settings.pages_address + LINK_PATH.format(token=token)


def first_link_address(settings: Settings, token: str) -> str:
    """The whole address of a link that makes the first administrator."""
    return settings.pages_address + FIRST_LINK_PATH.format(token=token)
