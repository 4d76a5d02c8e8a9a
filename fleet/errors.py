"""The errors whose message is meant for the person who asked."""


class ToldError(Exception):
    """A mistake of the person who asked, or a state of the world, that nothing here can mend.

    The message is a line for that person: it says what is wrong and names where. A command prints
    it and ends, without a traceback.
    """
