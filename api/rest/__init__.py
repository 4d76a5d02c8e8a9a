"""The JSON interface for programs, and the document that describes it."""
