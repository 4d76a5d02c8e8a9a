"""The actors of changes for which nobody is asked for a name: only the way in is known."""

from fleet.actor import Actor

#: A visitor of the pages, by a form that asks for no name.
AT_PAGES = Actor("pages")

#: A program, by a request of the interface that names nobody.
AT_INTERFACE = Actor("interface")

#: Whoever runs a command.
AT_COMMAND_LINE = Actor("command line")
