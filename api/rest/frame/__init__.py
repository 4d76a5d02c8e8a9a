"""The parts that all operations of the JSON interface share: bodies, pages, problems."""
