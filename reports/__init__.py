"""Says on paper what a round found: documents as plain values, and their shapes as files."""
