"""Who acts where nobody is asked for a name: what is known of a person is how they came in."""

from fleet.actor import Actor

#: A visitor of the pages, by a form that asks for no name.
AT_PAGES = Actor("pages")

#: A program, by a request of the interface that names nobody.
AT_INTERFACE = Actor("interface")

#: Whoever runs a command.
AT_COMMAND_LINE = Actor("command line")
