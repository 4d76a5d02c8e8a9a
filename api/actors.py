"""The actors of changes for which nobody is asked for a name: they name only the way in."""

from fleet.actor import Actor

#: A visitor of the pages who sends a form that asks for no name.
AT_PAGES = Actor.trusted("pages")

#: The person who runs a command.
AT_COMMAND_LINE = Actor.trusted("command line")
