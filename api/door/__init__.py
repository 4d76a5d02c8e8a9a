"""The door: what each address asks of who comes, and who that is."""
