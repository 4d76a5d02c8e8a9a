"""Layout undone: page furniture, bullets, wraps and hyphens, until paragraphs are left."""
