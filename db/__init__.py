"""The only place with SQL: the schema, named statements, and the way to a server."""
