"""The only place with SQL: the schema, named statements, and connections to a server."""
