"""Who comes in to pages and interface in tests."""

#: The name that is stored with what a test changes through pages and interface.
TESTER = "pages"
