"""The base of the errors whose message is meant for the person who asked."""


class ExpectedError(Exception):
    """The person who asked made a mistake, or the program meets a state of the world that it cannot
    mend.

    The message is a line for that person: it says what is wrong and where. A command prints the
    line and ends without a traceback.
    """
