"""The base of the errors whose message is meant for the person who asked, and the one that keeps
two people from overwriting each other unseen."""


class ExpectedError(Exception):
    """The person who asked made a mistake, or the program meets a state of the world that it cannot
    mend.

    The message is a line for that person: it says what is wrong and where. A command prints the
    line and ends without a traceback.
    """


class ChangedSinceError(ExpectedError, ValueError):
    """Somebody else changed a thing since the actor saw it: that is shown to them first."""


def refuse_unseen(seen: int | None, changes: int) -> None:
    """Refuse an act whose actor `seen` another number of `changes` than there are. None: they did
    not look.

    Raises:
        ChangedSinceError: somebody else made a change.
    """
    if seen is not None and seen != changes:
        raise ChangedSinceError("somebody else changed it meanwhile")
