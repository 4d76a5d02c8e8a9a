"""Plans as documents: confirmed, read again when corrected, exported, and those of next year."""
